import { formatShortest } from '../text/format-number.ts'
import { boundOf, CUSTOM_BUCKETS } from './bounds.ts'

/** Whether there was a counter reset between a histogram and the one before it. */
export type ResetHint = 'unknown' | 'reset' | 'notReset' | 'gauge'

/** Buckets by ascending index, with counts that are not cumulative. */
export interface Buckets {
  readonly indexes: readonly number[]
  readonly counts: readonly number[]
}

/** A native histogram. Immutable. */
export interface FloatHistogram {
  readonly hint: ResetHint
  readonly schema: number
  readonly zeroThreshold: number
  readonly zeroCount: number
  readonly count: number
  readonly sum: number
  readonly positive: Buckets
  readonly negative: Buckets
  /** The upper bounds in the custom buckets schema. */
  readonly customValues: readonly number[]
}

/** A bucket with its bounds. */
export interface Bucket {
  readonly lower: number
  readonly upper: number
  readonly lowerInclusive: boolean
  readonly upperInclusive: boolean
  readonly count: number
}

/** A run of consecutive buckets: how many indexes are skipped before it, and its length. */
export interface Span {
  readonly offset: number
  readonly length: number
}

const NO_BUCKETS: Buckets = { indexes: [], counts: [] }

/** Creates a histogram; all other fields are those of an empty one. */
export function floatHistogram(parts: Partial<FloatHistogram>): FloatHistogram {
  return {
    hint: 'unknown',
    schema: 0,
    zeroThreshold: 0,
    zeroCount: 0,
    count: 0,
    sum: 0,
    positive: NO_BUCKETS,
    negative: NO_BUCKETS,
    customValues: [],
    ...parts,
  }
}

/** The buckets from spans, as Prometheus transfers them. */
export function fromSpans(spans: readonly Span[], counts: readonly number[]): Buckets {
  const indexes: number[] = []
  let index = 0
  for (const { offset, length } of spans) {
    index += offset
    for (let i = 0; i < length; i++) indexes.push(index++)
  }
  return { indexes, counts }
}

/** The spans of the buckets. */
export function toSpans({ indexes }: Buckets): Span[] {
  const spans: { offset: number; length: number }[] = []
  let next = 0
  for (const [i, index] of indexes.entries()) {
    const last = spans.at(-1)
    if (last !== undefined && i > 0 && index === next) last.length += 1
    else spans.push({ offset: index - next, length: 1 })
    next = index + 1
  }
  return spans
}

/** Whether the schema is that of custom buckets. */
export function hasCustomBuckets({ schema }: FloatHistogram): boolean {
  return schema === CUSTOM_BUCKETS
}

/** Without empty buckets. */
export function compact(histogram: FloatHistogram): FloatHistogram {
  const positive = withoutEmpty(histogram.positive)
  const negative = withoutEmpty(histogram.negative)
  return { ...histogram, positive, negative }
}

function withoutEmpty(buckets: Buckets): Buckets {
  if (!buckets.counts.includes(0)) return buckets
  const indexes = buckets.indexes.filter((_, i) => buckets.counts[i] !== 0)
  return { indexes, counts: buckets.counts.filter((count) => count !== 0) }
}

/** With all counts and the sum multiplied; the product with a negative number is a gauge. */
export function multiply(histogram: FloatHistogram, factor: number): FloatHistogram {
  return scaled(histogram, factor, (value) => value * factor)
}

/** Divides all counts and the sum; after a division by zero it has no buckets. */
export function divide(histogram: FloatHistogram, divisor: number): FloatHistogram {
  const result = scaled(histogram, divisor, (value) => value / divisor)
  return divisor === 0 ? { ...result, positive: NO_BUCKETS, negative: NO_BUCKETS } : result
}

function scaled(histogram: FloatHistogram, by: number, scale: (value: number) => number): FloatHistogram {
  return {
    ...histogram,
    hint: by < 0 ? 'gauge' : histogram.hint,
    zeroCount: scale(histogram.zeroCount),
    count: scale(histogram.count),
    sum: scale(histogram.sum),
    positive: { indexes: histogram.positive.indexes, counts: histogram.positive.counts.map(scale) },
    negative: { indexes: histogram.negative.indexes, counts: histogram.negative.counts.map(scale) },
  }
}

