import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { RpcError } from '../../rpc/status.ts'
import { randomNumbers, testSeed } from '../../testing/random.ts'
import { bucketLayout } from '../bucket-layout.ts'
import type { MetricKind, ValueType } from '../messages.ts'
import { type DistributionValue, isDistribution, type PointValue } from '../point-columns.ts'
import { aggregate, aggregatedType, readAggregation } from './aggregation.ts'
import { alignSeries, windowsOf } from './align.ts'
import { ALIGNERS, type Aligner } from './aligners.ts'
import { distributionDelta, distributionPercentile, mergeDistributions } from './distribution-math.ts'
import type { PointSeries } from './point-series.ts'
import { REDUCERS, type Reducer } from './reducers.ts'

const MINUTE = 60e6

/** Points as [seconds of the end, value, seconds of the start]; a gauge has no start. */
type TestPoint = [end: number, value: PointValue, start?: number]

function series(
  points: readonly TestPoint[],
  options: { kind?: MetricKind; type?: ValueType; labels?: Record<string, string>; resource?: string } = {},
): PointSeries {
  const { kind = 'GAUGE', type = 'DOUBLE', labels = {}, resource = 'global' } = options
  return {
    metricType: 'custom.googleapis.com/x',
    metricLabels: labels,
    resourceType: resource,
    resourceLabels: { project_id: 'p' },
    metricKind: kind,
    valueType: type,
    points: points.map(([end, value, start = end]) => ({ startMicros: start * 1e6, endMicros: end * 1e6, value })),
  }
}

/** Three periods of a minute: (0, 60], (60, 120], (120, 180]. */
const WINDOWS = windowsOf({ afterMicros: 0, endMicros: 3 * MINUTE, periodMicros: MINUTE })

function valuesOf(result: PointSeries): Record<string, unknown> {
  return Object.fromEntries(result.points.map((point) => [point.endMicros / 1e6, point.value]))
}

const layout = bucketLayout({ explicitBuckets: { bounds: [1, 2, 4] } })

function distribution(counts: readonly number[], mean = 1): DistributionValue {
  return { layout, counts, count: counts.reduce((sum, count) => sum + count, 0), mean, sumOfSquaredDeviation: 0 }
}

test('periods end at the end of the interval, and the first may begin before it', () => {
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
    ['ALIGN_PERCENT_CHANGE', { 120: -80, 180: 700 }],
  ]
  for (const [aligner, expected] of cases)
    test(aligner, () => assert.deepEqual(valuesOf(alignSeries(series(gauge), aligner, WINDOWS)), expected))

  test('whole numbers stay whole', () => {
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

  test('a neighbour more than two periods away is not interpolated to', () => {
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
      { 180: 2 },
    )
  })
})

