import { type Ingester, RetryLaterError } from '../ingester.ts'
import { decodeLabels, type Labels } from '../labels.ts'
import type { MetricMetadata } from '../metadata.ts'
import type { SampleBatch, SeriesSpan } from '../sample.ts'
import { type RawSamples, readMatrix } from './raw-samples.ts'

/** An ingester that can say how far it is with a series. */
export interface ResumableIngester extends Ingester {
  /** The newest sample that was taken of the series `bytes[start, end)`, settled or not; undefined if there is none. */
  newestMs(bytes: Buffer, start: number, end: number): number | undefined
}

/** Asks Prometheus' API: gives `data` of a successful answer, rejects for any other. */
export type AskPrometheus = (
  path: string,
  query: Readonly<Record<string, string>>,
  options: { readonly timeoutMs: number },
) => Promise<unknown>

export interface HoleFillerOptions {
  readonly ingester: ResumableIngester
  readonly askPrometheus: AskPrometheus
  readonly externalLabels: () => Labels
  readonly observer: HoleObserver
  readonly nowMs?: () => number
}

/** Told what becomes of holes; must not throw. */
export interface HoleObserver {
  prometheusRestarted(startedMs: number): void
  /** Samples that remote_write had skipped and that were put in their place. */
  filled(samples: number): void
  /** Series whose hole could not be looked at, since Prometheus did not answer. */
  unfilled(series: number, reason: string): void
}

/** Series that come again after a restart of Prometheus do so with its first scrapes; later nothing is looked for. */
const FILLING_LASTS_MS = 15 * 60_000
/** For so long after a restart is seen, samples are held back while Prometheus does not answer. */
const HOLD_BACK_MS = 60_000
const QUERY_TIMEOUT_MS = 10_000
const ANSWER_IS_FRESH_MS = 30_000
/** Older points Cloud Monitoring does not take. */
const OLDEST_MS = 24 * 60 * 60_000

interface Restart {
  readonly startedMs: number
  readonly seenMs: number
  readonly answers: Map<string, TargetAnswer>
}

interface TargetAnswer {
  readonly sinceMs: number
  readonly askedMs: number
  readonly series: Promise<Map<string, RawSamples>>
}

interface Hole {
  readonly span: SeriesSpan
  readonly newestMs: number
}

/**
 * Fills the hole that a restart of Prometheus leaves: its remote_write begins anew at what it scrapes then, and skips what it had scraped
 * and not sent. Where a series' newest sample is from before Prometheus' start, the raw samples between it and the first new one are
 * asked of Prometheus and put before that one; so they are converted in order, as if they had been sent.
 */
export class HoleFiller implements Ingester {
  readonly #options: HoleFillerOptions
  readonly #nowMs: () => number
  #checkIsDue = true
  #check: Promise<void> | undefined
  #restart: Restart | undefined

  constructor(options: HoleFillerOptions) {
    this.#options = options
    this.#nowMs = options.nowMs ?? Date.now
  }

  /** To be called when a sender makes a new connection, as Prometheus does after a restart. */
  senderConnected(): void {
    this.#checkIsDue = true
  }

  describe(metadata: readonly MetricMetadata[]): void {
    this.#options.ingester.describe(metadata)
  }

