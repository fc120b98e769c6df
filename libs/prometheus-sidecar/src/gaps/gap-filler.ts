import { messageOf } from '@node-to-cloud/command-line'
import { type Ingester, RetryLaterError } from '../model/ingester.ts'
import { decodeLabels, type Labels } from '../model/labels.ts'
import type { MetricMetadata } from '../model/metadata.ts'
import type { SampleBatch, SeriesSpan } from '../model/sample.ts'
import { PrometheusApiError } from '../targets/prometheus-api.ts'
import {
  type AskPrometheus,
  queryRawSamples,
  type RawSampleAnswer,
  reachesBack,
  targetSelector,
} from './raw-sample-query.ts'
import type { RawSamples } from './raw-samples.ts'
import { HOLD_BACK_MS, type Restart, RestartWatch } from './restart-watch.ts'
import { type AcceptedSeries, SilentSeries } from './silent-series.ts'

/** An ingester that can say how far it is with a series. */
export interface ResumableIngester extends Ingester {
  /** The newest sample that was taken of the series `bytes[start, end)`, settled or not; undefined if there is none. */
  newestMs(bytes: Buffer, start: number, end: number): number | undefined
  /** All series of which a sample was taken. */
  acceptedSeries(): Iterable<AcceptedSeries>
}

export interface GapFillerOptions {
  readonly ingester: ResumableIngester
  readonly askPrometheus: AskPrometheus
  readonly externalLabels: () => Labels
  readonly observer: GapObserver
  /** What `save` was given in the last run. */
  readonly saved?: unknown
  /** Keeps JSON for the next run. */
  readonly save?: (saved: unknown) => void
  readonly nowMs?: () => number
}

/** Told what becomes of gaps; must not throw. */
export interface GapObserver {
  prometheusRestarted(startedMs: number): void
  /** Samples that remote_write had skipped and that were put in their place. */
  filled(samples: number): void
  /** Series whose gap could not be looked at, since Prometheus did not answer or has lost its database. */
  unfilled(series: number, reason: string): void
}

/** Series that come again after a restart of Prometheus do so with its first scrapes. Those that did not by then are looked for. */
const COME_AGAIN_WITHIN_MS = 90_000
/** After this nothing is put before new samples any more. */
const FILLING_LASTS_MS = 15 * 60_000
const ANSWER_IS_FRESH_MS = 30_000
/** Older points Cloud Monitoring does not take. */
const OLDEST_MS = 24 * 60 * 60_000

interface TargetAnswer extends RawSampleAnswer {
  readonly askedMs: number
}

interface Gap {
  readonly span: SeriesSpan
  readonly newestMs: number
}

/**
 * Fills the gap that a restart of Prometheus leaves: its remote_write begins anew at what it scrapes then, and skips what it had scraped
 * and not sent. Where a series' newest sample is from before Prometheus' start, the raw samples between it and the first new one are
 * asked of Prometheus and put before that one; so they are converted in order, as if they had been sent. Series of which no new one comes
 * are looked for later.
 */
export class GapFiller implements Ingester {
  readonly #options: GapFillerOptions
  readonly #nowMs: () => number
  readonly #restarts: RestartWatch
  readonly #silent: SilentSeries
  readonly #answers = new Map<string, TargetAnswer>()
  #looking = false

