import { messageOf } from '@node-to-cloud/command-line'
import { debug } from '../model/debug-log.ts'
import { type Ingester, RetryLaterError } from '../model/ingester.ts'
import { decodeLabels, type Labels, labelsKey } from '../model/labels.ts'
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
import { REJECT_FOR_MS, type Restart, RestartWatch } from './restart-watch.ts'
import { type AcceptedSeries, SilentSeries } from './silent-series.ts'

/** An ingester that knows how far it got with each series. */
export interface ResumableIngester extends Ingester {
  /**
   * Time of the newest accepted sample of the series `bytes[start, end)`, settled or not; undefined if there is none.
   */
  newestMs(bytes: Buffer, start: number, end: number): number | undefined
  /** All series of which a sample was accepted. */
  acceptedSeries(): Iterable<AcceptedSeries>
}

export interface GapFillerOptions {
  readonly ingester: ResumableIngester
  readonly askPrometheus: AskPrometheus
  readonly externalLabels: () => Labels
  readonly observer: GapObserver
  /** What was saved in the last run. */
  readonly saved?: unknown
  /** Saves JSON for the next run. */
  readonly save?: (saved: unknown) => void
  readonly nowMs?: () => number
}

/** Observes gaps; must not throw. */
export interface GapObserver {
  prometheusRestarted(startedMs: number): void
  /** Samples that remote_write had skipped were ingested. */
  filled(samples: number): void
  /** The gaps of series could not be filled, since Prometheus did not answer or has lost its database. */
  unfilled(series: number, reason: string): void
}

/** How long after a restart series return with the first scrapes; those that have not returned by then are queried. */
const RETURN_WITHIN_MS = 90_000
/** How long after a restart new samples are checked for gaps. */
const FILL_FOR_MS = 15 * 60_000
const ANSWER_TTL_MS = 30_000
/** Cloud Monitoring does not accept older points. */
const OLDEST_MS = 24 * 60 * 60_000

interface TargetAnswer extends RawSampleAnswer {
  readonly askedMs: number
}

interface Gap {
  readonly span: SeriesSpan
  readonly newestMs: number
}

/**
 * Fills the gaps that a restart of Prometheus leaves: its remote_write starts with what it scrapes from then on, and
 * skips what it had scraped but not sent. If the newest sample of a series is from before the start of Prometheus, the
 * raw samples between it and the first new one are queried from Prometheus and inserted before that one, so that they
 * are converted in order as if they had been sent. Series that do not return are queried later.
 */
export class GapFiller implements Ingester {
  readonly #options: GapFillerOptions
  readonly #nowMs: () => number
  readonly #restarts: RestartWatch
  readonly #silent: SilentSeries
  readonly #answers = new Map<string, TargetAnswer>()
  #filling = false

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

  /** Call it when a sender opens a connection, as Prometheus does after a restart. */
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

  /** Call it every few seconds: detects restarts, and fills the gaps of series that did not return after one. */
  async tick(): Promise<void> {
    await this.#restarts.checkIfDue()
    for (const [selector, { askedMs }] of this.#answers) {
      if (askedMs < this.#nowMs() - ANSWER_TTL_MS) this.#answers.delete(selector)
    }
    const restart = this.#restarts.current
    if (restart === undefined || restart.done || this.#filling) return
    if (this.#nowMs() < restart.seenMs + RETURN_WITHIN_MS) return
    this.#filling = true
    try {
      await this.#silent.fill(restart)
      this.#restarts.done(restart)
    } catch (error) {
      if (!(error instanceof RetryLaterError)) throw error
    } finally {
      this.#filling = false
    }
  }

  async #askStart(): Promise<number> {
    try {
      const info = await this.#options.askPrometheus('/api/v1/status/runtimeinfo', {}, { timeoutMs: 5_000 })
      return Date.parse(String((info as { startTime?: unknown } | null)?.startTime))
    } catch (error) {
      // What has no such endpoint is not a Prometheus that skips samples.
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
    if (nowMs > restart.seenMs + FILL_FOR_MS) {
      this.#answers.clear()
      return batch
    }
    const gaps = this.#gapsIn(batch, restart, nowMs)
    if (gaps.size === 0) return batch
    debug('%d series have a gap', gaps.size)
    const byTarget = Map.groupBy(gaps.values(), ({ span }) =>
      targetSelector(decodeLabels(batch.bytes, span.labelsStart, span.labelsEnd)),
    )
    const found = new Map<SeriesSpan, RawSamples>()
    await Promise.all(
      [...byTarget].map(async ([selector, ofTarget]) => {
        const keys = ofTarget.map(({ span }) => labelsKey(batch.bytes, span.labelsStart, span.labelsEnd))
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
        this.#countUnfilled(restart, lost, 'Prometheus’ database has no sample from before the gap')
      }),
    )
    const { filled, samples } = insert(batch, gaps, found)
    if (samples > 0) this.#options.observer.filled(samples)
    return filled
  }

  /** The first span of each series whose newest accepted sample is from before the restart. */
  #gapsIn(batch: SampleBatch, restart: Restart, nowMs: number): Map<SeriesSpan, Gap> {
    const gaps = new Map<SeriesSpan, Gap>()
    const seen = new Set<string>()
    for (const span of batch.spans) {
      if (span.samplesStart === span.samplesEnd) continue
      const newestMs = this.#options.ingester.newestMs(batch.bytes, span.labelsStart, span.labelsEnd)
      if (newestMs === undefined || newestMs >= restart.startedMs || newestMs < nowMs - OLDEST_MS) continue
      if ((batch.timestampsMs[span.samplesStart] ?? 0) < restart.startedMs) continue
      const key = labelsKey(batch.bytes, span.labelsStart, span.labelsEnd)
      if (seen.has(key)) continue
      seen.add(key)
      gaps.set(span, { span, newestMs })
    }
    return gaps
  }

  /**
   * The raw samples of all series of a target; concurrent requests for the same target share a query. Undefined if it
   * is given up.
   */
  async #ask(
    restart: Restart,
    selector: string,
    newestMs: number,
    keys: readonly string[],
  ): Promise<Map<string, RawSamples> | undefined> {
    const nowMs = this.#nowMs()
    let answer = this.#answers.get(selector)
    if (answer === undefined || answer.sinceMs > newestMs || answer.askedMs < nowMs - ANSWER_TTL_MS) {
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
      if (nowMs < restart.seenMs + REJECT_FOR_MS) {
        throw new RetryLaterError('targets', `Prometheus was restarted and does not answer queries yet: ${reason}`, {
          cause,
        })
      }
      this.#countUnfilled(restart, keys, reason)
      return undefined
    }
  }
}

function insert(
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
