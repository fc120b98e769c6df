import {
  type Bucket,
  bucketsOf,
  compact,
  type FloatHistogram,
  hasCustomBuckets,
  zeroBucket,
} from './float-histogram.ts'

/** The part of a bucket that is kept, and the value that represents each of its observations. */
interface Kept {
  readonly count: number
  readonly midpoint: number
}

/** Which side of the bound is kept, and how observations are distributed within buckets. */
interface Trim {
  readonly bound: number
  readonly keep: 'below' | 'above'
  readonly isLinear: boolean
}

const NOTHING: Kept = { count: 0, midpoint: 0 }

/**
 * The histogram without the observations above (or below) a bound; the bucket that contains the bound is divided by
 * interpolation.
 */
export function trimHistogram(histogram: FloatHistogram, bound: number, keep: 'below' | 'above'): FloatHistogram {
  const trim = { bound, keep, isLinear: hasCustomBuckets(histogram) }
  const sides = (['positive', 'negative'] as const).map((side) =>
    bucketsOf(histogram, side).map((bucket) =>
      bucket.count === 0 ? NOTHING : trimBucket(bucket, trim, side === 'positive'),
    ),
  )
  const [positive = [], negative = []] = sides
  const populated = (list: readonly number[]) => list.some((count) => count !== 0)
  const zero =
    histogram.zeroCount > 0
      ? trimZero(histogram, trim, populated(histogram.positive.counts), populated(histogram.negative.counts))
      : { count: histogram.zeroCount, midpoint: 0 }
  const changed = (counts: readonly number[], kept: readonly Kept[]) =>
    counts.some((count, i) => count !== kept[i]?.count)
  const isTrimmed =
    changed(histogram.positive.counts, positive) ||
    changed(histogram.negative.counts, negative) ||
    zero.count !== histogram.zeroCount
  if (!isTrimmed) return histogram
  let count = 0
  let sum = 0
  for (const kept of [...positive, ...negative, ...(histogram.zeroCount > 0 ? [zero] : [])]) {
    count += kept.count
    sum += kept.midpoint * kept.count
  }
  return compact({
    ...histogram,
    count,
    sum,
    zeroCount: zero.count,
    positive: { indexes: histogram.positive.indexes, counts: positive.map((kept) => kept.count) },
    negative: { indexes: histogram.negative.indexes, counts: negative.map((kept) => kept.count) },
  })
}

function trimBucket(bucket: Bucket, trim: Trim, isPositive: boolean): Kept {
  const { lower, upper, count } = bucket
  const isBelow = trim.keep === 'below'
  if (isBelow ? upper <= trim.bound : lower >= trim.bound) {
    return { count, midpoint: midpointOf(lower, upper, isPositive, trim.isLinear) }
  }
  if (!(isBelow ? lower < trim.bound : upper > trim.bound)) return NOTHING
  if (lower === Number.NEGATIVE_INFINITY || upper === Number.POSITIVE_INFINITY) return trimInfinite(bucket, trim)
  const below = splitAt(bucket, trim)
  if (isBelow) return { count: below, midpoint: midpointOf(lower, trim.bound, isPositive, trim.isLinear) }
  return { count: count - below, midpoint: midpointOf(trim.bound, upper, isPositive, trim.isLinear) }
}

function splitAt(bucket: Bucket, { bound, isLinear }: Trim): number {
  if (bound <= bucket.lower) return 0
  return bound >= bucket.upper ? bucket.count : bucket.count * fractionBelow(bucket, bound, isLinear)
}

/** The fraction of a bucket's width that is at or below a value in it, on a linear or logarithmic scale. */
export function fractionBelow(
  { lower, upper }: Pick<Bucket, 'lower' | 'upper'>,
  value: number,
  isLinear: boolean,
): number {
  if (isLinear) return (value - lower) / (upper - lower)
  const logLower = Math.log2(Math.abs(lower))
  const logUpper = Math.log2(Math.abs(upper))
  const logValue = Math.log2(Math.abs(value))
  if (value > 0) return (logValue - logLower) / (logUpper - logLower)
  return 1 - (logValue - logUpper) / (logLower - logUpper)
}

/** The distribution of observations within an unbounded bucket is not known. */
function trimInfinite({ lower, upper, count }: Bucket, { bound, keep }: Trim): Kept {
  const finite = (value: number) => (Number.isFinite(value) ? value : 0)
  if (lower !== Number.NEGATIVE_INFINITY) {
    if (keep === 'below') return { count: 0, midpoint: finite(lower) }
    return bound >= lower ? { count, midpoint: bound } : { count: 0, midpoint: finite(lower) }
  }
  if (keep === 'below') {
    if (bound >= upper) return { count, midpoint: 0 }
    if (bound > 0 && upper > 0 && Number.isFinite(upper)) return { count: (count * bound) / upper, midpoint: bound / 2 }
    return upper <= 0 ? { count, midpoint: bound } : { count: 0, midpoint: finite(upper) }
  }
  if (bound <= lower) return { count, midpoint: 0 }
  if (bound >= 0 && upper > bound && Number.isFinite(upper)) {
    return { count: count * (1 - bound / upper), midpoint: (bound + upper) / 2 }
  }
  return { count: 0, midpoint: finite(upper) }
}

function trimZero(histogram: FloatHistogram, trim: Trim, hasPositive: boolean, hasNegative: boolean): Kept {
  const { count, ...bounds } = zeroBucket(histogram)
  const lower = hasPositive && !hasNegative ? 0 : bounds.lower
  const upper = hasNegative && !hasPositive ? 0 : bounds.upper
  const all = { count, midpoint: (lower + upper) / 2 }
  const { bound, keep } = trim
  if (bound <= lower) return keep === 'below' ? NOTHING : all
  if (bound >= upper) return keep === 'below' ? all : NOTHING
  const width = upper - lower
  if (keep === 'below') return { count: count * ((bound - lower) / width), midpoint: (lower + bound) / 2 }
  return { count: count * ((upper - bound) / width), midpoint: (bound + upper) / 2 }
}

function midpointOf(lower: number, upper: number, isPositive: boolean, isLinear: boolean): number {
  if (!Number.isFinite(lower)) {
    if (!Number.isFinite(upper)) return 0
    return upper > 0 ? upper / 2 : upper
  }
  if (!Number.isFinite(upper)) return lower
  if (isLinear) return (lower + upper) / 2
  const mean = Math.sqrt(Math.abs(lower * upper))
  return isPositive ? mean : -mean
}
