import { context, ROOT_CONTEXT, TraceFlags } from '@opentelemetry/api'
import { type ExportResult, ExportResultCode, suppressTracing } from '@opentelemetry/core'
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-base'

/** Why spans were lost. */
export type SpanDropReason = 'queue_full' | 'export_failed' | 'export_stuck' | 'shutdown'

/** What became of the sampled spans of this process so far. */
export interface SpanCounts {
  exported: number
  readonly dropped: Record<SpanDropReason, number>
}

/** Bounds of the queue; see OTEL_BSP_* of OpenTelemetry's specification. */
export interface SpanQueueOptions {
  readonly maxQueueSize: number
  readonly maxExportBatchSize: number
  readonly scheduledDelayMs: number
  readonly exportTimeoutMs: number
  /** How long the shutdown waits for the exporter; default 5 s. */
  readonly flushTimeoutMs?: number
  /** Nothing is exported before this: the attributes of the resource that are still looked for. */
  readonly ready?: Promise<unknown> | undefined
}

/** Spans that are exported together: the spans themselves in an array, or what their exporter makes of each as it ends. */
export interface SpanBatch {
  readonly length: number
  push(span: ReadableSpan): unknown
}

/** What takes batches; each {@link SpanExporter} of OpenTelemetry is one of arrays. */
export interface BatchExporter<Batch extends SpanBatch> {
  export(batch: Batch, done: (result: ExportResult) => void): void
  shutdown(): Promise<void>
}

/** Exports that may be under way at once: an exporter whose calls never end must not gather them. */
const MAX_PENDING_EXPORTS = 4
const FLUSH_TIMEOUT_MS = 5_000

/**
 * OpenTelemetry's batch processor of spans (https://opentelemetry.io/docs/specs/otel/trace/sdk/#batching-processor) with its losses counted: spans that meet a
 * full queue, batches that the exporter fails, and batches that are not begun because earlier ones never ended. Memory is bounded by the queue and
 * {@link MAX_PENDING_EXPORTS} batches. The SDK's own keeps every span until its batch is sent; here a batch may keep less of it than that.
 */
export class SpanQueue<Batch extends SpanBatch> implements SpanProcessor {
  readonly counts: SpanCounts = {
    exported: 0,
    dropped: { queue_full: 0, export_failed: 0, export_stuck: 0, shutdown: 0 },
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
  /** Those who wait for an export to end. */
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

  /** The message of the newest failed export. */
  get lastError(): string | undefined {
    return this.#lastError
  }

  /** All spans lost so far. */
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

  /** Exports one batch after the other. */
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
    const done = (result: ExportResult) => {
      this.#pendingExports--
      this.#exporting -= batch.length
      // Those of an ended queue have been given up.
      if (!this.#isEnded) this.#count(batch.length, result)
      proceed()
    }
    // Not in the context of the request that happened to fill the batch.
    context.with(suppressTracing(ROOT_CONTEXT), () => {
      try {
        this.#exporter.export(batch, done)
      } catch (error) {
        done({ code: ExportResultCode.FAILED, error: error instanceof Error ? error : new Error(String(error)) })
      }
    })
  }

  #count(length: number, { code, error }: ExportResult): void {
    if (code === ExportResultCode.SUCCESS) {
      this.counts.exported += length
    } else {
      this.counts.dropped.export_failed += length
      this.#lastError = error?.message ?? 'no reason given'
    }
  }

  /** Hands every queued span to the exporter, and waits for it; a failed export is counted, not thrown. */
  async forceFlush(): Promise<void> {
    this.#closeBatch()
    while (this.#isExporting || this.#full.length > 0) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  /** Hands every queued span to the exporter and ends it; spans that are not delivered in time are counted as lost. */
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
