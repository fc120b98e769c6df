import { allBuckets, type Bucket, type FloatHistogram, hasCustomBuckets } from './float-histogram.ts'
import { fractionBelow } from './trim.ts'

/** The effect of NaN observations on a result: they are in no bucket. */
export type NanEffect = 'result is NaN' | 'result is skewed higher' | 'excluded from fractions'

/** An estimated quantile or fraction. */
export interface Estimate {
  readonly value: number
  readonly nanEffect?: NanEffect
}

/**
 * The quantile of a native histogram, interpolated within its bucket: on a linear scale in custom buckets and around
 * zero, else on a logarithmic one.
 */
export function nativeQuantile(quantile: number, histogram: FloatHistogram): Estimate {
  if (quantile < 0) return { value: Number.NEGATIVE_INFINITY }
  if (quantile > 1) return { value: Number.POSITIVE_INFINITY }
  if (histogram.count === 0 || Number.isNaN(quantile)) return { value: Number.NaN }
  const hasNan = Number.isNaN(histogram.sum)
  const isForward = hasNan || quantile < 0.5
  const buckets = isForward ? allBuckets(histogram) : allBuckets(histogram).reverse()
  const wanted = (isForward ? quantile : 1 - quantile) * histogram.count
  const { bucket, at, count } = bucketOfRank(buckets, wanted)
  const bounded = naturallyBounded(bucket, histogram)
  if (typeof bounded === 'number') return { value: bounded }
  const seen = Math.min(count, histogram.count)
  if (seen < wanted) return hasNan ? { value: Number.NaN, nanEffect: 'result is NaN' } : { value: bounded.upper }
  const rank = isForward ? wanted - (seen - bucket.count) : seen - wanted
  const value = interpolate(bounded, rank / bucket.count, hasCustomBuckets(histogram))
  if (!hasNan) return { value }
  const all = buckets.slice(at + 1).reduce((total, next) => total + next.count, seen)
  return all < histogram.count ? { value, nanEffect: 'result is skewed higher' } : { value }
}

const NO_BUCKET: Bucket = { lower: 0, upper: 0, lowerInclusive: false, upperInclusive: false, count: 0 }

function bucketOfRank(buckets: readonly Bucket[], rank: number): { bucket: Bucket; at: number; count: number } {
  let count = 0
  let last = NO_BUCKET
  for (const [at, bucket] of buckets.entries()) {
    last = bucket
    if (bucket.count === 0) continue
    count += bucket.count
    if (count >= rank) return { bucket, at, count }
  }
  return { bucket: last, at: buckets.length, count }
}

/** A bucket with zero as its bound where no observations lie beyond it; or the result, if the bucket is unbounded. */
function naturallyBounded(bucket: Bucket, histogram: FloatHistogram): Bucket | number {
  if (hasCustomBuckets(histogram)) {
    if (bucket.lower === Number.NEGATIVE_INFINITY) return bucket.upper <= 0 ? bucket.upper : { ...bucket, lower: 0 }
    return bucket.upper === Number.POSITIVE_INFINITY ? bucket.lower : bucket
  }
  return bucket.lower < 0 && bucket.upper > 0 ? oneSided(bucket, histogram) : bucket
}

function oneSided(bucket: Bucket, { positive, negative }: FloatHistogram): Bucket {
  if (negative.indexes.length === 0 && positive.indexes.length > 0) return { ...bucket, lower: 0 }
  return positive.indexes.length === 0 && negative.indexes.length > 0 ? { ...bucket, upper: 0 } : bucket
}

function interpolate({ lower, upper }: Bucket, fraction: number, isCustom: boolean): number {
  if (isCustom || (lower <= 0 && upper >= 0)) return lower + (upper - lower) * fraction
  const logLower = Math.log2(Math.abs(lower))
  const logUpper = Math.log2(Math.abs(upper))
  if (lower > 0) return 2 ** (logLower + (logUpper - logLower) * fraction)
  return -(2 ** (logUpper + (logLower - logUpper) * (1 - fraction)))
}

/** The fraction of a native histogram's observations between two values. */
export function nativeFraction(lower: number, upper: number, histogram: FloatHistogram): Estimate {
  if (histogram.count === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return { value: Number.NaN }
  if (lower >= upper) return { value: 0 }
  const buckets = allBuckets(histogram)
  const isCustom = hasCustomBuckets(histogram)
  const lowerRank = rankOf(lower, buckets, histogram, isCustom)
  const upperRank = rankOf(upper, buckets, histogram, isCustom)
  const hasNan = Number.isNaN(histogram.sum)
  const count = hasNan ? buckets.reduce((total, bucket) => total + bucket.count, 0) : histogram.count
  const limited = (rank: number | undefined) => (rank === undefined || rank > count ? count : rank)
  const value = (limited(upperRank) - limited(lowerRank)) / histogram.count
  return hasNan && count < histogram.count ? { value, nanEffect: 'excluded from fractions' } : { value }
}

function rankOf(
  value: number,
  buckets: readonly Bucket[],
  histogram: FloatHistogram,
  isCustom: boolean,
): number | undefined {
  let rank = 0
  for (const original of buckets) {
    const isZero = !isCustom && original.lower <= 0 && original.upper >= 0
    let bucket = isZero ? oneSided(original, histogram) : original
    if (isCustom && bucket.lower === Number.NEGATIVE_INFINITY && bucket.upper > 0) bucket = { ...bucket, lower: 0 }
    if (bucket.lower >= value) return rank
    if (bucket.upper > value) {
      const isLinear = isCustom || isZero
      if (isLinear && bucket.lower === Number.NEGATIVE_INFINITY) return bucket.count
      return rank + bucket.count * fractionBelow(bucket, value, isLinear)
    }
    rank += bucket.count
  }
  return undefined
}
