import type { DropReason } from '../convert/drop-reason.ts'

/** Observes what happens to samples. Its methods are called often, so they must be cheap; they must not throw. */
export interface IngestObserver {
  /** A batch of this many samples arrived. */
  batchReceived(samples: number): void
  /** A sample was not stored. */
  sampleDropped(reason: DropReason): void
  /** A sample of a series was dropped for this reason for the first time. */
  seriesDropped(drop: { readonly reason: DropReason; readonly detail: string; readonly labels: () => string }): void
  pointStored(outcome: 'stored' | 'already_stored'): void
  pointRefused(code: number): void
}
