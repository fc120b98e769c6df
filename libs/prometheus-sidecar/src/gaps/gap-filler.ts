import { debug } from '../log/debug-log.ts'
import type { Gap, GapCloser, IngestMissing } from '../model/gap.ts'
import { RetryLaterError } from '../model/ingester.ts'
import { decodeLabels, type Labels, labelsKey, withoutLabels } from '../model/labels/labels.ts'
import type { NativeHistogram } from '../model/native-histogram.ts'
import { GapQueries, PermanentQueryError, QueryTooLargeError } from './gap-queries.ts'
import { metricsOf, targetOf } from './gap-selection.ts'
import { batchOf, type MissingRange, missingSamples } from './missing-samples.ts'
import { histogramBatch, metricNames, missingHistograms } from './native-gaps.ts'
import { type QueryPrometheus, targetSelector } from './raw-sample-query.ts'
import type { RawSamples } from './raw-samples.ts'
import type { ReadHistograms } from './remote-read.ts'
import { type SuspectedGap, SuspectedGaps } from './suspected-gaps.ts'

/** Options of {@link GapFiller}. */
export interface GapFillerOptions {
  readonly ingester: {
    readonly ingestMissing: IngestMissing
    /**
     * Time of the newest accepted sample of a series; `unknown` if there never was one; undefined if its samples are
     * dropped.
     */
    newestMs(labels: Uint8Array): number | undefined | 'unknown'
    /** Series without accepted samples may be missing some since this time; NaN if not. */
    readonly uncertainFromMs: number
    /** Series without samples for a long time, see `SampleIngester`. */
    silentGaps(nowMs: number): readonly Gap[]
  }
  readonly queryPrometheus: QueryPrometheus
  readonly readHistograms: ReadHistograms
  /** Brings `externalLabels` and `isSent` up to date, if Prometheus answers. */
  readonly checkConfig: () => Promise<void>
  readonly externalLabels: () => Labels
  /** Whether remote_write sends a series; the labels include the external ones. Others are not filled in. */
  readonly isSent: (labels: Labels) => boolean
  readonly observer: GapObserver
  readonly nowMs?: () => number
}

/** Observes gaps; must not throw. */
export interface GapObserver {
  /** Samples that remote_write had skipped were ingested. */
  filled(samples: number): void
  /**
   * The missing samples of these series can't be recovered; `samples` is estimated from the interval of their target.
   */
  unfilled(lost: { readonly series: number; readonly samples: number; readonly reason: string }): void
}

/** Cloud Monitoring does not accept older points. */
const OLDEST_MS = 24 * 60 * 60_000
/** Prometheus' own lookback: a live series has a sample within it. */
const LOOKBACK_MS = 5 * 60_000
/** Roughly how many samples one query should return. */
const SAMPLES_PER_QUERY = 100_000
/** A histogram may have hundreds of buckets. */
const HISTOGRAMS_PER_QUERY = 10_000
const DEFAULT_INTERVAL_MS = 15_000
/** For a query for all series of a target, which may have some 10,000. */
const FIRST_WINDOW_MS = 2 * 60_000
const SHORTEST_WINDOW_MS = 1_000
/** How much longer the longest of even intervals may be than the shortest. */
const MAX_UNEVENNESS = 1.2

/**
 * Fills gaps from Prometheus' database: whatever remote_write skips (at a restart, a reload, a reshard or a failed
 * flush) shows as a gap before the next sample of a series, or as silence. The raw samples in it are queried and
 * ingested before that sample. Prometheus is queried only where something is missing.
 */
export class GapFiller implements GapCloser {
  readonly #options: GapFillerOptions
  readonly #nowMs: () => number
  readonly #queries: GapQueries
  /** By target: the end of the newest task. */
  readonly #tasks = new Map<string, Promise<void>>()
  readonly #suspectedGaps = new SuspectedGaps()
  #isChecking = false

  constructor(options: GapFillerOptions) {
    this.#options = options
    this.#nowMs = options.nowMs ?? Date.now
    this.#queries = new GapQueries(options.queryPrometheus, options.externalLabels, this.#nowMs)
  }

