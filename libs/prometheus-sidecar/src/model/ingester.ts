import type { FollowingLabels } from './labels/following-labels.ts'
import type { ComposedLabels } from './labels/labels-hash.ts'
import type { MetricMetadata } from './metadata.ts'
import type { KnownSeries, SampleBatch } from './sample.ts'

/** Finds known series. */
export interface SeriesLookup {
  seriesOf(labels: ComposedLabels): KnownSeries | undefined
}

/** Finds the known series of a request, one after another. */
export interface FollowerLookup {
  /**
   * Tries the series first that followed this one the last time.
   *
   * @param before - The series that comes before it in the same request, if that is known.
   */
  seriesAfter(before: KnownSeries | undefined, labels: FollowingLabels): KnownSeries | undefined
}

/** Passes samples from the remote_write receiver or the scraper to conversion, writing and state. */
export interface Ingester extends SeriesLookup, FollowerLookup {
  /**
   * Ingests a batch. Resolves once it may be answered with 2xx: each sample was accepted by Cloud Monitoring, was
   * refused or dropped for good (and counted), or is part of an incomplete histogram and safely in the state. Rejects
   * with a {@link RetryLaterError} (answer 503) when there is no room, or when `deadlineMs` (from now) has passed; what
   * is in flight continues, and the same samples, if resent, join it. Returns what was dropped because of invalid
   * labels.
   */
  ingest(batch: SampleBatch, options: { readonly deadlineMs: number }): Promise<InvalidSamples>
  /**
   * Adds metadata received by remote_write. It names no target, so it is used only where the target's own is unknown.
   */
  addMetadata(metadata: readonly MetricMetadata[]): void
}

/** The content of series with invalid labels: not UTF-8, without a metric name, or with a duplicate. */
export interface InvalidSamples {
  readonly series: number
  readonly samples: number
  readonly histograms: number
  readonly exemplars: number
  /** What is wrong with the first series. */
  readonly detail: string
}

export const NOTHING_INVALID: InvalidSamples = { series: 0, samples: 0, histograms: 0, exemplars: 0, detail: '' }

/** The samples could not be settled now; the sender must send them again. */
export class RetryLaterError extends Error {
  readonly code = 'ERR_RETRY_LATER'
  readonly reason: 'deadline' | 'full' | 'state' | 'targets' | 'closing' | 'lease'

  constructor(reason: RetryLaterError['reason'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'RetryLaterError'
    this.reason = reason
  }
}
