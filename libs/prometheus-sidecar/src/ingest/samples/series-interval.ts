import { type CumulativeCursor, refuseInterval } from '../../convert/cumulative.ts'
import { isStartRefusal } from '../../write/api-error.ts'
import type { PointOutcome } from '../../write/series-queue.ts'
import type { IngestContext } from '../ingest-context.ts'
import type { OutputSeries } from '../series/output-series.ts'
import type { SeriesEntry } from '../series/series-entry.ts'
import type { Pending } from './pending.ts'

/** The end of the year 9999 in Unix milliseconds: the latest time that Cloud Monitoring's timestamps represent. */
export const MAX_TIMESTAMP_MS = 253_402_300_799_999

/** Cloud Monitoring refuses points that are further in the future. */
export const MAX_AHEAD_MS: number = 5 * 60_000

/** Time of the newest accepted sample of a series, settled or not; undefined if there is none. */
export function newestAcceptedMs(entry: SeriesEntry): number | undefined {
  const { nextLastMs, member } = entry
  const acceptedMs = member?.acceptedMs ?? Number.NEGATIVE_INFINITY
  const newestMs = nextLastMs > acceptedMs ? nextLastMs : acceptedMs
  return Number.isFinite(newestMs) ? newestMs : undefined
}

/**
 * Whether the API refused a point because its interval starts too early, as after a crash between a response and the
 * journal: the point can still be written in an interval of its own.
 */
export function hasRefusedStart(pending: Pending, outcome: PointOutcome): boolean {
  const refused = outcome.kind === 'refused' || outcome.kind === 'already_stored'
  return refused && !pending.moved && !Number.isNaN(pending.startMs) && isStartRefusal(outcome.reason)
}

/**
 * Whether a pending sample is the first of its series: then a refused start proves that older points exist, from before
 * the state was lost, and the sample can only be a baseline.
 */
export function isFirstSample(entry: SeriesEntry, { lastMs }: Pending): boolean {
  return Number.isNaN(entry.startMs) || lastMs <= entry.lastMs
}

/** The state of a series including its queued samples. */
export function queuedCursor(entry: SeriesEntry): CumulativeCursor {
  return {
    startMs: entry.nextStartMs,
    resetValue: entry.nextResetValue,
    lastMs: entry.nextLastMs,
    lastValue: entry.nextLastValue,
  }
}

/**
 * Whether the newest sample of a thinned series, in an interval from `startMs`, could have been written but was not.
 */
export function isUnwritten(output: OutputSeries, startMs: number, lastMs: number, { rules }: IngestContext): boolean {
  if (output.periodMs === 0 || Number.isNaN(startMs) || !(lastMs > startMs)) return false
  if (!(lastMs > output.endMs) && !Number.isNaN(output.endMs)) return false
  const unthinned = { startMs: output.startMs, endMs: output.endMs }
  return refuseInterval(startMs, lastMs, unthinned, rules.minSamplingPeriodMs) === undefined
}

/** Whether two times are equal, or both unknown (NaN). */
export function same(a: number, b: number): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b))
}
