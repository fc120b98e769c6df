import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { formatDateTime } from '@node-to-cloud/browser-kit/format/time'
import { listenersOf, markupOf, textOf } from '@node-to-cloud/browser-kit/testing/view-text'
import type { LogCounts } from '../../../contract/logs.ts'
import { logHistogram } from './log-histogram.ts'

describe('bars of entries over time', () => {
  const counts: readonly LogCounts[] = [{ ERROR: 2, INFO: 1000, OTHER: 1 }, {}, { DEFAULT: 1 }]
  const periods: (readonly [number, number])[] = []
  const draw = (shown: readonly LogCounts[], stepMs: number, total: number) =>
    logHistogram({ startMs: 0, stepMs, counts: shown, total }, (...period) => periods.push(period))

  test('show the total and the maximum in a period', () => {
    const cases: [view: unknown, text: string][] = [
      [draw(counts, 60_000, 1004), '1,004 entries, at most 1,003 in 1 min'],
      [draw(counts, 7200, 1004), '1,004 entries, at most 1,003 in 7.2 s'],
      [draw([{ INFO: 1 }], 50, 1), '1 entry, at most 1 in 50 ms'],
      [draw([{}], 60_000, 0), '0 entries'],
    ]
    for (const [view, text] of cases) assert.equal(textOf(view), text)
  })

  test('show their time and severities, with known ones in order', () => {
    const titles = [...markupOf(draw(counts, 1000, 3)).matchAll(/title=([^\n]+)\n/g)].map(([, title]) => title)
    assert.deepEqual(titles.slice(0, 2), [
      `${formatDateTime(0)}: 1,000 INFO, 2 ERROR, 1 OTHER`,
      `${formatDateTime(1000)}: none`,
    ])
    assert.deepEqual(markupOf(draw(counts, 1000, 3)).match(/tabindex=\S+/g), [
      'tabindex=0',
      'tabindex=-1',
      'tabindex=0',
    ])
  })

  test('link to their periods', () => {
    for (const click of listenersOf(draw(counts, 1000, 3), 'click')) click(new Event('click'))
    assert.deepEqual(periods, [
      [0, 1000],
      [1000, 2000],
      [2000, 3000],
    ])
  })
})
