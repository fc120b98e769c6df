import type { DestinationStream } from 'pino'
import { ExportCounts } from '../tracing/export/export-counts.ts'
import { logsRequest } from './logs-request.ts'
import type { OtlpSender } from './otlp-sender.ts'
import { encodeLogs } from './protobuf-logs.ts'

/** The limits of the queue; see OTEL_BLRP_* in OpenTelemetry's specification. */
export interface LogExporterOptions {
  readonly maxQueueSize: number
  readonly maxExportBatchSize: number
  readonly scheduledDelayMs: number
  /** The most characters that wait for export, whose lines may be long; default 16 Mi. */
  readonly maxQueueLength?: number
  /** The most characters of one export, unless a single line has more: collectors bound its bytes; default 1 Mi. */
  readonly maxExportBatchLength?: number
  /** How long the end waits for the collector; default 5 s. */
  readonly flushTimeoutMs?: number
}

const FLUSH_TIMEOUT_MS = 5_000
const MAX_QUEUE_LENGTH = 16 * 1024 * 1024
const MAX_EXPORT_BATCH_LENGTH = 1024 * 1024

/**
 * Sends log lines by OTLP, in batches. Lines that find the queue full are dropped and counted, as are those of batches that fail: the service never waits for its
 * collector.
 */
export class LogExporter implements DestinationStream {
  readonly counts = new ExportCounts()
  readonly #sender: OtlpSender
  readonly #options: Required<LogExporterOptions>
  #lines: string[] = []
  /** The characters of these. */
  #length = 0
  #delay: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #sending = 0
  #hasEnded = false

  constructor(sender: OtlpSender, options: LogExporterOptions) {
    this.#sender = sender
    this.#options = {
      maxQueueLength: MAX_QUEUE_LENGTH,
      maxExportBatchLength: MAX_EXPORT_BATCH_LENGTH,
      flushTimeoutMs: FLUSH_TIMEOUT_MS,
      ...options,
      maxExportBatchSize: Math.min(options.maxExportBatchSize, options.maxQueueSize),
    }
  }

  /** Why the latest ones were dropped. */
  get lastError(): string | undefined {
    return this.counts.lastError
  }

  write(line: string): void {
    if (this.#hasEnded) {
      this.counts.drop('shutdown', 1)
    } else if (
      this.#lines.length >= this.#options.maxQueueSize ||
      this.#length + line.length > this.#options.maxQueueLength
    ) {
      this.counts.drop('queue_full', 1)
    } else {
      this.#lines.push(line)
      this.#length += line.length
      if (this.#isBatch) this.#begin()
      else this.#delay ??= setTimeout(() => this.#begin(), this.#options.scheduledDelayMs).unref()
    }
  }

  /** Whether there is a whole batch. */
  get #isBatch(): boolean {
    const { maxExportBatchSize, maxExportBatchLength } = this.#options
    return this.#lines.length >= maxExportBatchSize || this.#length >= maxExportBatchLength
  }

  /** Sends every line that waits, batch by batch. */
  #begin(): void {
    clearTimeout(this.#delay)
    this.#delay = undefined
    this.#running ??= this.#sendAll().finally(() => {
      this.#running = undefined
      if (this.#lines.length > 0 && !this.#hasEnded)
        this.#delay ??= setTimeout(() => this.#begin(), this.#options.scheduledDelayMs).unref()
    })
  }

  async #sendAll(): Promise<void> {
    do {
      const batch = this.#takeBatch()
      this.#sending = batch.length
      await this.#send(batch)
      this.#sending = 0
    } while (this.#isBatch || (this.#hasEnded && this.#lines.length > 0))
  }

  #takeBatch(): string[] {
    const { maxExportBatchSize, maxExportBatchLength } = this.#options
    let size = 0
    let length = 0
    for (const line of this.#lines) {
      if (size >= maxExportBatchSize || (size > 0 && length + line.length > maxExportBatchLength)) break
      size++
      length += line.length
    }
    const batch = this.#lines.slice(0, size)
    this.#lines = this.#lines.slice(size)
    this.#length -= length
    return batch
  }

  async #send(batch: readonly string[]): Promise<void> {
    try {
      const origin = await this.#sender.origin()
      const outcome = await this.#sender.send({
        toProtobuf: () => encodeLogs(batch, origin),
        toJson: () => logsRequest(batch, origin),
      })
      if (!outcome.isSuccess) {
        this.counts.drop('export_failed', batch.length, outcome.reason)
        return
      }
      const rejected = Math.min(outcome.rejected, batch.length)
      if (rejected > 0) this.counts.drop('rejected', rejected, outcome.reason)
      this.counts.exported += batch.length - rejected
    } catch (error) {
      this.counts.drop('export_failed', batch.length, error instanceof Error ? error.message : String(error))
    }
  }

  /** Sends what waits; lines that are not sent in time are counted as dropped. */
  async shutdown(): Promise<void> {
    this.#hasEnded = true
    const { promise: timeout, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, this.#options.flushTimeoutMs)
    const end = async () => {
      await this.#running
      if (this.#lines.length > 0) {
        this.#begin()
        await this.#running
      }
    }
    await Promise.race([end(), timeout])
    clearTimeout(timer)
    this.counts.drop('shutdown', this.#lines.length + this.#sending)
    this.#lines = []
    this.#sender.close()
  }
}