  constructor(options: GapFillerOptions) {
    this.#options = options
    this.#nowMs = options.nowMs ?? Date.now
    this.#restarts = new RestartWatch({
      askStart: () => this.#askStart(),
      newestAcceptedMs: () => this.#newestAcceptedMs(),
      saved: options.saved,
      save: (saved) => options.save?.(saved),
      restarted: (startedMs) => {
        this.#answers.clear()
        options.observer.prometheusRestarted(startedMs)
      },
      missed: (startedMs, reason) => this.#countMissed(startedMs, reason),
      nowMs: this.#nowMs,
    })
    this.#silent = new SilentSeries({
      ingester: options.ingester,
      askPrometheus: options.askPrometheus,
      externalLabels: options.externalLabels,
      filled: (samples) => options.observer.filled(samples),
      unfilled: (restart, series, reason) => this.#countUnfilled(restart, series, reason),
      nowMs: this.#nowMs,
    })
  }

  /** To be called when a sender makes a new connection, as Prometheus does after a restart. */
  senderConnected(): void {
    this.#restarts.senderConnected()
  }

  addMetadata(metadata: readonly MetricMetadata[]): void {
    this.#options.ingester.addMetadata(metadata)
  }

  async ingest(batch: SampleBatch, options: { readonly deadlineMs: number }): Promise<void> {
    const start = performance.now()
    await this.#restarts.beforeSamples()
    const restart = this.#restarts.current
    const complete = restart === undefined ? batch : await this.#fill(batch, restart)
    await this.#options.ingester.ingest(complete, { deadlineMs: options.deadlineMs - (performance.now() - start) })
  }

  /** To be called every few seconds: looks for restarts, and for series that did not come again after one. */
  async tick(): Promise<void> {
    await this.#restarts.checkIfDue()
    for (const [selector, { askedMs }] of this.#answers) {
      if (askedMs < this.#nowMs() - ANSWER_IS_FRESH_MS) this.#answers.delete(selector)
    }
    const restart = this.#restarts.current
    if (restart === undefined || restart.done || this.#looking) return
    if (this.#nowMs() < restart.seenMs + COME_AGAIN_WITHIN_MS) return
    this.#looking = true
    try {
      await this.#silent.fill(restart)
      this.#restarts.done(restart)
    } catch (error) {
      if (!(error instanceof RetryLaterError)) throw error
    } finally {
      this.#looking = false
    }
  }

  async #askStart(): Promise<number> {
    try {
      const info = await this.#options.askPrometheus('/api/v1/status/runtimeinfo', {}, { timeoutMs: 5_000 })
      return Date.parse(String((info as { startTime?: unknown } | null)?.startTime))
    } catch (error) {
      // What has no such endpoint has no such restarts either.
      if (error instanceof PrometheusApiError && error.status === 404) return Number.NaN
      throw error
    }
  }

  #newestAcceptedMs(): number {
    let newest = Number.NEGATIVE_INFINITY
    for (const { newestMs } of this.#options.ingester.acceptedSeries()) newest = Math.max(newest, newestMs)
    return newest
  }

  #countMissed(startedMs: number, reason: string): void {
    let series = 0
    for (const { newestMs } of this.#options.ingester.acceptedSeries()) if (newestMs >= startedMs) series += 1
    if (series > 0) this.#options.observer.unfilled(series, reason)
  }

  #countUnfilled(restart: Restart, series: readonly string[], reason: string): void {
    const before = restart.unfilled.size
    for (const key of series) restart.unfilled.add(key)
    const added = restart.unfilled.size - before
    if (added > 0) this.#options.observer.unfilled(added, reason)
  }

  async #fill(batch: SampleBatch, restart: Restart): Promise<SampleBatch> {
    const nowMs = this.#nowMs()
    if (nowMs > restart.seenMs + FILLING_LASTS_MS) {
      this.#answers.clear()
      return batch
    }
    const gaps = this.#gapsIn(batch, restart, nowMs)
    if (gaps.size === 0) return batch
    const byTarget = Map.groupBy(gaps.values(), ({ span }) =>
      targetSelector(decodeLabels(batch.bytes, span.labelsStart, span.labelsEnd)),
    )
    const found = new Map<SeriesSpan, RawSamples>()
    await Promise.all(
      [...byTarget].map(async ([selector, ofTarget]) => {
        const keys = ofTarget.map(({ span }) => batch.bytes.toString('latin1', span.labelsStart, span.labelsEnd))
        const newestMs = Math.min(...ofTarget.map((gap) => gap.newestMs))
        const series = await this.#ask(restart, selector, newestMs, keys)
        if (series === undefined) return
        const lost: string[] = []
        for (const [index, gap] of ofTarget.entries()) {
          const key = keys[index] ?? ''
          const samples = series.get(key)
          if (reachesBack(samples, gap.newestMs)) found.set(gap.span, samples)
          else lost.push(key)
        }
        this.#countUnfilled(restart, lost, 'Prometheus’ database has nothing of what was sent before')
      }),
    )
    const { filled, samples } = putIn(batch, gaps, found)
    if (samples > 0) this.#options.observer.filled(samples)
    return filled
  }

  /** The first span of each series that was last taken before the restart. */
  #gapsIn(batch: SampleBatch, restart: Restart, nowMs: number): Map<SeriesSpan, Gap> {
    const gaps = new Map<SeriesSpan, Gap>()
    const seen = new Set<string>()
    for (const span of batch.spans) {
      if (span.samplesStart === span.samplesEnd) continue
      const newestMs = this.#options.ingester.newestMs(batch.bytes, span.labelsStart, span.labelsEnd)
      if (newestMs === undefined || newestMs >= restart.startedMs || newestMs < nowMs - OLDEST_MS) continue
      if ((batch.timestampsMs[span.samplesStart] ?? 0) < restart.startedMs) continue
      const key = batch.bytes.toString('latin1', span.labelsStart, span.labelsEnd)
      if (seen.has(key)) continue
      seen.add(key)
      gaps.set(span, { span, newestMs })
    }
    return gaps
  }

  /** The raw samples of all series of a target; one request asks for all who need the same. Undefined: given up. */
  async #ask(
    restart: Restart,
    selector: string,
    newestMs: number,
    keys: readonly string[],
  ): Promise<Map<string, RawSamples> | undefined> {
    const nowMs = this.#nowMs()
    let answer = this.#answers.get(selector)
    if (answer === undefined || answer.sinceMs > newestMs || answer.askedMs < nowMs - ANSWER_IS_FRESH_MS) {
      const externalLabels = this.#options.externalLabels()
      const asked = queryRawSamples(this.#options.askPrometheus, selector, { newestMs, nowMs, externalLabels })
      answer = { ...asked, askedMs: nowMs }
      this.#answers.set(selector, answer)
    }
    try {
      return await answer.series
    } catch (cause) {
      if (this.#answers.get(selector) === answer) this.#answers.delete(selector)
      const reason = messageOf(cause)
      if (nowMs < restart.seenMs + HOLD_BACK_MS) {
        throw new RetryLaterError('targets', `Prometheus was restarted and does not answer yet: ${reason}`, { cause })
      }
      this.#countUnfilled(restart, keys, reason)
      return undefined
    }
  }
}

function putIn(
  batch: SampleBatch,
  gaps: ReadonlyMap<SeriesSpan, Gap>,
  found: ReadonlyMap<SeriesSpan, RawSamples>,
): { filled: SampleBatch; samples: number } {
  const timestampsMs = [...batch.timestampsMs]
  const values = [...batch.values]
  let samples = 0
  const spans = batch.spans.flatMap((span) => {
    const gap = gaps.get(span)
    const raw = found.get(span)
    if (gap === undefined || raw === undefined) return [span]
    const firstMs = batch.timestampsMs[span.samplesStart] ?? 0
    const samplesStart = values.length
    for (const [index, timestampMs] of raw.timestampsMs.entries()) {
      if (timestampMs <= gap.newestMs || timestampMs >= firstMs) continue
      timestampsMs.push(timestampMs)
      values.push(raw.values[index] ?? Number.NaN)
    }
    if (values.length === samplesStart) return [span]
    samples += values.length - samplesStart
    return [{ ...span, samplesStart, samplesEnd: values.length, stale: false, exemplars: [] }, span]
  })
  return { filled: samples === 0 ? batch : { bytes: batch.bytes, spans, timestampsMs, values }, samples }
}
