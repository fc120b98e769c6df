import type { LineDestination, RequestLine } from '../logs/request-line.ts'
import { ExportCounts } from '../tracing/export/export-counts.ts'
import { JsonLogs } from './logs-request.ts'
import type { Origin } from './metrics-request.ts'
import type { OtlpSender } from './otlp-sender.ts'
import { ProtobufLogs } from './protobuf-logs.ts'

/** The limits of the queue; see OTEL_BLRP_* in OpenTelemetry's specification. */
export interface LogExporterOptions {
  readonly maxQueueSize: number
  readonly maxExportBatchSize: number
  readonly scheduledDelayMs: number
  /** The maximum number of characters that may wait for export, since lines may be long; default 16 Mi. */
  readonly maxQueueLength?: number
  /**
   * The maximum number of characters in one export, unless a single line has more: collectors limit its bytes; default
   * 1 Mi.
   */
  readonly maxExportBatchLength?: number
  /** How long the shutdown waits for the collector; default 5 s. */
  readonly flushTimeoutMs?: number
}

const FLUSH_TIMEOUT_MS = 5_000
const MAX_QUEUE_LENGTH = 16 * 1024 * 1024
const MAX_EXPORT_BATCH_LENGTH = 1024 * 1024

/** Log lines that are sent together. */
interface LogBatch {
  readonly size: number
  /** Their characters, or their bytes if they are already encoded. */
  readonly length: number
  push(line: string): void
  pushRequest?(line: RequestLine, fields: string): void
  serialize(origin: Origin): Uint8Array
}

/** The size of a request's line apart from its target. */
const EXPECTED_REQUEST_LENGTH = 512

/**
 * Sends log lines by OTLP, in batches. Lines that find the queue full are dropped and counted, as are those of failed
 * batches: the service never waits for its collector.
 */
export class LogExporter implements LineDestination {
  readonly counts = new ExportCounts()
  readonly writeRequest: LineDestination['writeRequest']
  readonly #sender: OtlpSender
  readonly #options: Required<LogExporterOptions>
  #filling: LogBatch
  readonly #full: LogBatch[] = []
  /** The lines of all waiting batches, and their lengths except for the batch that is being filled. */
  #size = 0
  #fullLength = 0
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
    this.#filling = this.#createBatch()
    if (!sender.isJson) this.writeRequest = (line, fields) => this.#writeRequest(line, fields)
  }

  /** Why the latest ones were dropped. */
  get lastError(): string | undefined {
    return this.counts.lastError
  }

  write(line: string): void {
    if (!this.#makeRoom(line.length)) return
    this.#filling.push(line)
    this.#pushed()
  }

  #writeRequest(line: RequestLine, fields: string): void {
    if (!this.#makeRoom(line.url.length + EXPECTED_REQUEST_LENGTH)) return
    this.#filling.pushRequest?.(line, fields)
    this.#pushed()
  }

  /** Whether there is room for a line of this length, which may have to start a new batch. */
  #makeRoom(length: number): boolean {
    const { maxQueueSize, maxQueueLength, maxExportBatchLength } = this.#options
    if (this.#hasEnded) {
      this.counts.drop('shutdown', 1)
      return false
    }
    const filling = this.#filling.length
    if (this.#size >= maxQueueSize || this.#fullLength + filling + length > maxQueueLength) {
      this.counts.drop('queue_full', 1)
      return false
    }
    if (filling > 0 && filling + length > maxExportBatchLength) this.#closeBatch()
    return true
  }

  #pushed(): void {
    this.#size++
    if (this.#filling.size >= this.#options.maxExportBatchSize) this.#closeBatch()
    else this.#delay ??= setTimeout(() => this.#begin(), this.#options.scheduledDelayMs).unref()
  }

  #closeBatch(): void {
    this.#full.push(this.#filling)
    this.#fullLength += this.#filling.length
    this.#filling = this.#createBatch()
    this.#begin()
  }

  /** Sends the waiting lines, unless they are already being sent. */
  #begin(): void {
    clearTimeout(this.#delay)
    this.#delay = undefined
    this.#running ??= this.#sendAll()
  }

  /** Sends all full batches, and at shutdown the last one. */
  async #sendAll(): Promise<void> {
    do {
      const batch = this.#takeBatch()
      this.#sending = batch.size
      await this.#send(batch)
      this.#sending = 0
    } while (this.#full.length > 0 || (this.#hasEnded && this.#size > 0))
    this.#running = undefined
    if (this.#size > 0) this.#delay ??= setTimeout(() => this.#begin(), this.#options.scheduledDelayMs).unref()
  }

  #takeBatch(): LogBatch {
    let batch = this.#full.shift()
    if (batch === undefined) {
      batch = this.#filling
      this.#filling = this.#createBatch()
    } else this.#fullLength -= batch.length
    this.#size -= batch.size
    return batch
  }

  #createBatch(): LogBatch {
    return this.#sender.isJson ? new JsonLogs() : new ProtobufLogs()
  }

  async #send(batch: LogBatch): Promise<void> {
    try {
      const origin = await this.#sender.origin()
      const outcome = await this.#sender.send(() => batch.serialize(origin))
      if (!outcome.isSuccess) {
        this.counts.drop('export_failed', batch.size, outcome.reason)
        return
      }
      const rejected = Math.min(outcome.rejected, batch.size)
      if (rejected > 0) this.counts.drop('rejected', rejected, outcome.reason)
      this.counts.exported += batch.size - rejected
    } catch (error) {
      this.counts.drop('export_failed', batch.size, error instanceof Error ? error.message : String(error))
    }
  }

  /** Sends the waiting lines; those that are not sent in time are counted as dropped. */
  async shutdown(): Promise<void> {
    this.#hasEnded = true
    const { promise: timeout, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, this.#options.flushTimeoutMs)
    const end = async () => {
      await this.#running
      if (this.#size > 0) {
        this.#begin()
        await this.#running
      }
    }
    await Promise.race([end(), timeout])
    clearTimeout(timer)
    this.counts.drop('shutdown', this.#size + this.#sending)
    this.#size = 0
    this.#full.length = 0
    this.#sender.close()
  }
}
