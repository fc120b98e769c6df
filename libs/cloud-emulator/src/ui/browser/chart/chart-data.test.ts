import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { querySeries } from '../../../../test/testing/query-answer.ts'
import { isolatedRows, latestValue, stack, toColumns } from './chart-data.ts'

describe('series as columns', () => {
  it('are aligned to the union of their times', () => {
    const { times, columns } = toColumns(
      [
        querySeries({ timesMs: [60_000, 120_000], values: [1, 2] }),
        querySeries({ timesMs: [120_000, 180_000], values: [3, true] }),
      ],
      60,
    )
    assert.deepEqual(times, [60, 120, 180])
    assert.deepEqual(columns, [
      [1, 2, null],
      [null, 3, 1],
    ])
  })

  it('are interrupted at common gaps', () => {
    const { times, columns } = toColumns([querySeries({ timesMs: [60_000, 300_000], values: [1, 2] })], 60)
    assert.deepEqual(times, [60, 120, 300])
    assert.deepEqual(columns, [[1, null, 2]])
  })

  it('have no number for strings, NaN and empty distributions', () => {
    const distributions = [
      { count: 0, mean: 0, counts: [] },
      { count: 2, mean: 0.5, counts: [2] },
    ]
    assert.deepEqual(toColumns([querySeries({ timesMs: [1000, 2000], values: ['x', Number.NaN] })], 60).columns, [
      [null, null],
    ])
    assert.deepEqual(toColumns([querySeries({ timesMs: [1000, 2000], distributions })], 60).columns, [[null, 0.5]])
  })

  it('return the start of the unfinished period', () => {
    const { partialAfterMs } = toColumns(
      [
        querySeries({ timesMs: [60_000, 120_000, 130_000], values: [1, 2, 3], partialFrom: 2 }),
        querySeries({ timesMs: [60_000], values: [1], partialFrom: 1 }),
      ],
      60,
    )
    assert.equal(partialAfterMs, 120_000)
  })
})

describe('the latest value', () => {
  for (const [name, series, expected] of [
    [
      'is that of the last complete period',
      querySeries({ timesMs: [1, 2, 3], values: [5, 6, 7], partialFrom: 2 }),
      [6, 2, false],
    ],
    ['skips periods without one', querySeries({ timesMs: [1, 2], values: [5, null] }), [5, 1, false]],
    [
      'is that of the unfinished period if there is no other',
      querySeries({ timesMs: [3], values: [7], partialFrom: 0 }),
      [7, 3, true],
    ],
  ] as const) {
    it(name, () => {
      const latest = latestValue(series)
      assert.deepEqual([latest?.value, latest?.timeMs, latest?.partial], expected)
    })
  }
  it('is undefined without points', () =>
    assert.equal(latestValue(querySeries({ timesMs: [], values: [] })), undefined))
})

describe('a stack', () => {
  it('sums upwards; a missing value counts as 0, a missing row stays missing', () => {
    assert.deepEqual(
      stack([
        [1, null, null],
        [10, 20, null],
      ]),
      [
        [1, 0, null],
        [11, 20, null],
      ],
    )
  })
  it('of nothing is nothing', () => assert.deepEqual(stack([]), []))
})

it('points without neighbours are found', () => assert.deepEqual(isolatedRows([1, null, 2, 3, null, 4]), [0, 5]))
