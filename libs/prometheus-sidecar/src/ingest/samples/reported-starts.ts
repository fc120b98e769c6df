import type { ReportedStart, SeriesEntry } from '../series/series-entry.ts'

/** If there are more starts than this between two accepted samples of a series, the oldest are discarded. */
const MAX_REPORTED = 100

/**
 * Records that the target reported a start with its samples of `fromMs`. Returns whether it was unknown before. A start
 * for later samples waits for them; one for samples that were already accepted changes the believed start, but no
 * point.
 */
export function reportStart(entry: SeriesEntry, { createdMs, fromMs }: ReportedStart): boolean {
  const { reportedStarts } = entry
  if (Number.isNaN(entry.believedMs) && reportedStarts.length === 0) {
    entry.believedMs = createdMs
    entry.confirmedMs = fromMs
    return true
  }
  const earlier = reportedStarts.length === 0 ? undefined : reportedStarts.findLast((start) => start.fromMs <= fromMs)
  if (createdMs === (earlier?.createdMs ?? entry.believedMs)) {
    if (earlier === undefined && !(fromMs <= entry.confirmedMs)) entry.confirmedMs = fromMs
    return false
  }
  if (fromMs <= entry.confirmedMs) return false
  if (fromMs <= entry.nextLastMs) {
    entry.believedMs = createdMs
    entry.confirmedMs = fromMs
    return true
  }
  const later = reportedStarts.find((start) => start.fromMs > fromMs)
  const others = reportedStarts.filter((start) => start !== later || start.createdMs !== createdMs)
  entry.reportedStarts = [...others, { createdMs, fromMs }].sort((a, b) => a.fromMs - b.fromMs).slice(-MAX_REPORTED)
  return true
}

/** Continues from the state of the last run, which contains the newest start. */
export function restoreStarts(entry: SeriesEntry): void {
  const { createdMs, createdFromMs } = entry
  if (createdFromMs > entry.nextLastMs) entry.reportedStarts = [{ createdMs, fromMs: createdFromMs }]
  else {
    entry.believedMs = createdMs
    entry.confirmedMs = createdFromMs
  }
}

/**
 * Applies the starts that came with the samples up to `timestampMs`, the next one to be converted. Returns whether the
 * series restarted after its last sample: whether one of those starts is new and no reset was inferred for it before.
 */
export function applyStarts(entry: SeriesEntry, timestampMs: number): boolean {
  if (entry.reportedStarts.length === 0) return false
  let restarted = false
  let applied = 0
  for (const { createdMs, fromMs } of entry.reportedStarts) {
    if (fromMs > timestampMs) break
    restarted ||= !isInferred(entry, createdMs)
    entry.believedMs = createdMs
    entry.confirmedMs = fromMs
    applied += 1
  }
  if (applied > 0) entry.reportedStarts = entry.reportedStarts.slice(applied)
  return restarted
}

/**
 * Whether the samples accepted so far are already counted from this start. That is only possible if the last of them
 * did not confirm the previous start: then they may have been the first of the new start, which shows in a value that
 * fell meanwhile, or in the start itself.
 */
function isInferred(entry: SeriesEntry, createdMs: number): boolean {
  if (entry.confirmedMs >= entry.nextLastMs) return false
  return createdMs <= entry.nextLastMs || entry.nextStartMs > entry.confirmedMs
}
