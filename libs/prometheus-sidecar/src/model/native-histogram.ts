/** The schema of histograms whose bounds are listed one by one instead of growing by a constant factor. */
export const CUSTOM_BUCKETS = -53

/** A native histogram at one timestamp: its counts since its start. The counts are not cumulative over buckets. */
export interface NativeHistogram {
  readonly timestampMs: number
  /** When it started counting, as reported by its target; NaN if not reported. */
  readonly createdMs: number
  /**
   * From -4 to 8: the bounds are the powers of 2 ** (2 ** -schema). {@link CUSTOM_BUCKETS}: they are `customBounds`.
   */
  readonly schema: number
  readonly count: number
  readonly sum: number
  /** Observations from -zeroThreshold to zeroThreshold are in the zero bucket. */
  readonly zeroThreshold: number
  readonly zeroCount: number
  /** Observations in (base ** (index - 1), base ** index]; with custom buckets, up to the bound of that index. */
  readonly positive: NativeBuckets
  /** Observations in [-(base ** index), -(base ** (index - 1))). */
  readonly negative: NativeBuckets
  /** Finite and ascending; one more bucket follows the last. */
  readonly customBounds: readonly number[]
  /** Whether its counts may fall: a gauge histogram. */
  readonly gauge: boolean
  /** Whether it is known to have restarted. */
  readonly reset: boolean
  /** Whether it only means that the series has ended for now. */
  readonly stale: boolean
}

/** Buckets by ascending index; omitted ones are empty. */
export interface NativeBuckets {
  readonly indexes: readonly number[]
  readonly counts: readonly number[]
}

export const NO_BUCKETS: NativeBuckets = { indexes: [], counts: [] }
