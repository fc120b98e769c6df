import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isAbove } from './card-place.ts'

describe('the card of a cell', () => {
  const cases: [title: string, chartTop: number, chartBottom: number, above: boolean][] = [
    ['is below its chart', 300, 500, false],
    ['is below its chart, if it just fits', 600, 800, false],
    ['is over its chart at the lower end of the screen', 601, 801, true],
    ['is over its chart, if it just fits', 150, 950, true],
    ['is below a chart that leaves room neither over nor below it', 149, 950, false],
  ]
  for (const [title, chartTop, chartBottom, above] of cases)
    test(title, () =>
      assert.equal(isAbove({ chartTop, chartBottom, cardHeight: 100, screenTop: 50, screenBottom: 900 }), above),
    )
})
