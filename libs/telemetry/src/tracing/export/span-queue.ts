import { context, ROOT_CONTEXT, TraceFlags } from '@opentelemetry/api'
import { type ExportResult, ExportResultCode, suppressTracing } from '@opentelemetry/core'
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-base'
import { debug } from '../../debug-log.ts'

/** Why spans were dropped. */
export type SpanDropReason = 'queue_full' | 'export_failed' | 'export_stuck' | 'rejected' | 'shutdown'

/** The numbers of sampled spans of this process that were exported and dropped so far. */
export interface SpanCounts {
  exported: number
  readonly dropped: Record<SpanDropReason, number>
}

/** The limits of the queue; see OTEL_BSP_* in OpenTelemetry's specification. */
export interface SpanQueueOptions {
  readonly maxQueueSize: number
  readonly maxExportBatchSize: number
  readonly scheduledDelayMs: number
  readonly exportTimeoutMs: number
  /** How long the shutdown waits for the exporter; default 5 s. */
  readonly flushTimeoutMs?: number
  /** Nothing is exported until this resolves: the resource may still be detecting its attributes. */
  readonly ready?: Promise<unknown> | undefined
}

/** Spans that are exported together: an array of spans, or their encoded form. */
export interface SpanBatch {
  readonly length: number
  push(span: ReadableSpan): unknown
}

/** The result of an export; a collector may reject some of the spans of a successful one. */
export interface BatchExportResult extends ExportResult {
  readonly rejected?: { readonly spans: number; readonly reason: string }
}

/** Exports batches; every `SpanExporter` of OpenTelemetry does, with arrays. */
export interface BatchExporter<Batch extends SpanBatch> {
  export(batch: Batch, done: (result: BatchExportResult) => void): void
  shutdown(): Promise<void>
}

/** The maximum number of pending exports: an exporter that never calls back must not accumulate them. */
const MAX_PENDING_EXPORTS = 4
const FLUSH_TIMEOUT_MS = 5_000

/**
 * OpenTelemetry's batching span processor (https://opentelemetry.io/docs/specs/otel/trace/sdk/#batching-processor) that
 * counts its losses: spans that find the queue full, batches that fail, spans that the collector rejects, and batches
 * that are not exported because earlier exports have not ended. Memory is limited to the queue and {@link
 * MAX_PENDING_EXPORTS} batches. The SDK's own processor keeps every span until its batch is sent; here a batch may keep
 * less.
 */
export class SpanQueue<Batch extends SpanBatch> implements SpanProcessor {
  readonly counts: SpanCounts = {
    exported: 0,
    dropped: { queue_full: 0, export_failed: 0, export_stuck: 0, rejected: 0, shutdown: 0 },
  }
  readonly #exporter: BatchExporter<Batch>
  readonly #createBatch: () => Batch
  readonly #options: SpanQueueOptions
  #filling: Batch
  readonly #full: Batch[] = []
  #queued = 0
  #pendingExports = 0
  #exporting = 0
  #delay: NodeJS.Timeout | undefined
  #isReady: boolean
  #isExporting = false
  #isStopped = false
  #isEnded = false
  #shutdown: Promise<void> | undefined
  #lastError: string | undefined
  readonly #waiting: (() => void)[] = []