  async ingest(batch: SampleBatch, options: { readonly deadlineMs: number }): Promise<void> {
    const start = performance.now()
    if (this.#checkIsDue || this.#check !== undefined) await this.#checkForRestart()
    const restart = this.#restart
    const complete = restart === undefined ? batch : await this.#fill(batch, restart)
    await this.#options.ingester.ingest(complete, { deadlineMs: options.deadlineMs - (performance.now() - start) })
  }

  #checkForRestart(): Promise<void> {
    this.#check ??= this.#askForStart().finally(() => {
      this.#check = undefined
    })
    return this.#check
  }

  async #askForStart(): Promise<void> {
    this.#checkIsDue = false
    let startedMs: number
    try {
      const info = await this.#options.askPrometheus('/api/v1/status/runtimeinfo', {}, { timeoutMs: 5_000 })
      startedMs = Date.parse(String((info as { startTime?: unknown }).startTime))
    } catch {
      // Whoever sends is not reachable there now; the next connection is another chance.
      return
    }
    if (Number.isNaN(startedMs) || startedMs === this.#restart?.startedMs) return
    const nowMs = this.#nowMs()
    this.#restart = { startedMs, seenMs: nowMs, answers: new Map() }
    this.#options.observer.prometheusRestarted(startedMs)
  }

  async #fill(batch: SampleBatch, restart: Restart): Promise<SampleBatch> {
    const nowMs = this.#nowMs()
    if (nowMs > restart.seenMs + FILLING_LASTS_MS) {
      restart.answers.clear()
      return batch
    }
    const holes = this.#holesOf(batch, restart, nowMs)
    if (holes.size === 0) return batch
    const byTarget = Map.groupBy(holes.values(), (hole) => targetSelector(batch, hole.span))
    const found = new Map<SeriesSpan, RawSamples>()
    await Promise.all(
      [...byTarget].map(async ([selector, ofTarget]) => {
        const sinceMs = Math.min(...ofTarget.map((hole) => hole.newestMs))
        const series = await this.#ask(restart, selector, sinceMs, ofTarget.length)
        for (const { span } of ofTarget) {
          const samples = series.get(batch.bytes.toString('latin1', span.labelsStart, span.labelsEnd))
          if (samples !== undefined) found.set(span, samples)
        }
      }),
    )
    const { filled, samples } = putIn(batch, holes, found)
    if (samples > 0) this.#options.observer.filled(samples)
    return filled
  }

  /** The first span of each series that was last taken before the restart. */
  #holesOf(batch: SampleBatch, restart: Restart, nowMs: number): Map<SeriesSpan, Hole> {
    const holes = new Map<SeriesSpan, Hole>()
    const seen = new Set<string>()
    for (const span of batch.spans) {
      if (span.samplesStart === span.samplesEnd) continue
      const newestMs = this.#options.ingester.newestMs(batch.bytes, span.labelsStart, span.labelsEnd)
      if (newestMs === undefined || newestMs >= restart.startedMs || newestMs < nowMs - OLDEST_MS) continue
      if ((batch.timestampsMs[span.samplesStart] ?? 0) < restart.startedMs) continue
      const key = batch.bytes.toString('latin1', span.labelsStart, span.labelsEnd)
      if (seen.has(key)) continue
      seen.add(key)
      holes.set(span, { span, newestMs })
    }
    return holes
  }

  /** The raw samples of all series of a target; one request asks for all who need the same. */
  async #ask(restart: Restart, selector: string, sinceMs: number, series: number): Promise<Map<string, RawSamples>> {
    const nowMs = this.#nowMs()
    let answer = restart.answers.get(selector)
    if (answer === undefined || answer.sinceMs > sinceMs || answer.askedMs < nowMs - ANSWER_IS_FRESH_MS) {
      const rangeSeconds = Math.ceil((nowMs - sinceMs) / 1000) + 60
      const query = { query: `${selector}[${rangeSeconds}s]`, time: (nowMs / 1000).toFixed(3) }
      const asked = this.#options
        .askPrometheus('/api/v1/query', query, { timeoutMs: QUERY_TIMEOUT_MS })
        .then((data) => readMatrix(data, this.#options.externalLabels()))
      answer = { sinceMs: nowMs - rangeSeconds * 1000, askedMs: nowMs, series: asked }
      restart.answers.set(selector, answer)
    }
    try {
      return await answer.series
    } catch (cause) {
      if (restart.answers.get(selector) === answer) restart.answers.delete(selector)
      const reason = cause instanceof Error ? cause.message : String(cause)
      if (nowMs < restart.seenMs + HOLD_BACK_MS) {
        throw new RetryLaterError('targets', `Prometheus was restarted and does not answer yet: ${reason}`, { cause })
      }
      this.#options.observer.unfilled(series, reason)
      return new Map()
    }
  }
}

/** A selector of all series of the span's target; of the span's series alone if it has none. */
function targetSelector(batch: SampleBatch, span: SeriesSpan): string {
  const labels = decodeLabels(batch.bytes, span.labelsStart, span.labelsEnd)
  const target = ['job', 'instance'].flatMap((name) => matcher(name, labels.get(name)))
  const matchers = target.length > 0 ? target : matcher('__name__', labels.get('__name__'))
  return `{${matchers.join(',')}}`
}

function matcher(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`${name}=${JSON.stringify(value)}`]
}

function putIn(
  batch: SampleBatch,
  holes: ReadonlyMap<SeriesSpan, Hole>,
  found: ReadonlyMap<SeriesSpan, RawSamples>,
): { filled: SampleBatch; samples: number } {
  const timestampsMs = [...batch.timestampsMs]
  const values = [...batch.values]
  let samples = 0
  const spans = batch.spans.flatMap((span) => {
    const hole = holes.get(span)
    const raw = found.get(span)
    if (hole === undefined || raw === undefined) return [span]
    const firstMs = batch.timestampsMs[span.samplesStart] ?? 0
    const samplesStart = values.length
    for (const [index, timestampMs] of raw.timestampsMs.entries()) {
      if (timestampMs <= hole.newestMs || timestampMs >= firstMs) continue
      timestampsMs.push(timestampMs)
      values.push(raw.values[index] ?? Number.NaN)
    }
    if (values.length === samplesStart) return [span]
    samples += values.length - samplesStart
    return [{ ...span, samplesStart, samplesEnd: values.length, stale: false, exemplars: [] }, span]
  })
  return { filled: samples === 0 ? batch : { bytes: batch.bytes, spans, timestampsMs, values }, samples }
}
