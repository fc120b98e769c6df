import type { Context } from '@opentelemetry/api'
import { type ExportResult, ExportResultCode } from '@opentelemetry/core'
import {
  BatchSpanProcessor,
  type ReadableSpan,
  type Span,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base'

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
}

/** Exports that may be under way at once: an exporter whose calls never end must not gather them. */
const MAX_PENDING_EXPORTS = 4
const FLUSH_TIMEOUT_MS = 5_000

/**
 * OpenTelemetry's batch processor with its losses counted: spans that meet a full queue, batches that the exporter fails, and batches that
 * are not begun because earlier ones never ended. Memory is bounded by the queue and {@link MAX_PENDING_EXPORTS} batches.
 */
export class CountingSpanQueue implements SpanProcessor {
  readonly counts: SpanCounts = {
    exported: 0,
    dropped: { queue_full: 0, export_failed: 0, export_stuck: 0, shutdown: 0 },
  }
  readonly #processor: BatchSpanProcessor
  readonly #maxQueueSize: number
  #queued = 0
  #exporting = 0
  #stopped = false
  #isEnded = false
  #shutdown: Promise<void> | undefined
  readonly #flushTimeoutMs: number
  #lastError: string | undefined

  constructor(exporter: SpanExporter, options: SpanQueueOptions) {
    this.#maxQueueSize = options.maxQueueSize
    this.#flushTimeoutMs = options.flushTimeoutMs ?? FLUSH_TIMEOUT_MS
    this.#processor = new BatchSpanProcessor(this.#counting(exporter), {
      maxQueueSize: options.maxQueueSize,
      maxExportBatchSize: Math.min(options.maxExportBatchSize, options.maxQueueSize),
      scheduledDelayMillis: options.scheduledDelayMs,
      exportTimeoutMillis: options.exportTimeoutMs,
    })
  }

  /** The message of the newest failed export. */
  get lastError(): string | undefined {
    return this.#lastError
  }

  /** All spans lost so far. */
  get droppedTotal(): number {
    return Object.values(this.counts.dropped).reduce((sum, count) => sum + count, 0)
  }

  onStart(span: Span, parentContext: Context): void {
    this.#processor.onStart(span, parentContext)
  }

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & 1) === 0) return
    if (this.#stopped) {
      this.counts.dropped.shutdown++
    } else if (this.#queued >= this.#maxQueueSize) {
      this.counts.dropped.queue_full++
    } else {
      this.#queued++
      this.#processor.onEnd(span)
    }
  }

  /** Hands every queued span to the exporter; a failed export is counted, not thrown. */
  async forceFlush(): Promise<void> {
    await this.#processor.forceFlush().catch(() => {})
  }

  /** Hands every queued span to the exporter and ends it; spans that are not delivered in time are counted as lost. */
  shutdown(): Promise<void> {
    this.#shutdown ??= this.#stop()
    return this.#shutdown
  }

  async #stop(): Promise<void> {
    this.#stopped = true
    const { promise: timeout, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, this.#flushTimeoutMs)
    await Promise.race([this.#processor.shutdown().catch(() => {}), timeout])
    clearTimeout(timer)
    this.counts.dropped.shutdown += this.#queued + this.#exporting
    this.#isEnded = true
  }

  #counting(exporter: SpanExporter): SpanExporter {
    let pending = 0
    return {
      export: (spans, resultCallback) => {
        this.#queued -= spans.length
        if (pending >= MAX_PENDING_EXPORTS) {
          this.counts.dropped.export_stuck += spans.length
          this.#lastError = `${pending} exports have not ended`
          resultCallback({ code: ExportResultCode.FAILED, error: new Error(this.#lastError) })
          return
        }
        pending++
        this.#exporting += spans.length
        exporter.export(spans, (result: ExportResult) => {
          pending--
          this.#exporting -= spans.length
          // These spans have been given up.
          if (this.#isEnded) return
          if (result.code === ExportResultCode.SUCCESS) {
            this.counts.exported += spans.length
          } else {
            this.counts.dropped.export_failed += spans.length
            this.#lastError = result.error?.message ?? 'no reason given'
          }
          resultCallback(result)
        })
      },
      shutdown: () => exporter.shutdown(),
      forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
    }
  }
}