  constructor(exporter: BatchExporter<Batch>, createBatch: () => Batch, options: SpanQueueOptions) {
    this.#exporter = exporter
    this.#createBatch = createBatch
    this.#options = {
      ...options,
      maxExportBatchSize: Math.min(options.maxExportBatchSize, options.maxQueueSize),
    }
    this.#filling = createBatch()
    this.#isReady = options.ready === undefined
    const becomeReady = () => {
      this.#isReady = true
      this.#exportNext()
    }
    options.ready?.then(becomeReady, becomeReady)
  }

  /** The message of the latest failed export. */
  get lastError(): string | undefined {
    return this.#lastError
  }

  /** The number of all dropped spans. */
  get droppedTotal(): number {
    return Object.values(this.counts.dropped).reduce((sum, count) => sum + count, 0)
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return
    if (this.#isStopped) {
      this.counts.dropped.shutdown++
    } else if (this.#queued >= this.#options.maxQueueSize) {
      this.counts.dropped.queue_full++
    } else {
      this.#queued++
      this.#filling.push(span)
      if (this.#filling.length >= this.#options.maxExportBatchSize) this.#closeBatch()
      else this.#delay ??= setTimeout(() => this.#closeBatch(), this.#options.scheduledDelayMs).unref()
    }
  }

  #closeBatch(): void {
    clearTimeout(this.#delay)
    this.#delay = undefined
    if (this.#filling.length > 0) {
      this.#full.push(this.#filling)
      this.#filling = this.#createBatch()
    }
    this.#exportNext()
  }

  #exportNext(): void {
    while (this.#isReady && !this.#isExporting) {
      const batch = this.#full.shift()
      if (batch === undefined) return
      this.#queued -= batch.length
      if (this.#pendingExports < MAX_PENDING_EXPORTS) {
        this.#export(batch)
      } else {
        this.counts.dropped.export_stuck += batch.length
        this.#lastError = `${this.#pendingExports} exports have not ended`
      }
    }
  }

  #export(batch: Batch): void {
    this.#isExporting = true
    this.#pendingExports++
    this.#exporting += batch.length
    let isWaitedFor = true
    const proceed = () => {
      clearTimeout(timeout)
      if (!isWaitedFor) return
      isWaitedFor = false
      this.#isExporting = false
      for (const resolve of this.#waiting.splice(0)) resolve()
      this.#exportNext()
    }
    const timeout = setTimeout(proceed, this.#options.exportTimeoutMs).unref()
    const done = (result: BatchExportResult) => {
      this.#pendingExports--
      this.#exporting -= batch.length
      // The spans of a queue that has shut down have already been counted.
      if (!this.#isEnded) this.#count(batch.length, result)
      proceed()
    }
    // Not in the context of the request that completed the batch.
    context.with(suppressTracing(ROOT_CONTEXT), () => {
      try {
        this.#exporter.export(batch, done)
      } catch (error) {
        done({ code: ExportResultCode.FAILED, error: error instanceof Error ? error : new Error(String(error)) })
      }
    })
  }

  #count(length: number, { code, error, rejected }: BatchExportResult): void {
    debug('%d spans: %s', length, code === ExportResultCode.SUCCESS ? 'exported' : error?.message)
    if (code === ExportResultCode.SUCCESS) {
      const spans = Math.min(rejected?.spans ?? 0, length)
      this.counts.exported += length - spans
      this.counts.dropped.rejected += spans
      if (spans > 0) this.#lastError = rejected?.reason
    } else {
      this.counts.dropped.export_failed += length
      this.#lastError = error?.message ?? 'no reason given'
    }
  }

  /** Exports every queued span and waits for it; a failed export is counted, not thrown. */
  async forceFlush(): Promise<void> {
    this.#closeBatch()
    while (this.#isExporting || this.#full.length > 0) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  /**
   * Exports every queued span and shuts the exporter down; spans that are not exported in time are counted as dropped.
   */
  shutdown(): Promise<void> {
    this.#shutdown ??= this.#stop()
    return this.#shutdown
  }

  async #stop(): Promise<void> {
    this.#isStopped = true
    const { promise: timeout, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, this.#options.flushTimeoutMs ?? FLUSH_TIMEOUT_MS)
    const end = async () => {
      await this.forceFlush()
      await this.#exporter.shutdown()
    }
    await Promise.race([end().catch(() => {}), timeout])
    clearTimeout(timer)
    this.counts.dropped.shutdown += this.#queued + this.#exporting
    this.#isEnded = true
  }
}
