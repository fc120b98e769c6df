import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ExportResult, ExportResultCode } from '@opentelemetry/core'
import { BasicTracerProvider, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace-base'
import { reportDrops } from './drop-report.ts'
import { CountingSpanQueue, type SpanQueueOptions } from './span-queue.ts'

class TestExporter implements SpanExporter {
  readonly batches: number[] = []
  readonly #answer: (done: (result: ExportResult) => void) => void

  constructor(answer: (done: (result: ExportResult) => void) => void) {
    this.#answer = answer
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.batches.push(spans.length)
    this.#answer(done)
  }

  shutdown(): Promise<void> {
    return Promise.resolve()
  }
}

const delivers = () => new TestExporter((done) => done({ code: ExportResultCode.SUCCESS }))
const refuses = () => new TestExporter((done) => done({ code: ExportResultCode.FAILED, error: new Error('refused') }))
const hangs = () => new TestExporter(() => {})

function prepare(exporter: SpanExporter, options: Partial<SpanQueueOptions> = {}) {
  const queue = new CountingSpanQueue(exporter, {
    maxQueueSize: 10,
    maxExportBatchSize: 5,
    scheduledDelayMs: 60_000,
    exportTimeoutMs: 20,
    flushTimeoutMs: 50,
    ...options,
  })
  const tracer = new BasicTracerProvider({ spanProcessors: [queue] }).getTracer('test')
  const end = (count: number) => {
    for (let index = 0; index < count; index++) tracer.startSpan('test').end()
  }
  return { queue, end }
}

test('delivered spans are counted', async () => {
  const { queue, end } = prepare(delivers())
  end(7)
  await queue.forceFlush()
  assert.equal(queue.counts.exported, 7)
  assert.equal(queue.droppedTotal, 0)
})

test('spans that the exporter fails are counted, with the reason', async () => {
  const { queue, end } = prepare(refuses())
  end(3)
  await queue.forceFlush()
  assert.equal(queue.counts.dropped.export_failed, 3)
  assert.equal(queue.lastError, 'refused')
})

test('a collector that never answers costs no more memory than the queue and four batches; all other spans are counted as lost', async () => {
  const exporter = hangs()
  const { queue, end } = prepare(exporter)
  for (let round = 0; round < 50; round++) {
    end(20)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  assert.ok(exporter.batches.length <= 4, `${exporter.batches.length} exports were begun`)
  const { queue_full, export_stuck } = queue.counts.dropped
  assert.ok(queue_full > 0 && export_stuck > 0)
  const kept = 1_000 - queue_full - export_stuck
  assert.ok(kept <= 10 + 4 * 5, `${kept} spans are kept`)
  await queue.shutdown()
  assert.equal(queue.droppedTotal, 1_000, 'every span is accounted for')
})

test('a shutdown waits for a collector that hangs no longer than it is told', async () => {
  const { queue, end } = prepare(hangs(), { exportTimeoutMs: 1_000 })
  end(3)
  await queue.shutdown()
  end(1)
  assert.deepEqual(queue.counts.dropped, { queue_full: 0, export_failed: 0, export_stuck: 0, shutdown: 4 })
})

test('losses are logged at most once a minute, with their number and the reason', async (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] })
  const { queue, end } = prepare(refuses())
  const lines: [fields: unknown, message: string][] = []
  const stop = reportDrops(queue, {
    warn: (fields: object, message?: string) => void lines.push([fields, message ?? '']),
  })
  context.mock.timers.tick(60_000)
  assert.deepEqual(lines, [])
  end(3)
  await queue.forceFlush()
  end(2)
  await queue.forceFlush()
  context.mock.timers.tick(59_999)
  assert.deepEqual(lines, [])
  context.mock.timers.tick(1)
  assert.deepEqual(lines, [[{ dropped: { export_failed: 5 }, lastError: 'refused' }, '5 spans were lost: refused.']])
  context.mock.timers.tick(60_000)
  assert.equal(lines.length, 1)
  stop()
})