  async close(gaps: readonly Gap[]): Promise<void> {
    await this.#options.checkConfig()
    await this.#closeAll(gaps, { holdsBack: true })
  }

  async #closeAll(gaps: readonly Gap[], options: { readonly holdsBack: boolean }): Promise<void> {
    const external = this.#options.externalLabels()
    const targets = new Map<string, TargetGaps>()
    for (const gap of gaps) {
      const labels = withoutLabels(decodeLabels(gap.labels), external)
      const target = targetOf(labels)
      const key = targetSelector(target)
      const found = targets.get(key) ?? { target, gaps: new Map() }
      targets.set(key, found)
      found.gaps.set(labelsKey(gap.labels), { gap, labels })
    }
    await Promise.all(
      [...targets].map(([key, found]) => this.#runAfterOthers(key, () => this.#fillTarget(found, options))),
    )
  }

  /** Checks series that fell silent. Call it every few seconds. */
  async tick(): Promise<void> {
    if (this.#isChecking) return
    this.#isChecking = true
    try {
      const gaps = this.#options.ingester.silentGaps(this.#nowMs())
      if (gaps.length > 0 || this.#suspectedGaps.all().length > 0) await this.#options.checkConfig()
      await this.#closeAll(gaps, { holdsBack: false })
      for (const gap of gaps) if (gap.isOpen()) gap.end()
      for (const gap of this.#suspectedGaps.all()) {
        await this.#runAfterOthers(targetSelector(gap.target), () => this.#fillOthers(gap))
        this.#suspectedGaps.settle(gap)
      }
    } catch (error) {
      if (!(error instanceof RetryLaterError)) throw error
    } finally {
      this.#isChecking = false
    }
  }

  /** Tasks for the same target run one after another: the first may fill the gaps of the next. */
  async #runAfterOthers(key: string, task: () => Promise<void>): Promise<void> {
    const before = this.#tasks.get(key)
    const run = (before ?? Promise.resolve()).catch(() => {}).then(task)
    this.#tasks.set(key, run)
    try {
      await run
    } finally {
      if (this.#tasks.get(key) === run) this.#tasks.delete(key)
    }
  }

  /** `holdsBack`: samples wait until the gaps are closed. */
  async #fillTarget({ target, gaps: all }: TargetGaps, { holdsBack }: { readonly holdsBack: boolean }): Promise<void> {
    await this.#fillHistograms(target, select(all, true), { holdsBack })
    const gaps = select(all, false)
    if (gaps.size === 0) return
    const open = [...gaps.values()]
    const oldestMs = this.#nowMs() - OLDEST_MS
    const afterMs = Math.max(oldestMs, Math.min(...open.map(({ gap }) => gap.afterMs)))
    const beforeMs = Math.max(...open.map(({ gap }) => gap.beforeMs))
    const metrics = metricsOf(
      target,
      open.map(({ labels }) => labels),
    )
    const selector = targetSelector(target, metrics)
    debug('%d series of %s have a gap', gaps.size, selector)
    const intervalMs = Math.min(...open.map(({ gap }) => gap.intervalMs || DEFAULT_INTERVAL_MS))
    const range = {
      ...this.#rangeAfter(afterMs),
      beforeMs: Math.min(...open.map(({ gap }) => gap.beforeMs)),
    }
    let windowMs = Math.max(10, SAMPLES_PER_QUERY / gaps.size) * intervalMs
    let isFirst = true
    for (let fromMs = range.newAfterMs; fromMs < beforeMs; ) {
      const toMs = Math.ceil(Math.min(fromMs + windowMs, beforeMs))
      let response: ReadonlyMap<string, RawSamples>
      try {
        response = await this.#queries.fetch(selector, {
          fromMs: isFirst ? fromMs - LOOKBACK_MS : fromMs,
          toMs,
          holdsBack,
          canShrink: windowMs > 4 * intervalMs,
        })
      } catch (error) {
        if (error instanceof QueryTooLargeError) {
          windowMs /= 4
          continue
        }
        if (!(error instanceof PermanentQueryError)) throw error
        this.#countLost(
          open.map(({ gap }) => ({ gap, untilMs: gap.beforeMs })),
          error.message,
        )
        return
      }
      if (isFirst) this.#assess(gaps, response)
      const samples = await this.#ingest(gaps, response, range)
      if (samples > 0 && metrics !== undefined) this.#suspectedGaps.add({ target, afterMs, beforeMs })
      if (samples === 0) windowMs *= 4
      else if (samples > SAMPLES_PER_QUERY) windowMs /= 2
      isFirst = false
      fromMs = toMs
    }
  }

  /** Fills in the missing samples of any series of a target. */
  async #fillOthers({ target, afterMs, beforeMs }: SuspectedGap): Promise<void> {
    const selector = targetSelector(target)
    const range = { ...this.#rangeAfter(Math.max(afterMs, this.#nowMs() - OLDEST_MS)), beforeMs }
    let windowMs = FIRST_WINDOW_MS
    let isFirst = true
    for (let fromMs = range.newAfterMs; fromMs < beforeMs; ) {
      const toMs = Math.ceil(Math.min(fromMs + windowMs, beforeMs))
      let response: ReadonlyMap<string, RawSamples>
      try {
        response = await this.#queries.fetch(selector, {
          fromMs: isFirst ? fromMs - FIRST_WINDOW_MS : fromMs,
          toMs,
          holdsBack: false,
          canShrink: windowMs >= SHORTEST_WINDOW_MS,
        })
      } catch (error) {
        if (error instanceof PermanentQueryError) return
        if (!(error instanceof QueryTooLargeError)) throw error
        windowMs /= 4
        continue
      }
      await this.#ingest(new Map(), response, range)
      isFirst = false
      fromMs = toMs
    }
  }

  /** Ingests the missing samples of a response, and returns how many there were. */
  async #ingest(
    gaps: ReadonlyMap<string, OpenGap>,
    response: ReadonlyMap<string, RawSamples>,
    range: MissingRange,
  ): Promise<number> {
    const { ingester, isSent, observer } = this.#options
    const newestMs = (labels: Uint8Array) => ingester.newestMs(labels)
    const found = missingSamples(gaps, response, range, newestMs).filter(({ labels }) => isSent(decodeLabels(labels)))
    const samples = found.reduce((sum, { timestampsMs }) => sum + timestampsMs.length, 0)
    if (samples === 0) return 0
    await ingester.ingestMissing(batchOf(found))
    observer.filled(samples)
    return samples
  }

  /** What to look for after a time, and how much earlier for series without accepted samples. */
  #rangeAfter(afterMs: number): Omit<MissingRange, 'beforeMs'> {
    const { uncertainFromMs } = this.#options.ingester
    const newAfterMs = Number.isNaN(uncertainFromMs)
      ? afterMs
      : Math.max(Math.min(uncertainFromMs, afterMs), afterMs - LOOKBACK_MS)
    return { afterMs, newAfterMs, excluded: new Set() }
  }

  async #fillHistograms(
    target: Labels,
    gaps: ReadonlyMap<string, OpenGap>,
    { holdsBack }: { readonly holdsBack: boolean },
  ): Promise<void> {
    if (gaps.size === 0) return
    const open = [...gaps.values()]
    const afterMs = Math.max(this.#nowMs() - OLDEST_MS, Math.min(...open.map(({ gap }) => gap.afterMs)))
    const beforeMs = Math.max(...open.map(({ gap }) => gap.beforeMs))
    const intervalMs = Math.min(...open.map(({ gap }) => gap.intervalMs || DEFAULT_INTERVAL_MS))
    const windowMs = Math.max(10, HISTOGRAMS_PER_QUERY / gaps.size) * intervalMs
    const metrics = metricNames(open)
    for (let fromMs = afterMs; fromMs < beforeMs; fromMs += windowMs) {
      const isFirst = fromMs === afterMs
      const range = { fromMs: isFirst ? fromMs - LOOKBACK_MS : fromMs, toMs: Math.min(fromMs + windowMs, beforeMs) }
      let response: ReadonlyMap<string, readonly NativeHistogram[]>
      try {
        response = await this.#queries.run(() => this.#options.readHistograms({ target, metrics }, range), {
          holdsBack,
          canShrink: false,
        })
      } catch (error) {
        if (!(error instanceof PermanentQueryError)) throw error
        this.#countLost(
          open.map(({ gap }) => ({ gap, untilMs: gap.beforeMs })),
          error.message,
        )
        return
      }
      if (isFirst) this.#assess(gaps, timesOf(response))
      const found = missingHistograms(gaps, response, (labels) => this.#options.ingester.newestMs(labels)).filter(
        ({ labels }) => this.#options.isSent(decodeLabels(labels)),
      )
      if (found.length === 0) continue
      await this.#options.ingester.ingestMissing(histogramBatch(found))
      this.#options.observer.filled(found.reduce((sum, { histograms }) => sum + histograms.length, 0))
    }
  }

  /**
   * Counts what the database can't know, since it has no sample from before a gap, and learns how often samples arrive.
   */
  #assess(gaps: ReadonlyMap<string, OpenGap>, response: ReadonlyMap<string, Pick<RawSamples, 'timestampsMs'>>): void {
    const lost: { gap: Gap; untilMs: number }[] = []
    for (const [key, { gap }] of gaps) {
      const timestampsMs = response.get(key)?.timestampsMs ?? []
      const [oldestMs = gap.beforeMs] = timestampsMs
      if (oldestMs > gap.afterMs) lost.push({ gap, untilMs: oldestMs })
      else learnInterval(gap, timestampsMs)
    }
    this.#countLost(lost, 'Prometheus’ database has no sample from before the gap')
  }

  #countLost(lost: readonly { readonly gap: Gap; readonly untilMs: number }[], reason: string): void {
    for (const { gap } of lost) if (Number.isNaN(gap.intervalMs)) gap.learnInterval(gap.beforeMs - gap.afterMs)
    // A series whose interval is unknown, or that had ended, need not be missing anything.
    const surely = lost.filter(({ gap }) => !gap.ended && gap.intervalMs > 0)
    if (surely.length === 0) return
    let samples = 0
    for (const { gap, untilMs } of surely) {
      samples += Math.max(1, Math.round((untilMs - gap.afterMs) / gap.intervalMs) - 1)
    }
    this.#options.observer.unfilled({ series: surely.length, samples, reason })
  }
}

