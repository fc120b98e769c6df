import type { DropReason } from '../convert/drop-reason.ts'

/** Told what becomes of samples; called often, must be cheap and not throw. */
export interface IngestObserver {
  /** A batch with this many samples came in. */
  batchTaken(samples: number): void
  /** A sample was not stored. */
  sampleDropped(reason: DropReason): void
  /** The first time that a series loses a sample for this reason. */
  seriesDropped(drop: { readonly reason: DropReason; readonly detail: string; readonly labels: () => string }): void
  /** A point was taken by the API, or was there already. */
  pointStored(outcome: 'stored' | 'already_stored'): void
  /** A point was refused for good. */
  pointRefused(code: number): void
}
