/** A bucket of a classic histogram: its upper bound and cumulative count. */
export interface ClassicBucket {
  readonly upperBound: number
  readonly count: number
}

/** Where the counts were not monotonic, and how they were fixed. */
export interface ForcedMonotonicity {
  readonly minBucket: number
  readonly maxBucket: number
  readonly maxDifference: number
}

/** Relative differences up to this are rounding errors, not decreasing counts. */
const SMALL_DIFFERENCE = 1e-12
const MIN_NORMAL = 2 ** -1022

/** The quantile of a classic histogram, interpolated linearly within its bucket. */
export function classicQuantile(
  quantile: number,
  buckets: readonly ClassicBucket[],
): { value: number; forced?: ForcedMonotonicity } {
  if (Number.isNaN(quantile)) return { value: Number.NaN }
  if (quantile < 0) return { value: Number.NEGATIVE_INFINITY }
  if (quantile > 1) return { value: Number.POSITIVE_INFINITY }
  const merged = sortedAndMerged(buckets)
  if (merged === undefined) return { value: Number.NaN }
  const { buckets: monotonic, forced } = monotonicBuckets(merged)
  return { value: quantileOf(quantile, monotonic), ...(forced && { forced }) }
}

function quantileOf(quantile: number, buckets: readonly ClassicBucket[]): number {
  const last = buckets.length - 1
  const observations = buckets[last]?.count ?? 0
  if (last < 1 || observations === 0) return Number.NaN
  const rank = quantile * observations
  const found = buckets.slice(0, -1).findIndex(({ count }) => count >= rank)
  const at = found < 0 ? last : found
  const { upperBound, count } = buckets[at] ?? { upperBound: Number.NaN, count: 0 }
  if (at === last) return buckets[last - 1]?.upperBound ?? Number.NaN
  const below = buckets[at - 1]
  if (below === undefined) return upperBound <= 0 ? upperBound : upperBound * (rank / count)
  const start = below.upperBound
  return start + (upperBound - start) * ((rank - below.count) / (count - below.count))
}

/** The fraction of a classic histogram's observations between two values. */
export function classicFraction(lower: number, upper: number, buckets: readonly ClassicBucket[]): number {
  const merged = sortedAndMerged(buckets)
  const count = merged?.at(-1)?.count ?? 0
  if (merged === undefined || count === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return Number.NaN
  if (lower >= upper) return 0
  const limited = (rank: number | undefined) => (rank === undefined || rank > count ? count : rank)
  return (limited(rankOf(upper, merged)) - limited(rankOf(lower, merged))) / count
}

function rankOf(value: number, buckets: readonly ClassicBucket[]): number | undefined {
  let rank = 0
  let lowerBound = (buckets[0]?.upperBound ?? 0) <= 0 ? Number.NEGATIVE_INFINITY : 0
  for (const { upperBound, count } of buckets) {
    if (lowerBound >= value) return rank
    if (upperBound > value) {
      if (lowerBound === Number.NEGATIVE_INFINITY) return count
      return rank + ((count - rank) * (value - lowerBound)) / (upperBound - lowerBound)
    }
    rank = count
    lowerBound = upperBound
  }
  return undefined
}

/** Undefined if the last bucket is not `+Inf`. */
function sortedAndMerged(buckets: readonly ClassicBucket[]): ClassicBucket[] | undefined {
  const sorted = [...buckets].sort((a, b) => a.upperBound - b.upperBound || 0)
  const merged: { upperBound: number; count: number }[] = []
  for (const { upperBound, count } of sorted) {
    const last = merged.at(-1)
    if (last !== undefined && last.upperBound === upperBound) last.count += count
    else merged.push({ upperBound, count })
  }
  return merged.at(-1)?.upperBound === Number.POSITIVE_INFINITY ? merged : undefined
}

function monotonicBuckets(buckets: readonly ClassicBucket[]): {
  buckets: ClassicBucket[]
  forced?: ForcedMonotonicity
} {
  let previous = buckets[0]?.count ?? 0
  const fallen: { bound: number; difference: number }[] = []
  const monotonic = buckets.map(({ upperBound, count }) => {
    const isRounding = count !== previous && almostEqual(previous, count)
    if (!isRounding && count < previous) fallen.push({ bound: upperBound, difference: previous - count })
    else if (!isRounding) previous = count
    return { upperBound, count: previous }
  })
  if (fallen.length === 0) return { buckets: monotonic }
  // Buckets are in ascending order of their bounds.
  const [minBucket, maxBucket] = [fallen[0]?.bound ?? 0, fallen.at(-1)?.bound ?? 0]
  const maxDifference = fallen.reduce((most, { difference }) => Math.max(most, difference), 0)
  return { buckets: monotonic, forced: { minBucket, maxBucket, maxDifference } }
}

function almostEqual(a: number, b: number): boolean {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true
  const sum = Math.abs(a) + Math.abs(b)
  const difference = Math.abs(a - b)
  if (a === 0 || b === 0 || sum < MIN_NORMAL) return difference < SMALL_DIFFERENCE * MIN_NORMAL
  return difference / Math.min(sum, Number.MAX_VALUE) < SMALL_DIFFERENCE
}