/** The gaps that are still open, either those of native histograms or the others. */
function select(gaps: ReadonlyMap<string, OpenGap>, isNative: boolean): Map<string, OpenGap> {
  return new Map([...gaps].filter(([, { gap }]) => gap.isNative === isNative && gap.isOpen()))
}

function timesOf(
  response: ReadonlyMap<string, readonly NativeHistogram[]>,
): ReadonlyMap<string, { readonly timestampsMs: readonly number[] }> {
  return new Map(
    [...response].map(([key, histograms]) => [key, { timestampsMs: histograms.map(({ timestampMs }) => timestampMs) }]),
  )
}

interface OpenGap {
  readonly gap: Gap
  /** The labels in Prometheus' database. */
  readonly labels: Labels
}

interface TargetGaps {
  readonly target: Labels
  readonly gaps: Map<string, OpenGap>
}

/**
 * Targets may report timestamps of their own, less often than they are scraped but at regular intervals. If Prometheus
 * was down between scrapes, nothing can be learned.
 */
function learnInterval(gap: Gap, timestampsMs: readonly number[]): void {
  const isKnown = gap.intervalMs > 0
  const times = isKnown ? timestampsMs : [...timestampsMs, gap.beforeMs]
  if (times.length < (isKnown ? 4 : 2)) return
  let shortestMs = Number.POSITIVE_INFINITY
  let longestMs = 0
  for (const [index, timeMs] of times.entries()) {
    const beforeMs = times[index - 1]
    if (beforeMs === undefined || timeMs <= beforeMs) continue
    shortestMs = Math.min(shortestMs, timeMs - beforeMs)
    longestMs = Math.max(longestMs, timeMs - beforeMs)
  }
  if (isKnown && longestMs > shortestMs * MAX_UNEVENNESS) return
  if (Number.isFinite(shortestMs)) gap.learnInterval(shortestMs)
}
