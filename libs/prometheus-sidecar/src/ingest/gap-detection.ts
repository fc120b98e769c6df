import { parseDuration } from '@node-to-cloud/command-line'
import type { Gap } from '../model/gap.ts'
import { asBuffer } from '../model/labels.ts'
import type { SampleBatch } from '../model/sample.ts'
import type { Target } from '../model/target.ts'
import { newestAcceptedMs } from './samples/series-interval.ts'
import type { SeriesEntry } from './series/series-entry.ts'

/** A sample is missing before one that comes later than this many intervals after the last. */
const MISSING_AFTER_INTERVALS = 1.5
/** A series is silent if it is behind the others by this many intervals, and by at least this time. */
const SILENT_AFTER_INTERVALS = 4
const SILENT_AFTER_MS = 90_000
/**
 * How far apart the shards of remote_write may be: at most the 2 h in Prometheus' WAL. A series that was further behind
 * had ended before.
 */
const MAX_LAG_MS = 2 * 60 * 60_000
/** More silent series are looked after later. */
const MAX_SILENT_GAPS = 20_000

const intervals = new Map<string, number>()

/** How often a target is scraped, in milliseconds; NaN if Prometheus does not say. */
export function scrapeIntervalMs(target: Target | undefined): number {
  const text = target?.discoveredLabels.get('__scrape_interval__')
  if (text === undefined) return Number.NaN
  let intervalMs = intervals.get(text)
  if (intervalMs === undefined) {
    intervalMs = parseDuration(text) || Number.NaN
    if (intervals.size < 1_000) intervals.set(text, intervalMs)
  }
  return intervalMs
}

export interface GapLimits {
  /** Later samples are no reason to look for others. */
  readonly latestMs: number
  /** New series may lack samples since then; NaN if they don't. */
  readonly uncertainFromMs: number
}

/** The gaps before the samples of a batch: `entries` are the series of its spans. */
export function gapsBefore(
  batch: SampleBatch,
  entries: readonly (SeriesEntry | undefined)[],
  limits: GapLimits,
): readonly Gap[] {
  const hasGap = batch.spans.some(({ samplesEnd }, index) => {
    const entry = entries[index]
    if (entry?.role === undefined || entry.role === 'native') return false
    return (
      (batch.timestampsMs[samplesEnd - 1] ?? 0) - (newestAcceptedMs(entry) ?? limits.uncertainFromMs) > allowedMs(entry)
    )
  })
  return hasGap ? exactGaps(batch, entries, limits) : []
}

/** A series may have several spans in a batch, and a gap between its samples there. */
function exactGaps(
  batch: SampleBatch,
  entries: readonly (SeriesEntry | undefined)[],
  { latestMs, uncertainFromMs }: GapLimits,
): Gap[] {
  const reached = new Map<SeriesEntry, { reachedMs: number; beforeMs: number | undefined }>()
  for (const [index, { samplesStart, samplesEnd }] of batch.spans.entries()) {
    const entry = entries[index]
    if (entry?.role === undefined || entry.role === 'native' || samplesStart === samplesEnd) continue
    const newestMs = newestAcceptedMs(entry) ?? uncertainFromMs
    const found = reached.get(entry) ?? { reachedMs: newestMs, beforeMs: undefined }
    reached.set(entry, found)
    for (let sample = samplesStart; sample < samplesEnd; sample++) {
      const timestampMs = batch.timestampsMs[sample] ?? 0
      if (timestampMs > latestMs) continue
      if (timestampMs - found.reachedMs > allowedMs(entry)) found.beforeMs = timestampMs
      found.reachedMs = Math.max(found.reachedMs, timestampMs)
    }
  }
  return [...reached].flatMap(([entry, { beforeMs }]) =>
    beforeMs === undefined ? [] : [gapOf(entry, newestAcceptedMs(entry) ?? uncertainFromMs, beforeMs)],
  )
}

/** How long after its last sample a series may have the next one. */
function allowedMs({ intervalMs }: SeriesEntry): number {
  return (intervalMs || 0) * MISSING_AFTER_INTERVALS
}

/**
 * The series of which no sample came while others went on, or, if nothing is sent at all, for long. `isSending`: whether
 * requests come.
 */
export function silentSeries(
  all: Iterable<SeriesEntry>,
  { nowMs, isSending }: { readonly nowMs: number; readonly isSending: boolean },
): Gap[] {
  const candidates: { entry: SeriesEntry; newestMs: number }[] = []
  let progressMs = Number.NEGATIVE_INFINITY
  for (const entry of all) {
    if (entry.role === undefined || entry.role === 'created' || entry.role === 'native') continue
    const newestMs = entry.isTwin ? undefined : newestAcceptedMs(entry)
    if (newestMs === undefined) continue
    if (newestMs > progressMs) progressMs = newestMs
    if (!entry.ended && newestMs < nowMs - SILENT_AFTER_MS) candidates.push({ entry, newestMs })
  }
  const reachedMs = isSending ? progressMs : nowMs
  const gaps: Gap[] = []
  for (const { entry, newestMs } of candidates) {
    const silentAfterMs = Math.max(SILENT_AFTER_MS, (entry.intervalMs || 0) * SILENT_AFTER_INTERVALS)
    if (newestMs >= reachedMs - silentAfterMs || newestMs < progressMs - MAX_LAG_MS) continue
    gaps.push(gapOf(entry, newestMs, nowMs))
    if (gaps.length === MAX_SILENT_GAPS) break
  }
  return gaps
}

function gapOf(entry: SeriesEntry, afterMs: number, beforeMs: number): Gap {
  const isNew = newestAcceptedMs(entry) === undefined
  return {
    labels: asBuffer(entry.labels),
    afterMs,
    beforeMs,
    intervalMs: entry.intervalMs,
    ended: entry.ended || isNew,
    isOpen: () => beforeMs - (newestAcceptedMs(entry) ?? (isNew ? afterMs : beforeMs)) > allowedMs(entry),
    learnInterval(intervalMs) {
      if (!(entry.intervalMs >= intervalMs)) entry.intervalMs = intervalMs
    },
    end() {
      entry.ended = true
    },
  }
}
