import type { BucketOptionsMessage } from './messages.ts'

/** The buckets of a distribution: an underflow bucket, finite buckets and an overflow bucket. */
export interface BucketLayout {
  /** The upper bounds of all buckets but the last, which is unbounded; strictly increasing. */
  readonly bounds: readonly number[]
  readonly buckets: number
  /** The options as they were written. */
  readonly options: BucketOptionsMessage
  /** Equal layouts have equal keys. */
  readonly key: string
}

/** The layout of a distribution without buckets. */
export const NO_BUCKETS: BucketLayout = { bounds: [], buckets: 0, options: {}, key: '' }

/** The layout of valid options (google/api/distribution.proto). */
export function bucketLayout(options: BucketOptionsMessage): BucketLayout {
  const { linearBuckets, exponentialBuckets, explicitBuckets } = options
  if (linearBuckets) {
    const { numFiniteBuckets, width, offset } = linearBuckets
    return {
      bounds: Array.from({ length: numFiniteBuckets + 1 }, (_, index) => offset + width * index),
      buckets: numFiniteBuckets + 2,
      options: { linearBuckets: { numFiniteBuckets, width, offset } },
      key: `linear ${numFiniteBuckets} ${width} ${offset}`,
    }
  }
  if (exponentialBuckets) {
    const { numFiniteBuckets, growthFactor, scale } = exponentialBuckets
    return {
      bounds: Array.from({ length: numFiniteBuckets + 1 }, (_, index) => scale * growthFactor ** index),
      buckets: numFiniteBuckets + 2,
      options: { exponentialBuckets: { numFiniteBuckets, growthFactor, scale } },
      key: `exponential ${numFiniteBuckets} ${growthFactor} ${scale}`,
    }
  }
  if (explicitBuckets) {
    const bounds = Array.from(explicitBuckets.bounds)
    return {
      bounds,
      buckets: bounds.length + 1,
      options: { explicitBuckets: { bounds } },
      key: `explicit ${bounds.join(' ')}`,
    }
  }
  return NO_BUCKETS
}

/** The number of buckets, without creating the layout. */
export function bucketCountOf(options: BucketOptionsMessage): number {
  if (options.linearBuckets) return options.linearBuckets.numFiniteBuckets + 2
  if (options.exponentialBuckets) return options.exponentialBuckets.numFiniteBuckets + 2
  if (options.explicitBuckets) return options.explicitBuckets.bounds.length + 1
  return 0
}

/** Layouts by key, so that series share them. Layouts beyond `limit` are not shared. */
export class BucketLayouts {
  readonly #byKey = new Map<string, BucketLayout>()
  readonly #limit: number

  constructor(limit = 1000) {
    this.#limit = limit
  }

  of(options: BucketOptionsMessage | null | undefined): BucketLayout {
    if (!options) return NO_BUCKETS
    const layout = bucketLayout(options)
    const known = this.#byKey.get(layout.key)
    if (known) return known
    if (this.#byKey.size < this.#limit) this.#byKey.set(layout.key, layout)
    return layout
  }
}
