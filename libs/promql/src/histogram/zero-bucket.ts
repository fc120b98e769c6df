import { KahanSum } from '../text/kahan.ts'
import { type Buckets, bucketsOf, type FloatHistogram } from './float-histogram.ts'

/** A zero bucket with a different threshold. */
export interface ZeroBucket {
  readonly threshold: number
  readonly count: number
  readonly compensation: number
}

/** The compensation of the zero bucket and of each other bucket. */
interface Compensations {
  readonly zeroCount: number
  readonly positive: Buckets
  readonly negative: Buckets
}

/**
 * The zero bucket that the histogram would have with a larger threshold. A threshold within a populated bucket is
 * raised to that bucket's outer bound.
 */
export function largerZeroBucket(histogram: FloatHistogram, wanted: number, compensations?: Compensations): ZeroBucket {
  const initial = compensations?.zeroCount ?? 0
  if (wanted === histogram.zeroThreshold) {
    return { threshold: wanted, count: histogram.zeroCount, compensation: initial }
  }
  const positive = bucketsOf(histogram, 'positive')
  const negative = bucketsOf(histogram, 'negative')
  let threshold = wanted
  for (;;) {
    const sum = new KahanSum(histogram.zeroCount, initial)
    for (const [i, { lower, upper, count }] of positive.entries()) {
      if (lower >= threshold) break
      sum.add(count).add(compensations?.positive.counts[i] ?? 0)
      if (upper > threshold && count !== 0) threshold = upper
      if (upper >= threshold) break
    }
    const before = threshold
    for (const [i, { lower, upper, count }] of negative.entries()) {
      if (upper <= -threshold) break
      sum.add(count).add(compensations?.negative.counts[i] ?? 0)
      if (lower < -threshold && count !== 0) threshold = -lower
      if (lower <= -threshold) break
    }
    // If the threshold has grown since, more positive buckets lie within it than were added.
    if (threshold === before) return { threshold, count: sum.sum, compensation: sum.compensation }
  }
}

/** How many buckets of a side are within the zero bucket. */
export function bucketsWithinZero(histogram: FloatHistogram, side: 'positive' | 'negative', threshold: number): number {
  const outside = bucketsOf(histogram, side).findIndex(({ lower, upper }) =>
    side === 'positive' ? lower >= threshold : upper <= -threshold,
  )
  return outside < 0 ? histogram[side].indexes.length : outside
}
