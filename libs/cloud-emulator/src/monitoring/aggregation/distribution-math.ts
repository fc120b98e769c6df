import type { BucketLayout } from '../model/bucket-layout.ts'
import type { DistributionValue } from '../model/point-value.ts'

/** Merges distributions into the buckets of the first one. Other buckets are assigned by their midpoint. */
export function mergeDistributions(values: readonly DistributionValue[]): DistributionValue {
  const [first] = values
  if (!first) throw new RangeError('nothing to merge')
  if (values.length === 1) return first
  const layout = values.find((value) => value.layout.buckets > 0)?.layout ?? first.layout
  const counts = new Float64Array(layout.buckets)
  let count = 0
  let sum = 0
  let squares = 0
  for (const value of values) {
    count += value.count
    sum += value.count * value.mean
    squares += value.sumOfSquaredDeviation + value.count * value.mean ** 2
    addCounts(counts, layout, value)
  }
  return { layout, counts, ...moments(count, sum, squares) }
}

/** The change of a cumulative distribution since an earlier point; undefined if the two can't be compared. */
export function distributionDelta(later: DistributionValue, earlier: DistributionValue): DistributionValue | undefined {
  if (later.layout.key !== earlier.layout.key || later.count < earlier.count) return undefined
  const counts: number[] = []
  for (let bucket = 0; bucket < later.layout.buckets; bucket++) {
    const difference = (later.counts[bucket] ?? 0) - (earlier.counts[bucket] ?? 0)
    if (difference < 0) return undefined
    counts.push(difference)
  }
  const sum = later.count * later.mean - earlier.count * earlier.mean
  const squares = squaresOf(later) - squaresOf(earlier)
  return { layout: later.layout, counts, ...moments(later.count - earlier.count, sum, squares) }
}

/**
 * The value below which a fraction (0 to 1) of a distribution lies, interpolated linearly within its bucket. The
 * underflow bucket starts at 0 (or at its bound if that is negative); in the overflow bucket the value is its bound.
 * NaN for an empty distribution.
 */
export function distributionPercentile(value: DistributionValue, share: number): number {
  const { layout, counts } = value
  let total = 0
  for (let bucket = 0; bucket < layout.buckets; bucket++) total += counts[bucket] ?? 0
  if (total === 0) return value.count > 0 ? value.mean : Number.NaN
  const wanted = share * total
  let below = 0
  for (let bucket = 0; bucket < layout.buckets; bucket++) {
    const inside = counts[bucket] ?? 0
    if (inside > 0 && below + inside >= wanted) {
      const { lower, upper } = edges(layout, bucket)
      return lower + (upper - lower) * Math.max(0, (wanted - below) / inside)
    }
    below += inside
  }
  return layout.bounds.at(-1) ?? value.mean
}

/** The lower and upper end of a bucket, both finite. */
function edges(layout: BucketLayout, bucket: number): { lower: number; upper: number } {
  const { bounds } = layout
  const last = bounds.at(-1) ?? 0
  const upper = bounds[bucket] ?? last
  if (bucket > 0) return { lower: bounds[bucket - 1] ?? last, upper }
  return { lower: Math.min(0, upper), upper }
}

function addCounts(counts: Float64Array, layout: BucketLayout, value: DistributionValue): void {
  const same = value.layout.key === layout.key
  for (let bucket = 0; bucket < value.layout.buckets; bucket++) {
    const inside = value.counts[bucket] ?? 0
    if (inside === 0) continue
    const target = same ? bucket : bucketOf(layout, middle(value.layout, bucket))
    counts[target] = (counts[target] ?? 0) + inside
  }
}

function middle(layout: BucketLayout, bucket: number): number {
  const { lower, upper } = edges(layout, bucket)
  return (lower + upper) / 2
}

function bucketOf(layout: BucketLayout, value: number): number {
  const index = layout.bounds.findIndex((bound) => value < bound)
  return index < 0 ? layout.buckets - 1 : index
}

function squaresOf(value: DistributionValue): number {
  return value.sumOfSquaredDeviation + value.count * value.mean ** 2
}

function moments(
  count: number,
  sum: number,
  squares: number,
): { count: number; mean: number; sumOfSquaredDeviation: number } {
  if (count <= 0) return { count: 0, mean: 0, sumOfSquaredDeviation: 0 }
  const mean = sum / count
  return { count, mean, sumOfSquaredDeviation: Math.max(0, squares - count * mean ** 2) }
}
