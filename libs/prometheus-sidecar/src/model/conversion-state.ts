/**
 * What conversion has to remember of one Prometheus series, so that a sample that comes again after a crash becomes the same
 * point again or is known to be settled. A sample is settled once Cloud Monitoring has taken its point, has refused it for good,
 * or it was dropped on purpose (the first of a counter, too close to the last, NaN).
 */
export interface SeriesState {
  /** Dense and small; used again after the series is forgotten. */
  readonly id: number
  /** The series' labels in the form of `encodeLabels`. */
  readonly labels: Uint8Array
  /** Start of the running cumulative interval, Unix milliseconds; NaN before there is one, and for gauges. */
  startMs: number
  /** The raw value at `startMs` that is taken off every later one. */
  resetValue: number
  /** The newest settled sample; samples up to it are answered and never converted again. NaN before the first. */
  lastMs: number
  /** The newest raw value that was a number, at `lastMs` or before. */
  lastValue: number
  /** End of the newest stored point; NaN before the first. */
  endMs: number
  /** The newest start that the target told of the series itself (`_created`), Unix milliseconds; NaN if none. */
  createdMs: number
  /** Time of the sample from which on that start holds, in place of one told before; NaN if none was. */
  createdFromMs: number
  /** Samples of a histogram's part that were answered and wait for the other parts: newer than `lastMs`, oldest first. */
  waiting: WaitingPart[]
}

/** The state of a series of which nothing was taken yet. */
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
    waiting: [],
  }
}

/** One sample of a `_bucket`, `_sum` or `_count` series that waits for the rest of its histogram. NaN: a stale marker. */
export interface WaitingPart {
  readonly timestampMs: number
  readonly value: number
}

/** What was on disk at the start. */
export interface SavedState {
  readonly series: readonly SeriesState[]
  /** Named JSON documents: caches of targets and metadata. */
  readonly documents: ReadonlyMap<string, unknown>
}

/**
 * Where conversion's state is kept. The calls before `commit` only buffer (and are cheap: they run once a sample);
 * what they said is on disk when the promise of a later `commit` resolves, and all of it that one commit covers, or none.
 *
 * The order around a request is: API's answer, these calls, `commit`, 2xx.
 */
export interface StateJournal {
  /** A new series. `labels` is copied. */
  define(id: number, labels: Uint8Array): void
  /** The running cumulative interval of a series begins anew. */
  baseline(id: number, startMs: number, resetValue: number): void
  /** The target told of a (new) start of the series. */
  created(id: number, createdMs: number, createdFromMs: number): void
  /** Samples up to `lastMs` are settled; waiting parts up to it are done with. `endMs`: see {@link SeriesState}. */
  settle(id: number, lastMs: number, lastValue: number, endMs: number): void
  /** A histogram part that waits. */
  wait(id: number, timestampMs: number, value: number): void
  /** The series is gone; its id may be defined anew. */
  forget(id: number): void
  /** Keeps a JSON document under a name, in place of the last of that name; undefined removes it. */
  document(name: string, value: unknown): void
  /** Resolves when all calls before it are on disk; rejects with a typed error when the disk refuses, and the samples must not be answered. */
  commit(): Promise<void>
  /** Commits, compacts where worth it, and closes the file. */
  close(): Promise<void>
}

/** Gives the whole present settled state, from which the journal writes a compacted file. It must agree with all calls made so far. */
export type StateSource = () => Iterable<SeriesState>
