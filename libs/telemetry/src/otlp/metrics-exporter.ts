import { setTimeout } from 'node:timers/promises'
import type { MetricFamily } from '../metrics/family.ts'
import { ExportCounts } from '../tracing/export/export-counts.ts'
import { encodeJson, encodeProtobuf } from './encode.ts'
import { METRICS_REQUEST } from './messages.ts'
import { type MetricsRequest, metricsRequests } from './metrics-request.ts'
import type { OtlpSender } from './otlp-sender.ts'

const FLUSH_TIMEOUT_MS = 5_000

/**
 * Sends all metrics by OTLP at regular intervals, and once more at shutdown. Nothing is queued: totals are cumulative,
 * so the next request makes up for one that failed, whose points are counted as dropped.
 */
export class MetricsExporter {
  readonly counts = new ExportCounts()
  readonly #collect: () => Promise<Iterable<MetricFamily>>
  readonly #sender: OtlpSender
  readonly #timer: NodeJS.Timeout
  readonly #flushTimeoutMs: number
  #running: Promise<void> | undefined
  /** The points of the running export that have not been sent yet. */
  #waiting = 0
  #hasEnded = false

  /** @param flushTimeoutMs how long the shutdown waits for the collector */
  constructor(
    collect: () => Promise<Iterable<MetricFamily>>,
    sender: OtlpSender,
    intervalMs: number,
    flushTimeoutMs: number = FLUSH_TIMEOUT_MS,
  ) {
    this.#collect = collect
    this.#sender = sender
    this.#flushTimeoutMs = flushTimeoutMs
    this.#timer = setInterval(() => {
      this.#running ??= this.#export().finally(() => {
        this.#running = undefined
      })
    }, intervalMs).unref()
  }

  /** Why the latest ones were dropped. */
  get lastError(): string | undefined {
    return this.counts.lastError
  }

  async #export(): Promise<void> {
    try {
      const origin = await this.#sender.origin()
      const requests = metricsRequests(await this.#collect(), origin, Date.now() / 1000)
      this.#waiting = requests.reduce((sum, { points }) => sum + points, 0)
      for (const request of requests) {
        await this.#send(request)
        this.#waiting -= request.points
      }
    } catch (error) {
      this.counts.drop('export_failed', this.#waiting, error instanceof Error ? error.message : String(error))
      this.#waiting = 0
    }
  }

  async #send({ message, points }: MetricsRequest): Promise<void> {
    const outcome = await this.#sender.send(() =>
      this.#sender.isJson ? encodeJson(message) : encodeProtobuf(METRICS_REQUEST, message),
    )
    if (this.#hasEnded) return
    if (!outcome.isSuccess) {
      this.counts.drop('export_failed', points, outcome.reason)
      return
    }
    const rejected = Math.min(outcome.rejected, points)
    if (rejected > 0) this.counts.drop('rejected', rejected, outcome.reason)
    this.counts.exported += points - rejected
  }

  /** Sends the final values; points that are not sent in time are counted as dropped. */
  async shutdown(): Promise<void> {
    clearInterval(this.#timer)
    const ended = new AbortController()
    const end = async () => {
      await this.#running
      await this.#export()
    }
    await Promise.race([end(), setTimeout(this.#flushTimeoutMs, undefined, { signal: ended.signal }).catch(() => {})])
    ended.abort()
    this.#hasEnded = true
    this.counts.drop('shutdown', this.#waiting)
    this.#sender.close()
  }
}
