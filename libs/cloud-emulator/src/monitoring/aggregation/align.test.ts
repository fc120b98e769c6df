import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { series, type TestPoint, valuesOf, WINDOWS } from '../../../test/testing/point-series.ts'
import { randomNumbers, testSeed } from '../../../test/testing/random.ts'
import type { ValueType } from '../../contract/metrics.ts'
import { alignSeries, windowsOf } from './align.ts'
import type { Aligner } from './aligners.ts'

const MINUTE = 60e6

test('periods end at the end of the interval, and the first may start before it', () => {
  const seconds = (from: number, to: number) =>
    windowsOf({ afterMicros: from * 1e6, endMicros: to * 1e6, periodMicros: MINUTE }).map(
      (window) => window.endMicros / 1e6,
    )
  assert.deepEqual(seconds(0, 180), [60, 120, 180])
  assert.deepEqual(seconds(30, 180), [60, 120, 180])
  assert.deepEqual(seconds(60, 180), [120, 180])
  assert.deepEqual(seconds(170, 180), [180])
})

describe('aligners of gauges', () => {
  const gauge: TestPoint[] = [
    [0, 99],
    [10, 4],
    [60, 6],
    [61, 1],
    [180, 8],
  ]
  const cases: [Aligner, Record<string, unknown>][] = [
    ['ALIGN_MEAN', { 60: 5, 120: 1, 180: 8 }],
    ['ALIGN_MIN', { 60: 4, 120: 1, 180: 8 }],
    ['ALIGN_MAX', { 60: 6, 120: 1, 180: 8 }],
    ['ALIGN_SUM', { 60: 10, 120: 1, 180: 8 }],
    ['ALIGN_COUNT', { 60: 2n, 120: 1n, 180: 1n }],
    ['ALIGN_STDDEV', { 60: 1, 120: 0, 180: 0 }],
    ['ALIGN_NEXT_OLDER', { 60: 6, 120: 1, 180: 8 }],
    ['ALIGN_INTERPOLATE', { 60: 6, 120: 1 + (7 * 59) / 119, 180: 8 }],
    // The first point, at 0, begins the 10 minutes.
    [
      'ALIGN_PERCENT_CHANGE',
      {
        60: ((109 / 3 - 99) / 99) * 100,
        120: ((110 / 4 - 109 / 3) / (109 / 3)) * 100,
        180: ((118 / 5 - 110 / 4) / (110 / 4)) * 100,
      },
    ],
  ]
  for (const [aligner, expected] of cases)
    test(aligner, () => assert.deepEqual(valuesOf(alignSeries(series(gauge), aligner, WINDOWS)), expected))

  test('integers stay integers', () => {
    const result = alignSeries(
      series(
        [
          [10, 4n],
          [20, 5n],
        ],
        { type: 'INT64' },
      ),
      'ALIGN_MAX',
      WINDOWS,
    )
    assert.deepEqual([result.valueType, valuesOf(result)], ['INT64', { 60: 5n }])
  })

  test('booleans', () => {
    const flags = series(
      [
        [10, true],
        [20, false],
        [30, true],
        [70, false],
      ],
      { type: 'BOOL' },
    )
    assert.deepEqual(valuesOf(alignSeries(flags, 'ALIGN_COUNT_TRUE', WINDOWS)), { 60: 2n, 120: 0n })
    assert.deepEqual(valuesOf(alignSeries(flags, 'ALIGN_COUNT_FALSE', WINDOWS)), { 60: 1n, 120: 1n })
    assert.deepEqual(valuesOf(alignSeries(flags, 'ALIGN_FRACTION_TRUE', WINDOWS)), { 60: 2 / 3, 120: 0 })
    assert.deepEqual(valuesOf(alignSeries(flags, 'ALIGN_NEXT_OLDER', WINDOWS)), { 60: true, 120: false })
  })

  test('interpolation has no limit', () => {
    assert.deepEqual(
      valuesOf(
        alignSeries(
          series([
            [10, 1],
            [180, 2],
          ]),
          'ALIGN_INTERPOLATE',
          WINDOWS,
        ),
      ),
      { 60: 1 + 50 / 170, 120: 1 + 110 / 170, 180: 2 },
    )
  })

  const change = (points: TestPoint[]) => valuesOf(alignSeries(series(points), 'ALIGN_PERCENT_CHANGE', WINDOWS))
  const changes: [what: string, points: TestPoint[], expected: Record<string, number>][] = [
    [
      'from 0 to 0 is 0',
      [
        [0, 0],
        [60, 0],
      ],
      { 60: 0, 120: 0, 180: 0 },
    ],
    [
      'from 0 to anything else is infinite',
      [
        [0, 0],
        [60, 4],
      ],
      { 60: Number.POSITIVE_INFINITY, 120: 0, 180: 0 },
    ],
    [
      'ignores negative values',
      [
        [0, 10],
        [30, -50],
        [60, 20],
      ],
      { 60: 50, 120: 0, 180: 0 },
    ],
    [
      'compares means of the 10 minutes before',
      [
        [-600, 1000],
        [-540, 10],
        [0, 30],
        [60, 40],
      ],
      { 60: 75, 120: 0, 180: 0 },
    ],
    ['needs values before the period', [[60, 1]], { 120: 0, 180: 0 }],
  ]
  for (const [what, points, expected] of changes)
    test(`ALIGN_PERCENT_CHANGE ${what}`, () => assert.deepEqual(change(points), expected))
})

