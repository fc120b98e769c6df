import type { Distribution, DistributionExemplar } from '../model/time-series.ts'

/** The `_bucket` samples of a histogram, in any order: how many observations were less than or equal to each bound. */
export class CumulativeBuckets {
  /** `le`; +Infinity for the last. */
  readonly bounds: number[] = []
  readonly counts: number[] = []

  add(bound: number, count: number): void {
    this.bounds.push(bound)
    this.counts.push(count)
  }

  /** The buckets in ascending order, which is how they usually arrive. */
  inOrder(): CumulativeBuckets {
    const { bounds, counts } = this
    for (let index = 1; index < bounds.length; index++) {
      if ((bounds[index] as number) >= (bounds[index - 1] as number)) continue
      const sorted = new CumulativeBuckets()
      const places = bounds.map((bound, place) => ({ bound, count: counts[place] ?? Number.NaN }))
      for (const { bound, count } of places.sort((a, b) => a.bound - b.bound)) sorted.add(bound, count)
      return sorted
    }
    return this
  }
}

/**
 * Builds a distribution from a histogram's cumulative buckets, count and sum. Returns undefined if the parts contradict
 * each other (counts fall from bucket to bucket, there is no finite bound, two buckets have the same bound) or are not
 * counts (negative, infinite, or too large to be added exactly). The count is that of the buckets, since a scrape may
 * read `_count` a moment later; `count` is used only if there is no +Inf bucket.
 */
export function buildDistribution(
  buckets: CumulativeBuckets,
  count: number,
  sum: number,
  exemplars: readonly DistributionExemplar[] = [],
): Distribution | undefined {
  const { bounds: allBounds, counts } = buckets.inOrder()
  const bounds: number[] = []
  const bucketCounts: number[] = []
  let counted = 0
  for (let index = 0; index < allBounds.length; index++) {
    const bound = allBounds[index] as number
    const upTo = Math.trunc(counts[index] as number)
    if (!isCount(upTo) || upTo < counted || (index > 0 && bound === allBounds[index - 1])) return undefined
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
