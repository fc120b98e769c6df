import type { MetricType } from './metadata.ts'
import type { NativeHistogram } from './native-histogram.ts'

/**
 * Samples from a remote_write request or a scrape. A struct of arrays, so that thousands of samples need few objects.
 */
export interface SampleBatch {
  /** Contains the labels of each span, in the form of `encodeLabels`. Must not change until the batch is ingested. */
  readonly bytes: Buffer
  readonly spans: readonly SeriesSpan[]
  /** In Unix milliseconds, one per sample. */
  readonly timestampsMs: readonly number[]
  /** One per sample. A stale marker is NaN, and marked in its span. */
  readonly values: readonly number[]
}

/** Adjacent samples of one series in a batch, oldest first. A series may have several spans in a batch. */
export interface SeriesSpan {
  /** The series is looked up by its labels, `bytes[labelsStart, labelsEnd)`; empty if there is a `series`. */
  readonly labelsStart: number
  readonly labelsEnd: number
  /**
   * `timestampsMs[samplesStart, samplesEnd)` and `values[…]`; empty if the span has only exemplars or native
   * histograms.
   */
  readonly samplesStart: number
  readonly samplesEnd: number
  /**
   * Whether the last sample is a stale marker (NaN with the bits 0x7ff0000000000002): the series has ended for now. A
   * span ends after one.
   */
  readonly stale: boolean
  readonly exemplars: readonly Exemplar[]
  /** Oldest first. */
  readonly nativeHistograms?: readonly NativeHistogram[] | undefined
  /** The type of its metric, if it was sent with the samples. */
  readonly type?: MetricType | undefined
  /** Its series, if it was already known when the samples were decoded. */
  readonly series?: KnownSeries | undefined
  /** Start of the counter or histogram as reported by its target, in Unix milliseconds, if known. */
  readonly createdMs?: number | undefined
}

/** A series as its ingester knows it. */
export interface KnownSeries {
  /** In the form of `encodeLabels`. */
  readonly labels: Uint8Array
  /** Whether it is no longer kept, and may be represented by another object. */
  readonly isForgotten: boolean
}

/** An example of a measured value, with labels that point to its trace. */
export interface Exemplar {
  readonly labels: ReadonlyMap<string, string>
  readonly value: number
  readonly timestampMs: number
}

/** Prometheus' stale marker, as the bits of its float64. */
export const STALE_NAN_BITS = 0x7ff0000000000002n