describe('counters', () => {
  const counter = (points: readonly TestPoint[], type: ValueType = 'DOUBLE') =>
    series(points, { kind: 'CUMULATIVE', type })

  test('DELTA splits a change in proportion to time', () => {
    const result = alignSeries(
      counter([
        [0, 100, -60],
        [90, 190, -60],
        [120, 200, -60],
      ]),
      'ALIGN_DELTA',
      WINDOWS,
    )
    assert.deepEqual(valuesOf(result), { 60: 60, 120: 40 })
    assert.deepEqual([result.metricKind, result.points[0]?.startMicros], ['DELTA', 0])
  })

  test('RATE is the change per second of the time that has data', () => {
    const result = alignSeries(
      counter([
        [0, 0, -60],
        [60, 120, -60],
        [90, 180, -60],
      ]),
      'ALIGN_RATE',
      WINDOWS,
    )
    assert.deepEqual(valuesOf(result), { 60: 2, 120: 2 })
    assert.deepEqual([result.metricKind, result.valueType], ['GAUGE', 'DOUBLE'])
  })

  test('after a reset everything since then is included', () => {
    const result = alignSeries(
      counter([
        [0, 1000, -60],
        [30, 1030, -60],
        [60, 5, 50],
        [120, 11, 50],
      ]),
      'ALIGN_DELTA',
      WINDOWS,
    )
    assert.deepEqual(valuesOf(result), { 60: 35, 120: 6 })
  })

  test('a decreasing value is also a reset, without a new start time', () => {
    assert.deepEqual(
      valuesOf(
        alignSeries(
          counter([
            [0, 1000, -60],
            [60, 10, -60],
          ]),
          'ALIGN_DELTA',
          WINDOWS,
        ),
      ),
      { 60: 10 },
    )
  })

  test('integer deltas stay integers, and their sum is exact', () => {
    const result = alignSeries(
      counter(
        [
          [0, 0n, -60],
          [180, 10n, -60],
        ],
        'INT64',
      ),
      'ALIGN_DELTA',
      WINDOWS,
    )
    assert.deepEqual(valuesOf(result), { 60: 3n, 120: 4n, 180: 3n })
  })

  test('the first point is an increase since its start time, unless earlier points were dropped', () => {
    const points: TestPoint[] = [
      [60, 100, 0],
      [120, 130, 0],
    ]
    assert.deepEqual(valuesOf(alignSeries(counter(points), 'ALIGN_DELTA', WINDOWS)), { 60: 100, 120: 30 })
    assert.deepEqual(valuesOf(alignSeries({ ...counter(points), truncated: true }, 'ALIGN_DELTA', WINDOWS)), {
      120: 30,
    })
  })

  test('totals beyond 2^53 are subtracted exactly', () => {
    const total = 2n ** 62n
    const points: TestPoint[] = [
      [0, total, -60],
      [60, total + 7n, -60],
    ]
    assert.deepEqual(valuesOf(alignSeries(counter(points, 'INT64'), 'ALIGN_DELTA', WINDOWS)), { 60: 7n })
    assert.deepEqual(valuesOf(alignSeries(counter(points, 'INT64'), 'ALIGN_RATE', WINDOWS)), { 60: 7 / 60 })
  })

  const seed = testSeed()
  test(`DELTA over all periods is the total count, regardless of points and resets (TEST_SEED=${seed})`, () => {
    const random = randomNumbers(seed)
    for (let round = 0; round < 200; round++) {
      const points: TestPoint[] = [[0, 0n, -1]]
      let [start, end, total, counted] = [-1, 0, 0, 0]
      while (end < 170) {
        const next = Math.min(180, end + 1 + Math.floor(random() * 50))
        const came = Math.floor(random() * 1000)
        if (random() < 0.2) [start, total] = [end + 0.001, 0]
        total += came
        counted += came
        end = next
        points.push([end, BigInt(total), start])
      }
      const { points: aligned } = alignSeries(counter(points, 'INT64'), 'ALIGN_DELTA', WINDOWS)
      const sum = aligned.reduce((sum, { value }) => sum + Number(value), 0)
      assert.equal(
        sum,
        counted,
        JSON.stringify(points, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
      )
    }
  })

  test('a period without data has no point', () => {
    assert.deepEqual(
      valuesOf(
        alignSeries(
          counter([
            [0, 0, -60],
            [60, 6, -60],
          ]),
          'ALIGN_RATE',
          WINDOWS,
        ),
      ),
      { 60: 0.1 },
    )
  })
})
