import type { DistributionMessage } from '../../monitoring/model/messages.ts'
import { int64ToNumber } from '../../protos/int64.ts'
import type { ExponentialPoint, HistogramPoint } from './metric-messages.ts'

type Distribution = Omit<DistributionMessage, 'exemplars'>

/** A distribution has at most 200 buckets: these, an underflow and an overflow bucket. */
const MAX_FINITE_BUCKETS = 198

/**
 * Converts a histogram's point with its bounds. A single bucket without bounds has no more information than the count.
 */
export function explicitDistribution(point: HistogramPoint): Distribution {
  const counts = point.bucketCounts.map(int64ToNumber)
  const bounds = Array.from(point.explicitBounds)
  const base = baseOf(point)
  if (bounds.length === 0) return { ...base, bucketCounts: [] }
  return {
    ...base,
    sumOfSquaredDeviation: squaredDeviation(counts, bounds, base.mean),
    bucketOptions: { options: 'explicitBuckets', explicitBuckets: { bounds } },
    bucketCounts: counts,
  }
}

/**
 * Converts an exponential histogram's point to exponential buckets: the positive ones become the finite buckets; zeros
 * and negative values are counted below them. The scale is reduced, which merges buckets in pairs, until they fit into
 * a distribution.
 */
export function exponentialDistribution(point: ExponentialPoint): Distribution {
  const base = baseOf(point)
  let { scale } = point
  let offset = point.positive?.offset ?? 0
  let counts = (point.positive?.bucketCounts ?? []).map(int64ToNumber)
  while (counts.length > MAX_FINITE_BUCKETS || !hasFiniteBounds(scale, offset, counts.length)) {
    if (counts.length <= 1) return { ...base, bucketCounts: [] }
    counts = joined(counts, offset)
    offset = Math.floor(offset / 2)
    scale -= 1
  }
  const finite = counts.length === 0 ? [0] : counts
  const growthFactor = growthFactorOf(scale)
  const below = [point.zeroCount, ...(point.negative?.bucketCounts ?? [])].reduce<number>(
    (sum, count) => sum + int64ToNumber(count),
    0,
  )
  const lowest = lowestBound(scale, offset)
  const bucketCounts = [below, ...finite, 0]
  const bounds = Array.from({ length: finite.length + 1 }, (_, index) => lowest * growthFactor ** index)
  return {
    ...base,
    sumOfSquaredDeviation: squaredDeviation(bucketCounts, bounds, base.mean),
    bucketOptions: {
      options: 'exponentialBuckets',
      exponentialBuckets: { numFiniteBuckets: finite.length, growthFactor, scale: lowest },
    },
    bucketCounts,
  }
}

function baseOf(point: { count: HistogramPoint['count']; sum?: number | null }): Distribution {
  const count = int64ToNumber(point.count)
  const mean = count > 0 ? (point.sum ?? 0) / count : 0
  return { count, mean, sumOfSquaredDeviation: 0, bucketCounts: [] }
}

function growthFactorOf(scale: number): number {
  return 2 ** (2 ** -scale)
}

/** The lower bound of the bucket with this index; exact where it is a power of two. */
function lowestBound(scale: number, index: number): number {
  return 2 ** (index * 2 ** -scale)
}

/** Neither the lowest nor the highest bound may exceed the range of numbers, and neighbours must differ. */
function hasFiniteBounds(scale: number, offset: number, buckets: number): boolean {
  const growthFactor = growthFactorOf(scale)
  const lowest = lowestBound(scale, offset)
  const highest = lowest * growthFactor ** Math.max(1, buckets)
  return growthFactor > 1 && lowest > 0 && lowest * growthFactor > lowest && Number.isFinite(highest)
}

/** The buckets of the next lower scale: those with the indexes 2i and 2i + 1 become the one with index i. */
function joined(counts: readonly number[], offset: number): number[] {
  const result: number[] = []
  const first = Math.floor(offset / 2)
  for (const [index, count] of counts.entries()) {
    const target = Math.floor((offset + index) / 2) - first
    result[target] = (result[target] ?? 0) + count
  }
  return result
}

/** Estimated as if all values of a bucket were at its midpoint, or at its bound if it is unbounded. */
function squaredDeviation(counts: readonly number[], bounds: readonly number[], mean: number): number {
  let sum = 0
  for (const [index, count] of counts.entries()) {
    const lower = bounds[index - 1] ?? bounds[index]
    const upper = bounds[index] ?? bounds[index - 1]
    if (lower === undefined || upper === undefined || count <= 0) continue
    sum += count * ((lower + upper) / 2 - mean) ** 2
  }
  return Number.isFinite(sum) ? sum : 0
}
