import { parseDuration } from '@node-to-cloud/command-line'
import type { Gap } from '../model/gap.ts'
import { asBuffer } from '../model/labels/labels.ts'
import type { SampleBatch } from '../model/sample.ts'
import type { Target } from '../model/target.ts'
import type { NewTargets } from './new-targets.ts'
import { newestAcceptedMs } from './samples/series-interval.ts'
import type { SeriesEntry } from './series/series-entry.ts'

/** A sample is missing if the next one comes more than this many intervals after the last. */
const MISSING_AFTER_INTERVALS = 1.5
/** A series is silent if it is this many intervals behind the others, and by at least this long. */
const SILENT_AFTER_INTERVALS = 4
const SILENT_AFTER_MS = 90_000
/**
 * How far apart the shards of remote_write may be: at most the 2 h in Prometheus' WAL. A series that is further behind
 * had ended before.
 */
const MAX_LAG_MS = 2 * 60 * 60_000
/** If there are more silent series, the rest are checked later. */
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

/** Which gaps are looked for. */
export interface GapLimits {
  /** Gaps before samples later than this are ignored. */
  readonly latestMs: number
  /** New series may be missing samples since then; NaN if not. */
  readonly uncertainFromMs: number
  readonly newTargets: NewTargets
}

/**
 * New series may be missing samples if they appear more than this many intervals after the first sample of their
 * target, or after `uncertainFromMs`.
 */
const NEW_AFTER_INTERVALS = 0.5

/** The gaps before the samples of a batch: `entries` are the series of its spans. */
export function gapsBefore(
  batch: SampleBatch,
  entries: readonly (SeriesEntry | undefined)[],
  limits: GapLimits,
): readonly Gap[] {
  const hasGap = batch.spans.some(({ samplesStart, samplesEnd }, index) => {
    const entry = entries[index]
    if (entry?.role === undefined || entry.role === 'native' || samplesStart === samplesEnd) return false
    const newestMs = newestAcceptedMs(entry)
    if (newestMs === undefined) return !Number.isNaN(missingSince(entry, batch.timestampsMs[samplesStart] ?? 0, limits))
    return (batch.timestampsMs[samplesEnd - 1] ?? 0) - newestMs > allowedMs(entry)
  })
  return [...(hasGap ? exactGaps(batch, entries, limits) : []), ...nativeGaps(batch, entries, limits)]
}

/** The gaps in series of native histograms, which never have one before their first sample. */
function nativeGaps(
  { spans }: SampleBatch,
  entries: readonly (SeriesEntry | undefined)[],
  { latestMs }: GapLimits,
): Gap[] {
  const reached = new Map<SeriesEntry, Reached>()
  for (let index = 0; index < spans.length; index++) {
    const nativeHistograms = spans[index]?.nativeHistograms
    const entry = entries[index]
    if (nativeHistograms === undefined || entry?.role !== 'native') continue
    const newestMs = newestAcceptedMs(entry)
    if (newestMs === undefined) continue
    const found = reached.get(entry) ?? { afterMs: newestMs, reachedMs: newestMs, beforeMs: undefined }
    reached.set(entry, found)
    for (const { timestampMs } of nativeHistograms) {
      if (timestampMs > latestMs) continue
      if (timestampMs - found.reachedMs > allowedMs(entry)) found.beforeMs = timestampMs
      found.reachedMs = Math.max(found.reachedMs, timestampMs)
    }
  }
  return gapsOf(reached)
}

/** A series may have several spans in a batch, with gaps between their samples. */
function exactGaps(batch: SampleBatch, entries: readonly (SeriesEntry | undefined)[], limits: GapLimits): Gap[] {
  const reached = new Map<SeriesEntry, Reached>()
  for (const [index, { samplesStart, samplesEnd }] of batch.spans.entries()) {
    const entry = entries[index]
    if (entry?.role === undefined || entry.role === 'native' || samplesStart === samplesEnd) continue
    const found = reached.get(entry) ?? reachedOf(entry, batch.timestampsMs[samplesStart] ?? 0, limits)
    reached.set(entry, found)
    for (let sample = samplesStart; sample < samplesEnd; sample++) {
      const timestampMs = batch.timestampsMs[sample] ?? 0
      if (timestampMs > limits.latestMs) continue
      if (timestampMs - found.reachedMs > allowedMs(entry)) found.beforeMs = timestampMs
      found.reachedMs = Math.max(found.reachedMs, timestampMs)
    }
  }
  return gapsOf(reached)
}

function gapsOf(reached: ReadonlyMap<SeriesEntry, Reached>): Gap[] {
  return [...reached].flatMap(([entry, { afterMs, beforeMs }]) =>
    beforeMs === undefined ? [] : [gapOf(entry, afterMs, beforeMs)],
  )
}

/** The progress through the samples of a series. */
interface Reached {
  readonly afterMs: number
  reachedMs: number
  /** The newest sample with a gap before it. */
  beforeMs: number | undefined
}

function reachedOf(entry: SeriesEntry, firstMs: number, limits: GapLimits): Reached {
  const newestMs = newestAcceptedMs(entry)
  if (newestMs !== undefined) return { afterMs: newestMs, reachedMs: newestMs, beforeMs: undefined }
  const sinceMs = missingSince(entry, firstMs, limits)
  return Number.isNaN(sinceMs)
    ? { afterMs: firstMs, reachedMs: firstMs, beforeMs: undefined }
    : { afterMs: sinceMs, reachedMs: firstMs, beforeMs: firstMs }
}

/** Since when a new series whose first sample is at `timestampMs` may be missing samples; NaN if it is not. */
function missingSince(entry: SeriesEntry, timestampMs: number, { uncertainFromMs, newTargets }: GapLimits): number {
  const targetFromMs = newTargets.since(entry.target, timestampMs)
  const allowedMs = (entry.intervalMs || 0) * NEW_AFTER_INTERVALS
  const reasons = [uncertainFromMs, targetFromMs].filter((fromMs) => timestampMs - fromMs > allowedMs)
  return reasons.length === 0 ? Number.NaN : Math.min(...reasons)
}

/** How long after the last sample of a series the next one may come. */
function allowedMs({ intervalMs }: SeriesEntry): number {
  return (intervalMs || 0) * MISSING_AFTER_INTERVALS
}

/**
 * The series without samples while others continued or, if nothing is sent at all, for a long time. `isSending`:
 * whether requests arrive.
 */
export function silentSeries(
  all: Iterable<SeriesEntry>,
  { nowMs, isSending }: { readonly nowMs: number; readonly isSending: boolean },
): Gap[] {
  const candidates: { entry: SeriesEntry; newestMs: number }[] = []
  let progressMs = Number.NEGATIVE_INFINITY
  for (const entry of all) {
    if (entry.role === undefined || entry.role === 'created') continue
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
    isNative: entry.role === 'native',
    isOpen() {
      const newestMs = newestAcceptedMs(entry)
      return newestMs === undefined ? isNew : beforeMs - newestMs > allowedMs(entry)
    },
    learnInterval(intervalMs) {
      if (!(entry.intervalMs >= intervalMs)) entry.intervalMs = intervalMs
    },
    end() {
      entry.ended = true
    },
  }
}
