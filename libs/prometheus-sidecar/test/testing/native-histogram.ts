import { type NativeHistogram, NO_BUCKETS } from '../../src/model/native-histogram.ts'

/** A native histogram without observations, except for the given fields. */
export function nativeHistogram(more: Partial<NativeHistogram> = {}): NativeHistogram {
  return {
    timestampMs: 0,
    createdMs: Number.NaN,
    schema: 0,
    count: 0,
    sum: 0,
    zeroThreshold: 0,
    zeroCount: 0,
    positive: NO_BUCKETS,
    negative: NO_BUCKETS,
    customBounds: [],
    gauge: false,
    reset: false,
    stale: false,
    ...more,
  }
}