describe('counters', () => {
  const counter = (points: readonly TestPoint[], type: ValueType = 'DOUBLE') =>
    series(points, { kind: 'CUMULATIVE', type })

  test('DELTA shares a change out by time', () => {
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

  test('RATE is a change a second, of the time that is covered', () => {
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

  test('after a reset all that was counted since counts', () => {
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

  test('a value that falls without a new start is a reset too', () => {
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

  test('whole deltas stay whole, and their sum stays right', () => {
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

  test('the first point counts from its start; where points before it were dropped it counts nothing', () => {
    const points: TestPoint[] = [
      [60, 100, 0],
      [120, 130, 0],
    ]
    assert.deepEqual(valuesOf(alignSeries(counter(points), 'ALIGN_DELTA', WINDOWS)), { 60: 100, 120: 30 })
    assert.deepEqual(valuesOf(alignSeries({ ...counter(points), truncated: true }, 'ALIGN_DELTA', WINDOWS)), {
      120: 30,
    })
  })

  test('totals beyond 2^53 are taken apart exactly', () => {
    const total = 2n ** 62n
    const points: TestPoint[] = [
      [0, total, -60],
      [60, total + 7n, -60],
    ]
    assert.deepEqual(valuesOf(alignSeries(counter(points, 'INT64'), 'ALIGN_DELTA', WINDOWS)), { 60: 7n })
    assert.deepEqual(valuesOf(alignSeries(counter(points, 'INT64'), 'ALIGN_RATE', WINDOWS)), { 60: 7 / 60 })
  })

  const seed = testSeed()
  test(`over all periods DELTA is what was counted, whatever the points and resets (TEST_SEED=${seed})`, () => {
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

describe('distributions', () => {
  const cumulative = (points: readonly TestPoint[]) => series(points, { kind: 'CUMULATIVE', type: 'DISTRIBUTION' })
  const counts = (result: PointSeries) =>
    Object.fromEntries(
      result.points.map(({ endMicros, value }) => [
        endMicros / 1e6,
        isDistribution(value) ? Array.from(value.counts) : value,
      ]),
    )

  test('DELTA takes buckets apart', () => {
    const result = alignSeries(
      cumulative([
        [0, distribution([1, 1, 0, 0]), -60],
        [30, distribution([2, 1, 0, 1]), -60],
        [60, distribution([2, 3, 0, 1]), -60],
        [120, distribution([2, 3, 5, 1]), -60],
      ]),
      'ALIGN_DELTA',
      WINDOWS,
    )
    assert.deepEqual(counts(result), { 60: [1, 2, 0, 1], 120: [0, 0, 5, 0] })
  })

  test('DELTA: after a reset everything counts', () => {
    assert.deepEqual(
      counts(
        alignSeries(
          cumulative([
            [0, distribution([9, 9, 9, 9]), -60],
            [60, distribution([1, 0, 0, 0]), 10],
          ]),
          'ALIGN_DELTA',
          WINDOWS,
        ),
      ),
      { 60: [1, 0, 0, 0] },
    )
  })

  test('mean and deviation of a delta', () => {
    const earlier = { ...distribution([2, 0, 0, 0], 1), sumOfSquaredDeviation: 2 }
    const later = { ...distribution([2, 2, 0, 0], 2), sumOfSquaredDeviation: 10 }
    assert.deepEqual(distributionDelta(later, earlier), {
      layout,
      counts: [0, 2, 0, 0],
      count: 2,
      mean: 3,
      sumOfSquaredDeviation: 4,
    })
    assert.equal(distributionDelta(earlier, later), undefined)
  })

  test('percentiles lie on the line within their bucket', () => {
    assert.equal(distributionPercentile(distribution([0, 10, 0, 0]), 0.5), 1.5)
    assert.equal(distributionPercentile(distribution([10, 0, 0, 0]), 0.5), 0.5)
    assert.equal(distributionPercentile(distribution([5, 5, 0, 0]), 0.5), 1)
    assert.equal(distributionPercentile(distribution([5, 0, 5, 0]), 0.95), 3.8)
    assert.equal(distributionPercentile(distribution([0, 0, 0, 1]), 0.99), 4)
    assert.ok(Number.isNaN(distributionPercentile(distribution([0, 0, 0, 0]), 0.5)))
  })

  test('merging other buckets puts counts in by their middle', () => {
    const other = bucketLayout({ explicitBuckets: { bounds: [2] } })
    const merged = mergeDistributions([
      distribution([1, 1, 1, 1]),
      { layout: other, counts: [4, 2], count: 6, mean: 2, sumOfSquaredDeviation: 0 },
    ])
    assert.deepEqual(Array.from(merged.counts), [1, 5, 3, 1])
    assert.equal(merged.count, 10)
    assert.equal(merged.mean, 1.6)
  })

  test('an exemplar that comes again with each point counts once, and the newest are kept', () => {
    const exemplar = (seconds: number) => ({ value: seconds, timestamp: { seconds, nanos: 0 } })
    const withExemplars = (points: readonly [end: number, exemplars: readonly number[]][]) => ({
      ...cumulative(points.map(([end]) => [end, distribution([end, 0, 0, 0]), -60])),
      points: points.map(([end, seconds]) => ({
        startMicros: -60e6,
        endMicros: end * 1e6,
        value: distribution([end, 0, 0, 0]),
        exemplars: seconds.map(exemplar),
      })),
    })
    const first = withExemplars([
      [30, [10, 20]],
      [60, [10, 50]],
      [90, [10, 50]],
      [120, [10, 100]],
    ])
    const secondsOf = (result: PointSeries | undefined) => {
      const points = result?.points ?? []
      return points.map(({ exemplars = [] }) => exemplars.map(({ timestamp }) => Number(timestamp?.seconds)))
    }
    assert.deepEqual(secondsOf(alignSeries(first, 'ALIGN_DELTA', WINDOWS)), [[10, 20, 50], [100]])
    const second = withExemplars([[60, [1, 2, 3, 4, 5, 6, 7, 8, 9, 55]]])
    const sum = { alignmentPeriod: { seconds: 60 }, perSeriesAligner: 1, crossSeriesReducer: 4, groupByFields: [] }
    const [reduced] = aggregate([first, second], readAggregation(sum), WINDOWS)
    assert.deepEqual(secondsOf(reduced), [[4, 5, 6, 7, 8, 9, 10, 20, 50, 55], [100]])
  })

  for (const [aligner, expected] of [
    ['ALIGN_PERCENTILE_50', 1],
    ['ALIGN_PERCENTILE_95', 3.8],
    ['ALIGN_PERCENTILE_99', 3.96],
    ['ALIGN_PERCENTILE_05', 0.1],
  ] as const) {
    test(`${aligner} of gauges`, () => {
      const result = alignSeries(
        series(
          [
            [10, distribution([5, 0, 0, 0])],
            [20, distribution([0, 0, 5, 0])],
          ],
          { type: 'DISTRIBUTION' },
        ),
        aligner,
        WINDOWS,
      )
      assert.equal(Number(result.points[0]?.value).toFixed(6), expected.toFixed(6))
      assert.equal(result.valueType, 'DOUBLE')
    })
  }
})

describe('reducers', () => {
  const members = [
    series(
      [
        [10, 1],
        [70, 10],
      ],
      { labels: { status: '200', pod: 'a' } },
    ),
    series([[10, 3]], { labels: { status: '200', pod: 'b' } }),
    series([[10, 5]], { labels: { status: '500', pod: 'b' } }),
  ]
  const reduce = (reducer: string, groupByFields: string[] = [], of = members) => {
    const number = Number(Object.entries(REDUCERS).find(([, name]) => name === reducer)?.[0])
    const aggregation = readAggregation({
      alignmentPeriod: { seconds: 60 },
      perSeriesAligner: 4,
      crossSeriesReducer: number,
      groupByFields,
    })
    return aggregate(of, aggregation, WINDOWS)
  }
  const cases: [Reducer, unknown][] = [
    ['REDUCE_MEAN', 3],
    ['REDUCE_MIN', 1],
    ['REDUCE_MAX', 5],
    ['REDUCE_SUM', 9],
    ['REDUCE_COUNT', 3n],
    ['REDUCE_STDDEV', Math.sqrt(8 / 3)],
    ['REDUCE_PERCENTILE_50', 3],
    ['REDUCE_PERCENTILE_95', 4.8],
    ['REDUCE_PERCENTILE_99', 4.96],
    ['REDUCE_PERCENTILE_05', 1.2],
  ]
  for (const [reducer, expected] of cases) {
    test(reducer, () => {
      const [result, ...more] = reduce(reducer)
      assert.equal(more.length, 0)
      assert.deepEqual(result?.metricLabels, {})
      const value = result?.points[0]?.value
      if (typeof expected === 'number') assert.ok(Math.abs(Number(value) - expected) < 1e-9, `${value}`)
      else assert.equal(value, expected)
    })
  }

  test('groups keep the labels that they are grouped by', () => {
    const result = reduce('REDUCE_SUM', ['metric.labels.status'])
    assert.deepEqual(
      result.map((one) => [one.metricLabels, valuesOf(one)]),
      [
        [{ status: '200' }, { 60: 4, 120: 10 }],
        [{ status: '500' }, { 60: 5 }],
      ],
    )
    assert.deepEqual(
      reduce('REDUCE_SUM', ['metric.label."pod"', 'resource.labels.project_id']).map((one) => [
        one.metricLabels,
        one.resourceLabels,
      ]),
      [
        [{ pod: 'a' }, { project_id: 'p' }],
        [{ pod: 'b' }, { project_id: 'p' }],
      ],
    )
  })

  test('the resource type always parts groups', () => {
    assert.equal(
      reduce('REDUCE_SUM', [], [series([[10, 1]]), series([[10, 1]], { resource: 'generic_node' })]).length,
      2,
    )
  })

  test('booleans and distributions', () => {
    const flags = [series([[10, true]], { type: 'BOOL' }), series([[10, false]], { type: 'BOOL' })]
    assert.equal(reduce('REDUCE_COUNT_TRUE', [], flags)[0]?.points[0]?.value, 1n)
    assert.equal(reduce('REDUCE_COUNT_FALSE', [], flags)[0]?.points[0]?.value, 1n)
    assert.equal(reduce('REDUCE_FRACTION_TRUE', [], flags)[0]?.points[0]?.value, 0.5)
    const histograms = [
      series([[10, distribution([5, 0, 0, 0], 1)]], { type: 'DISTRIBUTION' }),
      series([[10, distribution([0, 0, 5, 0], 3)]], { type: 'DISTRIBUTION' }),
    ]
    assert.equal(reduce('REDUCE_MEAN', [], histograms)[0]?.points[0]?.value, 2)
    assert.equal(reduce('REDUCE_STDDEV', [], histograms)[0]?.points[0]?.value, 1)
    assert.equal(reduce('REDUCE_PERCENTILE_50', [], histograms)[0]?.points[0]?.value, 1)
    const sum = reduce('REDUCE_SUM', [], histograms)[0]?.points[0]?.value
    assert.ok(sum !== undefined && isDistribution(sum))
    assert.deepEqual(Array.from(sum.counts), [5, 0, 5, 0])
  })
})

describe('an aggregation that is wrong', () => {
  const fails = (run: () => unknown, message: string) =>
    assert.throws(
      run,
      (error) =>
        error instanceof RpcError &&
        error.code === 'INVALID_ARGUMENT' &&
        assert.equal(error.message, message) === undefined,
    )
  const read = (changes: object) =>
    readAggregation({
      alignmentPeriod: { seconds: 60 },
      perSeriesAligner: 12,
      crossSeriesReducer: 0,
      groupByFields: [],
      ...changes,
    })

  test('no period', () =>
    fails(
      () => read({ alignmentPeriod: null }),
      'Field aggregation.alignmentPeriod had an invalid value of "0s": It must be at least 60s with the aligner ALIGN_MEAN.',
    ))
  test('a period of 59 s', () =>
    fails(
      () => read({ alignmentPeriod: { seconds: 59 } }),
      'Field aggregation.alignmentPeriod had an invalid value of "59s": It must be at least 60s with the aligner ALIGN_MEAN.',
    ))
  test('a period of 105 weeks', () =>
    fails(
      () => read({ alignmentPeriod: { seconds: 105 * 7 * 86_400 } }),
      'Field aggregation.alignmentPeriod had an invalid value of "63504000s": It must be at most 104 weeks.',
    ))
  test('a reducer without an aligner', () =>
    fails(
      () => read({ perSeriesAligner: 0, crossSeriesReducer: 4 }),
      'Field aggregation.perSeriesAligner had an invalid value of "ALIGN_NONE": An aligner other than ALIGN_NONE is required with the reducer REDUCE_SUM.',
    ))
  test('an unknown aligner', () =>
    fails(
      () => read({ perSeriesAligner: 5 }),
      'Field aggregation.perSeriesAligner had an invalid value of "5": Unknown aligner.',
    ))
  test('an unknown reducer', () =>
    fails(
      () => read({ crossSeriesReducer: 99 }),
      'Field aggregation.crossSeriesReducer had an invalid value of "99": Unknown reducer.',
    ))
  test('an unknown field to group by', () =>
    fails(
      () => read({ groupByFields: ['status'] }),
      'Field aggregation.groupByFields had an invalid value of "status": Known fields are metric.labels.KEY, resource.labels.KEY, resource.type and project.',
    ))
  test('an aligner that is not for the kind', () =>
    fails(
      () => aggregatedType(read({ perSeriesAligner: 2 }), { metricKind: 'GAUGE', valueType: 'DOUBLE' }),
      'Field aggregation.perSeriesAligner had an invalid value of "ALIGN_RATE": The aligner cannot be applied to metrics with kind GAUGE and value type DOUBLE.',
    ))
  test('a reducer that is not for the value type', () =>
    fails(
      () =>
        aggregatedType(read({ perSeriesAligner: 1, crossSeriesReducer: 2 }), {
          metricKind: 'CUMULATIVE',
          valueType: 'DISTRIBUTION',
        }),
      'Field aggregation.crossSeriesReducer had an invalid value of "REDUCE_MIN": The reducer cannot be applied to aligned series with kind DELTA and value type DISTRIBUTION.',
    ))
})

test('which aligner takes which kind and value type', () => {
  const takes = (metricKind: MetricKind, valueType: ValueType): string[] =>
    Object.entries(ALIGNERS).flatMap(([number, name]) => {
      try {
        aggregatedType(
          readAggregation({
            alignmentPeriod: { seconds: 60 },
            perSeriesAligner: Number(number),
            crossSeriesReducer: 0,
            groupByFields: [],
          }),
          { metricKind, valueType },
        )
        return [name.replace('ALIGN_', '')]
      } catch {
        return []
      }
    })
  const percentiles = ['PERCENTILE_99', 'PERCENTILE_95', 'PERCENTILE_50', 'PERCENTILE_05']
  const numeric = ['MIN', 'MAX', 'MEAN', 'COUNT', 'SUM', 'STDDEV', 'PERCENT_CHANGE']
  assert.deepEqual(takes('CUMULATIVE', 'INT64'), ['NONE', 'DELTA', 'RATE'])
  assert.deepEqual(takes('CUMULATIVE', 'DISTRIBUTION'), ['NONE', 'DELTA'])
  assert.deepEqual(takes('DELTA', 'DISTRIBUTION'), ['NONE', 'DELTA', 'SUM', ...percentiles])
  assert.deepEqual(takes('GAUGE', 'DISTRIBUTION'), ['NONE', 'NEXT_OLDER', 'SUM', ...percentiles])
  assert.deepEqual(takes('GAUGE', 'DOUBLE'), ['NONE', 'INTERPOLATE', 'NEXT_OLDER', ...numeric])
  assert.deepEqual(takes('DELTA', 'DOUBLE'), ['NONE', 'DELTA', 'RATE', ...numeric])
  assert.deepEqual(takes('GAUGE', 'BOOL'), [
    'NONE',
    'NEXT_OLDER',
    'COUNT',
    'COUNT_TRUE',
    'FRACTION_TRUE',
    'COUNT_FALSE',
  ])
})
