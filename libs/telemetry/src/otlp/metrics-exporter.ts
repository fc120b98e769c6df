import type { MetricFamily } from '../metrics/family.ts'
import { ExportCounts } from '../tracing/export/export-counts.ts'
import { encodeProtobuf } from './encode.ts'
import { METRICS_REQUEST } from './messages.ts'
import { metricsRequest } from './metrics-request.ts'
import type { OtlpSender } from './otlp-sender.ts'

/**
 * Sends all metrics by OTLP every so often, and once more at the end. Nothing waits: totals are cumulative, so the next request makes up for one that
 * failed, whose points are counted as dropped.
 */
export class MetricsExporter {
  readonly counts = new ExportCounts()
  readonly #collect: () => Promise<Iterable<MetricFamily>>
  readonly #sender: OtlpSender
  readonly #timer: NodeJS.Timeout
  #running: Promise<void> | undefined

  constructor(collect: () => Promise<Iterable<MetricFamily>>, sender: OtlpSender, intervalMs: number) {
    this.#collect = collect
    this.#sender = sender
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
    let points = 0
    try {
      const origin = await this.#sender.origin()
      const request = metricsRequest(await this.#collect(), origin, Date.now() / 1000)
      points = request.points
      const { message } = request
      const outcome = await this.#sender.send({
        toProtobuf: () => encodeProtobuf(METRICS_REQUEST, message),
        toJson: () => message,
      })
      if (!outcome.isSuccess) {
        this.counts.drop('export_failed', points, outcome.reason)
        return
      }
      const rejected = Math.min(outcome.rejected, points)
      if (rejected > 0) this.counts.drop('rejected', rejected, outcome.reason)
      this.counts.exported += points - rejected
    } catch (error) {
      this.counts.drop('export_failed', points, error instanceof Error ? error.message : String(error))
    }
  }

  /** Sends the last values. */
  async shutdown(): Promise<void> {
    clearInterval(this.#timer)
    await this.#running
    await this.#export()
    this.#sender.close()
  }
}
