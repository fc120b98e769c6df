/**
 * Samples on their way in: what the remote_write receiver decodes and what a scrape yields.
 * Struct of arrays, so that a request of thousands of samples makes few objects.
 */
export interface SampleBatch {
  /** Holds the labels of every span, in the form of `encodeLabels`. Must not change until the batch is ingested. */
  readonly bytes: Buffer
  readonly spans: readonly SeriesSpan[]
  /** Unix time in milliseconds, one for each sample. */
  readonly timestampsMs: readonly number[]
  /** One for each sample. NaN is not convertible; a stale marker is NaN too, and says so in its span. */
  readonly values: readonly number[]
}

/** Neighbouring samples of one series within a batch, oldest first. A series may have several spans in one batch. */
export interface SeriesSpan {
  /** `bytes[labelsStart, labelsEnd)`: the labels, the key by which the series is looked up. */
  readonly labelsStart: number
  readonly labelsEnd: number
  /** `timestampsMs[samplesStart, samplesEnd)` and `values[…]`; empty where the span brings only exemplars or native histograms. */
  readonly samplesStart: number
  readonly samplesEnd: number
  /** The last sample is Prometheus' stale marker (NaN with the bits 0x7ff0000000000002): the series has ended for now. A span ends after one. */
  readonly stale: boolean
  readonly exemplars: readonly Exemplar[]
  /** Native histograms that came with it, which are left out: how many, and the time of the newest. */
  readonly nativeHistograms?: { readonly count: number; readonly newestMs: number }
  /** Start of the counter or histogram as its target tells it (`_created`), in Unix milliseconds, where known. */
  readonly createdMs?: number
}

/** One measured value that a series points to as an example, with labels that lead to its trace. */
export interface Exemplar {
  readonly labels: ReadonlyMap<string, string>
  readonly value: number
  readonly timestampMs: number
}

/** Prometheus' stale marker, as the bits of its float64. */
export const STALE_NAN_BITS = 0x7ff0000000000002n
