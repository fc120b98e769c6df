import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { listenersOf, markupOf, textOf } from '@node-to-cloud/browser-kit/testing/view-text'
import { quantilesOf, seriesRow, shownRun } from '../../../../test/testing/shown-run.ts'
import { statisticsView } from './statistics-view.ts'

const show = (changes: Parameters<typeof shownRun>[0]) => statisticsView(shownRun(changes), () => {})
/** The text of a view with its cells apart. */
const cellsOf = (view: unknown): string => textOf(markupOf(view).replace(/<\/t[dh]>/g, ' | '))

describe('the statistics', () => {
  const refused = seriesRow({ name: '/down', requests: 4, failures: 4, bytes: 0, latencyMs: quantilesOf(0, 0) })
  const text = cellsOf(show({ series: [seriesRow({ failures: 1 }), refused], total: seriesRow({ requests: 14 }) }))

  it('have a row for each method and name', () =>
    assert.match(text, /GET \| \/ \| 10 \| 3 \| 2 \| 1 \| 0 \| 10 % \| 12 ms/))
  it('have no response time where nothing answered', () =>
    assert.match(text, /\/down \| 4 \| 3 \| 2 \| 4 \| 0 \| 100 % \|( – \|){9}/))
  it('have a total', () => assert.match(markupOf(show({ series: [seriesRow()], total: seriesRow() })), /class=total/))
  it('have the percentiles of the run', () => {
    const percentiles = [
      [50, 1],
      [99.5, 7],
    ] as const
    const row = seriesRow({ percentiles })
    assert.match(cellsOf(show({ series: [row], total: row })), /p50 \| p99\.5 \| Mean/)
  })
  it('name the seconds of their rates', () => {
    const row = { series: [seriesRow()], total: seriesRow() }
    assert.match(cellsOf(show(row)), /Per second now \| .*Failed per second now/)
    assert.match(cellsOf(show({ ...row, endedMs: 9000 })), /Per second at the end \| .*Failed per second at the end/)
  })
  it('say that no request was sent', () => assert.match(textOf(show({ series: [] })), /No request has been sent yet/))
  it('can be sorted by each column', () => {
    let sorted = 0
    const view = statisticsView(shownRun({ series: [seriesRow()], total: seriesRow() }), () => sorted++)
    const buttons = listenersOf(view, 'click')
    buttons[2]?.(new Event('click'))
    assert.deepEqual([buttons.length, sorted], [19, 1])
  })
})

describe('below the statistics', () => {
  it('bounds are kept, missed or only reported', () => {
    const bound = { metric: 'm', comparison: '<', limit: 1, value: 2.34567 } as const
    const bounds = [
      { ...bound, text: 'a', ok: true, strict: true },
      { ...bound, text: 'b', ok: false, strict: true },
      { ...bound, text: 'c', ok: false, strict: false, value: undefined },
    ]
    const markup = markupOf(show({ bounds }))
    assert.deepEqual(
      [...markup.matchAll(/pill (good|bad|warn)">(\w+)/g)].map(([, kind, word]) => `${word} ${kind}`),
      ['kept good', 'missed bad', 'missed warn'],
    )
    assert.match(cellsOf(show({ bounds })), /2\.346/)
  })
  it('scenarios have their share', () => {
    const scenarios = [{ name: 'buy', started: 1200, running: 3, ratio: 0.25 }]
    assert.match(cellsOf(show({ scenarios })), /buy \| 1,200 \| 3 \| 25 %/)
  })
  it('times of users that were not measured are none', () => {
    const none = quantilesOf(0, 0)
    assert.match(
      cellsOf(show({ lagMs: none, intendedLatencyMs: quantilesOf(4) })),
      /p50 \/ p99 \| 4 ms \/ 4 ms \|.*– \/ –/,
    )
  })
})
