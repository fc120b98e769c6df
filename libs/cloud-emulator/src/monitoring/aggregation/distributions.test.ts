import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { distribution, layout, series, type TestPoint, WINDOWS } from '../../../test/testing/point-series.ts'
import { bucketLayout } from '../model/bucket-layout.ts'
import { isDistribution } from '../model/point-value.ts'
import { aggregate, readAggregation } from './aggregation.ts'
import { alignSeries } from './align.ts'
import { distributionDelta, distributionPercentile, mergeDistributions } from './distribution-math.ts'
import type { PointSeries } from './point-series.ts'

describe('distributions', () => {
  const cumulative = (points: readonly TestPoint[]) => series(points, { kind: 'CUMULATIVE', type: 'DISTRIBUTION' })
  const counts = (result: PointSeries) =>
    Object.fromEntries(
      result.points.map(({ endMicros, value }) => [
        endMicros / 1e6,
        isDistribution(value) ? Array.from(value.counts) : value,
      ]),
    )

  test('DELTA subtracts buckets', () => {
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

  test('DELTA: after a reset everything is included', () => {
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

  test('percentiles are interpolated linearly within their bucket', () => {
    assert.equal(distributionPercentile(distribution([0, 10, 0, 0]), 0.5), 1.5)
    assert.equal(distributionPercentile(distribution([10, 0, 0, 0]), 0.5), 0.5)
    assert.equal(distributionPercentile(distribution([5, 5, 0, 0]), 0.5), 1)
    assert.equal(distributionPercentile(distribution([5, 0, 5, 0]), 0.95), 3.8)
    assert.equal(distributionPercentile(distribution([0, 0, 0, 1]), 0.99), 4)
    assert.ok(Number.isNaN(distributionPercentile(distribution([0, 0, 0, 0]), 0.5)))
  })

  test('merging assigns the counts of other buckets by their midpoint', () => {
    const other = bucketLayout({ explicitBuckets: { bounds: [2] } })
    const merged = mergeDistributions([
      distribution([1, 1, 1, 1]),
      { layout: other, counts: [4, 2], count: 6, mean: 2, sumOfSquaredDeviation: 0 },
    ])
    assert.deepEqual(Array.from(merged.counts), [1, 5, 3, 1])
    assert.equal(merged.count, 10)
    assert.equal(merged.mean, 1.6)
  })

  test('an exemplar that is repeated with each point counts once, and the newest are kept', () => {
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
