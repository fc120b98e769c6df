import type { SampleBatch } from './sample.ts'

/**
 * Samples of a series that may be missing: later than `afterMs`, earlier than `beforeMs`.
 */
export interface Gap {
  /** In the form of `encodeLabels`. */
  readonly labels: Buffer
  /** Time of the newest accepted sample; for a new series, the time since when samples may have been skipped. */
  readonly afterMs: number
  /** Time of the sample that waits for the missing ones, or the current time if there is none. */
  readonly beforeMs: number
  /** How often the target is scraped; NaN if it is unknown. */
  readonly intervalMs: number
  /** Whether the series is new, ended with a stale marker or was already checked: perhaps nothing is missing. */
  readonly ended: boolean
  /** Whether native histograms are missing. */
  readonly isNative: boolean
  /** Whether the gap still exists: another request may have closed it meanwhile. */
  isOpen(): boolean
  /** Raises the interval of a series that has samples less often than its target is scraped. */
  learnInterval(intervalMs: number): void
  /** The series is silent, and was checked. */
  end(): void
}

/** Finds the missing samples of gaps and ingests them. */
export interface GapCloser {
  /**
   * Resolves when the missing samples are settled or counted as lost. Rejects with a `RetryLaterError` if that can't be
   * known yet.
   */
  close(gaps: readonly Gap[]): Promise<void>
}

/** Ingests samples that were missing, without looking for gaps in them, and waits until they are settled. */
export type IngestMissing = (batch: SampleBatch) => Promise<void>