/** Whether any of its numbers is infinite. */
export function hasOverflow({ zeroCount, count, sum, positive, negative, customValues }: FloatHistogram): boolean {
  const isInfinite = (value: number) => value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY
  return [[zeroCount, count, sum], positive.counts, negative.counts, customValues].some((list) => list.some(isInfinite))
}

/** Whether both have the same buckets, empty ones included, with the same counts. */
export function equalHistograms(a: FloatHistogram, b: FloatHistogram): boolean {
  return (
    a.schema === b.schema &&
    Object.is(a.count, b.count) &&
    Object.is(a.sum, b.sum) &&
    a.zeroThreshold === b.zeroThreshold &&
    Object.is(a.zeroCount, b.zeroCount) &&
    equalLists(a.customValues, b.customValues) &&
    equalBuckets(a.negative, b.negative) &&
    equalBuckets(a.positive, b.positive)
  )
}

function equalBuckets(a: Buckets, b: Buckets): boolean {
  return equalLists(a.indexes, b.indexes) && equalLists(a.counts, b.counts)
}

/** Whether both lists have the same numbers. */
export function equalLists(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]))
}

/** The buckets of one side with their bounds, from the zero bucket outwards. */
export function bucketsOf(histogram: FloatHistogram, side: 'positive' | 'negative'): Bucket[] {
  const { schema, customValues } = histogram
  const { indexes, counts } = histogram[side]
  return indexes.map((index, i) => {
    const outer = boundOf(index, schema, customValues)
    const inner = boundOf(index - 1, schema, customValues)
    const [lower, upper] = side === 'positive' ? [inner, outer] : [-outer, -inner]
    const isCustom = schema === CUSTOM_BUCKETS
    const lowerInclusive = isCustom ? index === 0 : lower < 0
    return { lower, upper, lowerInclusive, upperInclusive: isCustom || upper > 0, count: counts[i] ?? 0 }
  })
}

/** The zero bucket. */
export function zeroBucket({ zeroThreshold, zeroCount }: FloatHistogram): Bucket {
  const inclusive = { lowerInclusive: true, upperInclusive: true }
  return { lower: -zeroThreshold, upper: zeroThreshold, ...inclusive, count: zeroCount }
}

/** All buckets in ascending order. Those that overlap the zero bucket end at its threshold. */
export function allBuckets(histogram: FloatHistogram): Bucket[] {
  const { zeroThreshold } = histogram
  const zero = histogram.zeroCount > 0 ? [zeroBucket(histogram)] : []
  const clipped = (bucket: Bucket): Bucket => {
    if (bucket.upper < 0 && bucket.upper > -zeroThreshold) return { ...bucket, upper: -zeroThreshold }
    return bucket.lower > 0 && bucket.lower < zeroThreshold ? { ...bucket, lower: zeroThreshold } : bucket
  }
  return [
    ...bucketsOf(histogram, 'negative').reverse().map(clipped),
    ...zero,
    ...bucketsOf(histogram, 'positive').map(clipped),
  ]
}

/** How many float samples it counts as towards a query's limit. */
export function sizeInSamples({ positive, negative, customValues }: FloatHistogram): number {
  const spans = toSpans(positive).length + toSpans(negative).length
  const numbers = positive.counts.length + negative.counts.length + customValues.length + spans
  return Math.floor((176 + numbers * 8) / 16)
}

/** As Prometheus prints it: `{count:3, sum:5, (1,2]:3}`. */
export function printHistogram(histogram: FloatHistogram): string {
  const zero = histogram.zeroCount === 0 ? [] : [zeroBucket(histogram)]
  const buckets = [...bucketsOf(histogram, 'negative').reverse(), ...zero, ...bucketsOf(histogram, 'positive')]
  const shown = buckets.filter((bucket) => bucket.count !== 0).map(printBucket)
  return `{${[`count:${formatShortest(histogram.count)}`, `sum:${formatShortest(histogram.sum)}`, ...shown].join(', ')}}`
}

function printBucket({ lower, upper, lowerInclusive, upperInclusive, count }: Bucket): string {
  const bounds = `${formatShortest(lower)},${formatShortest(upper)}`
  return `${lowerInclusive ? '[' : '('}${bounds}${upperInclusive ? ']' : ')'}:${formatShortest(count)}`
}
