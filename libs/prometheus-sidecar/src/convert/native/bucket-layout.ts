import { CUSTOM_BUCKETS, type NativeBuckets, type NativeHistogram } from '../../model/native-histogram.ts'

/** Which buckets a histogram has. */
export interface BucketLayout {
  readonly schema: number
  readonly zeroThreshold: number
  readonly customBounds: readonly number[]
}

/** The upper bound of a bucket of an exponential schema, for positive observations. */
export function upperBound(schema: number, index: number): number {
  // Powers of two are exact, and the bounds between two of them are the same multiples of the lower one.
  if (schema <= 0) return 2 ** (index * 2 ** -schema)
  const perPower = 2 ** schema
  const power = Math.floor(index / perPower)
  return 2 ** power * 2 ** ((index - power * perPower) / perPower)
}

/**
 * Converts a histogram to the buckets of another layout with a lower schema or a wider zero bucket, so that each of its
 * buckets lies within one of those. Returns undefined if they don't.
 */
export function withLayout(histogram: NativeHistogram, layout: BucketLayout): NativeHistogram | undefined {
  if ((histogram.schema === CUSTOM_BUCKETS) !== (layout.schema === CUSTOM_BUCKETS)) return undefined
  if (layout.schema === CUSTOM_BUCKETS) return sameBounds(histogram, layout) ? histogram : undefined
  if (layout.schema > histogram.schema || layout.zeroThreshold < histogram.zeroThreshold) return undefined
  const coarser = layout.schema === histogram.schema ? histogram : withSchema(histogram, layout.schema)
  return layout.zeroThreshold === histogram.zeroThreshold ? coarser : withZeroBucket(coarser, layout.zeroThreshold)
}

function sameBounds({ customBounds: a }: BucketLayout, { customBounds: b }: BucketLayout): boolean {
  return a.length === b.length && a.every((bound, index) => bound === b[index])
}

/** Each bucket of a lower schema is 2 ** difference adjacent ones. */
export function withSchema(histogram: NativeHistogram, schema: number): NativeHistogram {
  const width = 2 ** (histogram.schema - schema)
  return {
    ...histogram,
    schema,
    positive: merge(histogram.positive, width),
    negative: merge(histogram.negative, width),
  }
}

function merge({ indexes, counts }: NativeBuckets, width: number): NativeBuckets {
  const merged: { indexes: number[]; counts: number[] } = { indexes: [], counts: [] }
  for (const [at, index] of indexes.entries()) {
    const into = Math.ceil(index / width)
    const last = merged.indexes.length - 1
    if (merged.indexes[last] === into) merged.counts[last] = (merged.counts[last] ?? 0) + (counts[at] ?? 0)
    else {
      merged.indexes.push(into)
      merged.counts.push(counts[at] ?? 0)
    }
  }
  return merged
}

/** Undefined if a bucket with observations is partly in the wider zero bucket. */
function withZeroBucket(histogram: NativeHistogram, zeroThreshold: number): NativeHistogram | undefined {
  const { schema } = histogram
  let { zeroCount } = histogram
  const outside = ({ indexes, counts }: NativeBuckets): NativeBuckets | undefined => {
    const left: { indexes: number[]; counts: number[] } = { indexes: [], counts: [] }
    for (const [at, index] of indexes.entries()) {
      const count = counts[at] ?? 0
      if (upperBound(schema, index) <= zeroThreshold) zeroCount += count
      else if (upperBound(schema, index - 1) < zeroThreshold && count > 0) return undefined
      else {
        left.indexes.push(index)
        left.counts.push(count)
      }
    }
    return left
  }
  const positive = outside(histogram.positive)
  const negative = outside(histogram.negative)
  return positive === undefined || negative === undefined
    ? undefined
    : { ...histogram, zeroThreshold, zeroCount, positive, negative }
}
