import type { CumulativeCursor, WrittenInterval } from '../convert/cumulative.ts'
import { isStartRefusal } from '../write/api-error.ts'
import type { PointOutcome } from '../write/series-queue.ts'
import type { Pending } from './pending.ts'
import type { OutputSeries } from './series/output-series.ts'
import type { SeriesEntry } from './series/series-entry.ts'

/** Largest time that Cloud Monitoring's timestamps hold (end of the year 9999), Unix milliseconds. */
export const MAX_TIMESTAMP_MS = 253_402_300_799_999

/**
 * The target says that the series began anew between its last sample and this one. By the time of the sample that said so, since the start itself is
 * by the target's own clock; it may come early, in another request.
 */
export function restarted(entry: SeriesEntry, timestampMs: number): boolean {
  return entry.nextLastMs < entry.createdFromMs && entry.createdFromMs <= timestampMs
}

/** The newest sample that was taken of a series, settled or not; undefined if there is none. */
export function newestTakenMs(entry: SeriesEntry): number | undefined {
  const newest = Math.max(entry.nextLastMs, entry.member?.takenMs ?? Number.NaN)
  const known = Number.isNaN(newest) ? entry.nextLastMs : newest
  return Number.isFinite(known) ? known : undefined
}

/** The series' newest interval is another than thought, as after a crash before the journal: the point can yet be written in one of its own. */
export function hasRefusedStart(pending: Pending, outcome: PointOutcome): boolean {
  const refused = outcome.kind === 'refused' || outcome.kind === 'already_stored'
  return refused && !pending.moved && !Number.isNaN(pending.startMs) && isStartRefusal(outcome.reason)
}

/** The state of a series ahead of its newest queued sample. */
export function queuedCursor(entry: SeriesEntry): CumulativeCursor {
  return {
    startMs: entry.nextStartMs,
    resetValue: entry.nextResetValue,
    lastMs: entry.nextLastMs,
    lastValue: entry.nextLastValue,
  }
}

/** The interval of the newest point queued for a time series. */
export function queuedInterval(output: OutputSeries): WrittenInterval {
  return { startMs: output.newestStartMs, endMs: output.newestEndMs }
}

/** Whether two times are the same, or both unknown. */
export function same(a: number, b: number): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b))
}
