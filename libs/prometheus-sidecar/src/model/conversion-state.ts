import type { NativeHistogram } from './native-histogram.ts'

/**
 * What conversion remembers of one Prometheus series, so that a sample resent after a crash becomes the same point
 * again, or is known to be settled. A sample is settled once Cloud Monitoring has accepted its point or refused it for
 * good, or once it was dropped on purpose (the first one of a counter, one too close to the last, NaN).
 */
export interface SeriesState {
  /** A small number; reused after the series is forgotten. */
  readonly id: number
  /** In the form of `encodeLabels`. */
  readonly labels: Uint8Array
  /** Start of the current cumulative interval in Unix milliseconds; NaN before the first, and for gauges. */
  startMs: number
  /** The raw value at `startMs`, subtracted from each later one. */
  resetValue: number
  /** Time of the newest settled sample; samples up to it are never converted again. NaN before the first. */
  lastMs: number
  /** The newest raw value that is a number, at `lastMs` or before. */
  lastValue: number
  /** End of the newest stored point; NaN before the first. */
  endMs: number
  /** The newest start that the target reported (`_created`), in Unix milliseconds; NaN if there is none. */
  createdMs: number
  /** Time of the sample from which that start replaces an earlier one; NaN if there was none. */
  createdFromMs: number
  /** The raw counts of a native histogram, of which the numbers above have only the total. */
  native: NativeState | undefined
  /** Samples of a histogram part that wait for the other parts: newer than `lastMs`, oldest first. */
  waiting: WaitingPart[]
}

/** The state of a series before its first sample. */
export function newSeriesState(id: number, labels: Uint8Array): SeriesState {
  return {
    id,
    labels,
    startMs: Number.NaN,
    resetValue: 0,
    lastMs: Number.NaN,
    lastValue: Number.NaN,
    endMs: Number.NaN,
    createdMs: Number.NaN,
    createdFromMs: Number.NaN,
    native: undefined,
    waiting: [],
  }
}

/** What conversion remembers of a native histogram. */
export interface NativeState {
  /** Subtracted from each later one; undefined: nothing is subtracted. */
  readonly baseline: NativeHistogram | undefined
  /** The newest settled histogram. */
  readonly last: NativeHistogram | undefined
}

/**
 * A sample of a `_bucket`, `_sum` or `_count` series that waits for the rest of its histogram. NaN is a stale marker.
 */
export interface WaitingPart {
  readonly timestampMs: number
  readonly value: number
}

/** The state on disk at startup. */
export interface SavedState {
  readonly series: readonly SeriesState[]
  /** JSON documents by name. */
  readonly documents: ReadonlyMap<string, unknown>
}

/**
 * Stores the state of conversion on disk. The calls before `commit` only write to a buffer, since they run for each
 * sample. When the promise of a `commit` resolves, all calls before it are on disk; after a crash, either all calls
 * covered by a commit are there, or none.
 *
 * The order for a request is: response of the API, these calls, `commit`, 2xx.
 */
export interface StateJournal {
  /** A new series; `labels` are copied. */
  define(id: number, labels: Uint8Array): void
  /** A series starts a new cumulative interval. */
  baseline(id: number, startMs: number, resetValue: number): void
  /** The target reported a new start of a series. */
  created(id: number, createdMs: number, createdFromMs: number): void
  /** Samples up to `lastMs` are settled, and waiting parts up to it were used. For `endMs` see {@link SeriesState}. */
  settle(id: number, lastMs: number, lastValue: number, endMs: number): void
  /** A native histogram from which later ones are counted; undefined: they are counted from zero. */
  nativeBaseline(id: number, histogram: NativeHistogram | undefined): void
  /** The newest settled native histogram of a series. */
  nativeLast(id: number, histogram: NativeHistogram): void
  /** A part of a histogram waits for the others. */
  wait(id: number, timestampMs: number, value: number): void
  /** A series is gone; its id may be defined again. */
  forget(id: number): void
  /** Stores a JSON document under a name, replacing an earlier one; undefined removes it. */
  document(name: string, value: unknown): void
  /** Rejects with a typed error if the disk fails: then the samples must not be acknowledged. */
  commit(): Promise<void>
  /** Commits, compacts the file if that is worthwhile, and closes it. */
  close(): Promise<void>
}

/**
 * Returns the entire settled state, from which the journal writes a compacted file. It must agree with all calls so
 * far.
 */
export type StateSource = () => Iterable<SeriesState>
