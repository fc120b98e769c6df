import { exponentialBound } from './bounds.ts'
import { commonBounds, reduceResolution } from './bucket-sums.ts'
import { type Buckets, bucketsOf, equalLists, type FloatHistogram, hasCustomBuckets } from './float-histogram.ts'
import { largerZeroBucket } from './zero-bucket.ts'

/** Whether the counter was reset between two histograms: a count decreased, or the buckets became finer. */
export function detectReset(current: FloatHistogram, previous: FloatHistogram): boolean {
  if (current.hint === 'reset') return true
  if (current.hint === 'notReset') return false
  if (current.count < previous.count) return true
  if (hasCustomBuckets(current)) {
    if (!hasCustomBuckets(previous)) return true
    if (!equalLists(current.customValues, previous.customValues)) return hasDecreasedCommonBucket(current, previous)
  }
  if (current.schema > previous.schema || current.zeroThreshold < previous.zeroThreshold) return true
  const zero = largerZeroBucket(previous, current.zeroThreshold)
  if (zero.threshold !== current.zeroThreshold || current.zeroCount < zero.count) return true
  return (['positive', 'negative'] as const).some((side) =>
    hasDecreasedBucket(outsideZero(current, side, current), outsideZero(previous, side, current)),
  )
}

/** The buckets in another histogram's resolution, without those within its zero bucket. */
function outsideZero(histogram: FloatHistogram, side: 'positive' | 'negative', as: FloatHistogram): Buckets {
  const { schema, zeroThreshold } = as
  if (hasCustomBuckets(as)) return histogram[side]
  const isSame = histogram.schema === schema
  const buckets = isSame ? histogram[side] : reduceResolution(histogram[side], histogram.schema, schema)
  if (zeroThreshold === 0) return buckets
  const first = buckets.indexes.findIndex((index) => exponentialBound(index, schema) > zeroThreshold)
  const from = first < 0 ? buckets.indexes.length : first
  return { indexes: buckets.indexes.slice(from), counts: buckets.counts.slice(from) }
}

function hasDecreasedBucket(current: Buckets, previous: Buckets): boolean {
  let i = 0
  return previous.indexes.some((index, j) => {
    const before = previous.counts[j] ?? 0
    while ((current.indexes[i] ?? Number.POSITIVE_INFINITY) < index) i += 1
    return current.indexes[i] === index ? (current.counts[i] ?? 0) < before : before !== 0
  })
}

function hasDecreasedCommonBucket(current: FloatHistogram, previous: FloatHistogram): boolean {
  const bounds = [...commonBounds(current.customValues, previous.customValues), Number.POSITIVE_INFINITY]
  const now = upTo(current, bounds)
  const before = upTo(previous, bounds)
  return bounds.some((_, i) => (now[i] ?? 0) < (before[i] ?? 0))
}

/** The counts of a histogram in buckets with these bounds. */
function upTo(histogram: FloatHistogram, bounds: readonly number[]): number[] {
  const counts = bounds.map(() => 0)
  for (const { upper, count } of bucketsOf(histogram, 'positive')) {
    const target = bounds.findIndex((bound) => upper <= bound)
    counts[target] = (counts[target] ?? 0) + count
  }
  return counts
}
