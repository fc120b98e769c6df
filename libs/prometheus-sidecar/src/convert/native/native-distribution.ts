import { CUSTOM_BUCKETS, type NativeBuckets, type NativeHistogram } from '../../model/native-histogram.ts'
import type { Distribution, DistributionExemplar } from '../../model/time-series.ts'
import { LIMITS } from '../conversion-rules.ts'
import { squaredDeviation } from '../distribution.ts'
import type { DropReason } from '../drop-reason.ts'
import { upperBound, withSchema } from './bucket-layout.ts'

const LOWEST_SCHEMA = -4

/**
 * The distribution of the observations of a native histogram. If there are no negative observations, it has exponential
 * buckets, in the histogram's schema or the highest lower one in which they are few enough. With negative observations
 * or custom buckets it has explicit bounds. The fractional counts of float histograms are rounded down.
 */
export function nativeDistribution(
  histogram: NativeHistogram,
  exemplars: readonly DistributionExemplar[],
): Distribution | DropReason {
  const { schema } = histogram
  const buckets = schema === CUSTOM_BUCKETS ? customBuckets(histogram) : fittingBuckets(histogram)
  if (buckets === undefined) return 'too_many_buckets'
  const bucketCounts = buckets.counts.map(Math.trunc)
  let count = 0
  for (const bucketCount of bucketCounts) count += bucketCount
  const mean = count === 0 ? 0 : histogram.sum / count
  const { bounds = [], exponential } = buckets
  const sumOfSquaredDeviation = count === 0 ? 0 : squaredDeviation(bounds, bucketCounts, mean)
  if (Number.isNaN(mean)) return 'nan'
  if (!Number.isSafeInteger(count) || !Number.isFinite(mean) || !Number.isFinite(sumOfSquaredDeviation))
    return 'histogram_inconsistent'
  return {
    count,
    mean,
    // Google's exporter sets none for exponential buckets either.
    sumOfSquaredDeviation: exponential === undefined ? sumOfSquaredDeviation : 0,
    bounds,
    bucketCounts,
    exemplars: [...exemplars].sort((a, b) => a.value - b.value),
    ...(exponential === undefined ? undefined : { exponential }),
  }
}

interface Buckets {
  readonly bounds?: readonly number[]
  readonly exponential?: NonNullable<Distribution['exponential']>
  /** The counts of underflow, the buckets between, and overflow. */
  readonly counts: readonly number[]
}

function customBuckets({ customBounds, positive }: NativeHistogram): Buckets | undefined {
  if (customBounds.length + 1 > LIMITS.buckets || customBounds.length === 0) return undefined
  const counts = new Array<number>(customBounds.length + 1).fill(0)
  for (const [at, index] of positive.indexes.entries()) counts[index] = positive.counts[at] ?? 0
  return { bounds: customBounds, counts }
}

function fittingBuckets(histogram: NativeHistogram): Buckets | undefined {
  for (let schema = histogram.schema; schema >= LOWEST_SCHEMA; schema--) {
    const coarser = schema === histogram.schema ? histogram : withSchema(histogram, schema)
    const buckets = isPositive(coarser) ? exponentialBuckets(coarser) : explicitBuckets(coarser)
    if (buckets !== undefined && buckets.counts.length <= LIMITS.buckets) return buckets
  }
  return undefined
}

/** Whether the underflow holds only the zero bucket. */
function isPositive({ negative, positive, schema, zeroThreshold }: NativeHistogram): boolean {
  const first = positive.indexes[0]
  return (
    negative.counts.every((count) => count === 0) &&
    (first === undefined || upperBound(schema, first - 1) >= zeroThreshold)
  )
}

function exponentialBuckets({ schema, zeroThreshold, zeroCount, positive }: NativeHistogram): Buckets | undefined {
  const { indexes, counts } = positive
  const first = indexes[0] ?? indexAbove(schema, zeroThreshold)
  const finiteBuckets = (indexes.at(-1) ?? first) - first + 1
  if (finiteBuckets + 2 > LIMITS.buckets) return undefined
  const all = new Array<number>(finiteBuckets + 2).fill(0)
  all[0] = zeroCount
  for (const [at, index] of indexes.entries()) all[index - first + 1] = counts[at] ?? 0
  const exponential = { finiteBuckets, growthFactor: 2 ** (2 ** -schema), scale: upperBound(schema, first - 1) }
  return { exponential, counts: all }
}

/** The first bucket that lies above the zero bucket, or that of 1. */
function indexAbove(schema: number, zeroThreshold: number): number {
  if (zeroThreshold <= 0.5) return 0
  let index = Math.floor(Math.log2(zeroThreshold) * 2 ** schema)
  while (upperBound(schema, index - 1) < zeroThreshold) index += 1
  return index
}

/** Bounds on both sides of the zero bucket. */
function explicitBuckets({ schema, zeroThreshold, zeroCount, positive, negative }: NativeHistogram): Buckets {
  const ranges: { from: number; to: number; count: number }[] = []
  const isFilled = ({ counts }: NativeBuckets) =>
    counts.map((count, at) => ({ count, at })).filter(({ count }) => count > 0)
  for (const { count, at } of isFilled(negative).reverse()) {
    const index = negative.indexes[at] ?? 0
    ranges.push({ from: -upperBound(schema, index), to: -upperBound(schema, index - 1), count })
  }
  ranges.push({ from: -zeroThreshold, to: zeroThreshold, count: zeroCount })
  for (const { count, at } of isFilled(positive)) {
    const index = positive.indexes[at] ?? 0
    ranges.push({ from: upperBound(schema, index - 1), to: upperBound(schema, index), count })
  }
  const bounds: number[] = []
  const counts: number[] = []
  let overflow = 0
  for (const { from, to, count } of ranges) {
    if (Number.isFinite(from) && !(from <= (bounds.at(-1) ?? Number.NEGATIVE_INFINITY))) {
      bounds.push(from)
      counts.push(0)
    }
    if (to === Number.POSITIVE_INFINITY) overflow += count
    else if (to > (bounds.at(-1) ?? Number.NEGATIVE_INFINITY)) {
      bounds.push(to)
      counts.push(count)
    } else counts[counts.length - 1] = (counts.at(-1) ?? 0) + count
  }
  return { bounds, counts: [...counts, overflow] }
}
