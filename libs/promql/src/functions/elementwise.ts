import { allBuckets, type FloatHistogram, hasCustomBuckets } from '../histogram/float-histogram.ts'
import { KahanSum } from '../text/kahan.ts'

/** Functions of each float of a vector; the other arguments are scalars. */
export const FLOAT_FUNCTIONS: ReadonlyMap<string, (value: number, ...scalars: readonly number[]) => number> = new Map([
  ['abs', Math.abs],
  ['acos', Math.acos],
  ['acosh', Math.acosh],
  ['asin', Math.asin],
  ['asinh', Math.asinh],
  ['atan', Math.atan],
  ['atanh', Math.atanh],
  ['ceil', Math.ceil],
  ['clamp_max', (value, most = Number.NaN) => bounded(value, Number.NEGATIVE_INFINITY, most)],
  ['clamp_min', (value, least = Number.NaN) => bounded(value, least, Number.POSITIVE_INFINITY)],
  ['clamp', (value, least = Number.NaN, most = Number.NaN) => bounded(value, least, most)],
  ['cos', Math.cos],
  ['cosh', Math.cosh],
  ['deg', (value) => value * (180 / Math.PI)],
  ['exp', Math.exp],
  ['floor', Math.floor],
  ['ln', Math.log],
  ['log10', Math.log10],
  ['log2', Math.log2],
  ['rad', (value) => value * (Math.PI / 180)],
  ['round', (value, nearest = 1) => Math.floor(value * (1 / nearest) + 0.5) / (1 / nearest)],
  ['sgn', (value) => (value < 0 ? -1 : value > 0 ? 1 : value)],
  ['sin', Math.sin],
  ['sinh', Math.sinh],
  ['sqrt', Math.sqrt],
  ['tan', Math.tan],
  ['tanh', Math.tanh],
])

function bounded(value: number, least: number, most: number): number {
  return greater(least, lesser(most, value))
}

/** Go's `math.Max`: infinity wins even over NaN. */
export function greater(a: number, b: number): number {
  return a === Number.POSITIVE_INFINITY || b === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : Math.max(a, b)
}

/** Go's `math.Min`: minus infinity wins even over NaN. */
export function lesser(a: number, b: number): number {
  return a === Number.NEGATIVE_INFINITY || b === Number.NEGATIVE_INFINITY ? Number.NEGATIVE_INFINITY : Math.min(a, b)
}

/** Functions of each histogram of a vector. */
export const HISTOGRAM_FUNCTIONS: ReadonlyMap<string, (histogram: FloatHistogram) => number> = new Map([
  ['histogram_avg', ({ sum, count }) => sum / count],
  ['histogram_count', ({ count }) => count],
  ['histogram_stddev', (histogram) => Math.sqrt(variance(histogram))],
  ['histogram_stdvar', variance],
  ['histogram_sum', ({ sum }) => sum],
])

/**
 * Treats the observations of a bucket as if they were at its midpoint: the arithmetic one, or the geometric one in
 * exponential buckets.
 */
function variance(histogram: FloatHistogram): number {
  const mean = histogram.sum / histogram.count
  const sum = new KahanSum()
  for (const { lower, upper, count } of allBuckets(histogram)) {
    if (count === 0) continue
    const distance = middle(lower, upper, hasCustomBuckets(histogram)) - mean
    sum.add(count * distance * distance)
  }
  return sum.total / histogram.count
}

function middle(lower: number, upper: number, isCustom: boolean): number {
  if (isCustom) return (upper + lower) / 2
  if (lower <= 0 && upper >= 0) return 0
  const mean = Math.sqrt(upper * lower)
  return upper < 0 ? -mean : mean
}

/** Functions of each float of a vector as a time in seconds since 1970, in UTC. */
export const DATE_FUNCTIONS: ReadonlyMap<string, (time: Date) => number> = new Map([
  ['day_of_month', (time) => time.getUTCDate()],
  ['day_of_week', (time) => time.getUTCDay()],
  ['day_of_year', (time) => Math.floor((time.getTime() - startOfYear(time)) / 86_400_000) + 1],
  ['days_in_month', (time) => daysInMonth(time)],
  ['hour', (time) => time.getUTCHours()],
  ['minute', (time) => time.getUTCMinutes()],
  ['month', (time) => time.getUTCMonth() + 1],
  ['year', (time) => time.getUTCFullYear()],
])

function startOfYear(time: Date): number {
  const start = new Date(0)
  start.setUTCFullYear(time.getUTCFullYear(), 0, 1)
  return start.getTime()
}

function daysInMonth(time: Date): number {
  const last = new Date(0)
  last.setUTCFullYear(time.getUTCFullYear(), time.getUTCMonth() + 1, 0)
  return last.getUTCDate()
}
