import type { Distribution, DistributionExemplar } from '../model/time-series.ts'

/** A `_bucket` sample: how many observations were at most `bound`. */
export interface CumulativeBucket {
  /** `le`; +Infinity for the last. */
  readonly bound: number
  readonly cumulativeCount: number
}

/**
 * Builds a distribution from a histogram's cumulative buckets (in any order), count and sum. Returns undefined if the
 * parts contradict each other (counts fall from bucket to bucket, there is no finite bound, two buckets have the same
 * bound) or are not counts (negative, infinite, or too large to be added exactly). The count is that of the buckets,
 * since a scrape may read `_count` a moment later; `count` is used only if there is no +Inf bucket.
 */
export function buildDistribution(
  buckets: readonly CumulativeBucket[],
  count: number,
  sum: number,
  exemplars: readonly DistributionExemplar[] = [],
): Distribution | undefined {
  const sorted = inOrder(buckets)
  const bounds: number[] = []
  const bucketCounts: number[] = []
  let counted = 0
  for (const { bound, cumulativeCount } of sorted) {
    const upTo = Math.trunc(cumulativeCount)
    if (!isCount(upTo) || upTo < counted || (bounds.length > 0 && bound === bounds.at(-1))) return undefined
    bucketCounts.push(upTo - counted)
    counted = upTo
    if (bound !== Number.POSITIVE_INFINITY) bounds.push(bound)
  }
  if (bounds.length === 0) return undefined
  if (bucketCounts.length === bounds.length) {
    const overflow = Math.trunc(count) - counted
    if (!isCount(overflow)) return undefined
    bucketCounts.push(overflow)
    counted += overflow
  }
  const mean = counted === 0 ? 0 : sum / counted
  const sumOfSquaredDeviation = counted === 0 ? 0 : squaredDeviation(bounds, bucketCounts, mean)
  if (!Number.isFinite(mean) || !Number.isFinite(sumOfSquaredDeviation)) return undefined
  return {
    count: counted,
    mean,
    sumOfSquaredDeviation,
    bounds,
    bucketCounts,
    exemplars: exemplars.length === 0 ? exemplars : [...exemplars].sort((a, b) => a.value - b.value),
  }
}

/** They mostly are: as their target lists them. */
function inOrder(buckets: readonly CumulativeBucket[]): readonly CumulativeBucket[] {
  for (let index = 1; index < buckets.length; index++) {
    const before = buckets[index - 1]?.bound ?? Number.NaN
    if (!((buckets[index]?.bound ?? Number.NaN) >= before)) return [...buckets].sort((a, b) => a.bound - b.bound)
  }
  return buckets
}

function isCount(count: number): boolean {
  return Number.isSafeInteger(count) && count >= 0
}

/**
 * Assumes that each observation lies in the middle of its bucket. The first bucket starts at 0; the overflow lies at
 * the last bound.
 */
export function squaredDeviation(bounds: readonly number[], bucketCounts: readonly number[], mean: number): number {
  let deviation = 0
  let lower = 0
  for (let index = 0; index < bucketCounts.length; index++) {
    const upper = bounds[index] ?? lower
    const distance = (lower + upper) / 2 - mean
    const count = bucketCounts[index] ?? 0
    if (count > 0) deviation += count * distance * distance
    lower = upper
  }
  return deviation
}
