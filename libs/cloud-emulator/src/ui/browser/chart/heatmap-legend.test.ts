import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { formatClock } from '@node-to-cloud/browser-kit/format/time'
import { listenersOf, markupOf, textOf } from '@node-to-cloud/browser-kit/testing/view-text'
import type { HeatmapCell } from './heatmap-cells.ts'
import { cellView, colorScaleView } from './heatmap-legend.ts'

test('the colour scale ends at the maximum number of values in a cell', () => {
  assert.equal(textOf(colorScaleView(12_345)), '112,345 values in a cell · ● exemplar')
  assert.equal(textOf(colorScaleView(0)), '')
})

describe('a chosen cell', () => {
  const cell: HeatmapCell = {
    startMs: 60_000,
    endMs: 120_000,
    range: '1 ms – 2 ms',
    count: 1,
    exemplars: [],
  }
  const times = `${formatClock(60_000)} – ${formatClock(120_000)}`
  const show = (changes: Partial<HeatmapCell>, onClose = () => {}) =>
    cellView({ ...cell, ...changes }, { unit: 's', above: false, traceLink: (id) => `#/traces/${id}`, onClose })

  const traceId = '0123456789abcdef0123456789abcdef'
  const cases: [changes: Partial<HeatmapCell>, text: string][] = [
    [{}, `✕ 1 ms – 2 ms ${times} · 1 value There are no stored exemplars for this cell.`],
    [
      { count: 1200, exemplars: [{ timeMs: 90_000, value: 0.0015, traceId, labels: {} }] },
      `✕ 1 ms – 2 ms ${times} · 1,200 values ${formatClock(90_000)} 1.5 ms trace 01234567`,
    ],
    [
      { exemplars: [{ timeMs: 90_000, value: 1, labels: {} }] },
      `✕ 1 ms – 2 ms ${times} · 1 value ${formatClock(90_000)} 1 s without a trace`,
    ],
  ]
  for (const [changes, text] of cases) test(text, () => assert.equal(textOf(show(changes)), text))

  test('links to traces, and closes', () => {
    let closed = 0
    const view = show({ exemplars: [{ timeMs: 0, value: 1, traceId, labels: {} }] }, () => closed++)
    assert.match(markupOf(view), new RegExp(`href=#/traces/${traceId}`))
    for (const click of listenersOf(view, 'click')) click(new Event('click'))
    assert.equal(closed, 1)
  })
})
