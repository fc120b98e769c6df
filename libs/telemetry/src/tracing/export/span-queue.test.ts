import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Context, context, INVALID_SPAN_CONTEXT, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { type ExportResult, ExportResultCode, isTracingSuppressed } from '@opentelemetry/core'
import { BasicTracerProvider, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace-base'
import { ShallowContextManager } from '../sdk/context-manager.ts'
import { reportDrops } from './drop-report.ts'
import { type BatchExportResult, SpanQueue, type SpanQueueOptions } from './span-queue.ts'

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
  const queue = new SpanQueue(exporter, (): ReadableSpan[] => [], {
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

test('spans that the exporter fails to export are counted, with the reason', async () => {
  const { queue, end } = prepare(refuses())
  end(3)
  await queue.forceFlush()
  assert.equal(queue.counts.dropped.export_failed, 3)
  assert.equal(queue.lastError, 'refused')
})

test('a collector that never responds costs no more memory than the queue and four batches; all other spans are counted as lost', async () => {
  const exporter = hangs()
  const { queue, end } = prepare(exporter)
  for (let round = 0; round < 50; round++) {
    end(20)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  assert.ok(exporter.batches.length <= 4, `${exporter.batches.length} exports were started`)
  const { queue_full, export_stuck } = queue.counts.dropped
  assert.ok(queue_full > 0 && export_stuck > 0)
  const kept = 1_000 - queue_full - export_stuck
  assert.ok(kept <= 10 + 4 * 5, `${kept} spans are kept`)
  await queue.shutdown()
  assert.equal(queue.droppedTotal, 1_000, 'every span is accounted for')
})

test('a shutdown waits for a hanging collector only as long as configured', async () => {
  const { queue, end } = prepare(hangs(), { exportTimeoutMs: 1_000 })
  end(3)
  await queue.shutdown()
  end(1)
  assert.deepEqual(queue.counts.dropped, { queue_full: 0, export_failed: 0, export_stuck: 0, rejected: 0, shutdown: 4 })
})

test('a batch is sent when it is full, and after the delay when it is not', async () => {
  const exporter = delivers()
  const { end } = prepare(exporter, { scheduledDelayMs: 30 })
  end(6)
  assert.deepEqual(exporter.batches, [5])
  await new Promise((resolve) => setTimeout(resolve, 60))
  assert.deepEqual(exporter.batches, [5, 1])
})

test('nothing is exported before the resource is complete, then the waiting spans are', async () => {
  const exporter = delivers()
  const { promise: ready, resolve } = Promise.withResolvers<void>()
  const { queue, end } = prepare(exporter, { ready })
  end(7)
  assert.deepEqual(exporter.batches, [])
  const flushed = queue.forceFlush()
  resolve()
  await flushed
  assert.deepEqual(exporter.batches, [5, 2])
  assert.equal(queue.counts.exported, 7)
})

test('if the resource never becomes complete, the spans are lost in the end, and a shutdown waits only as long as configured', async () => {
  const { queue, end } = prepare(delivers(), { ready: new Promise(() => {}) })
  end(12)
  await queue.shutdown()
  assert.deepEqual(queue.counts.dropped, {
    queue_full: 2,
    export_failed: 0,
    export_stuck: 0,
    rejected: 0,
    shutdown: 10,
  })
})

test('an exporter that throws has failed', async () => {
  const { queue, end } = prepare(
    new TestExporter(() => {
      throw new Error('out of order')
    }),
  )
  end(7)
  await queue.forceFlush()
  assert.equal(queue.counts.dropped.export_failed, 7)
  assert.equal(queue.lastError, 'out of order')
})

test('an export is not traced, and does not belong to the request that filled the batch', () => {
  const contexts = new ShallowContextManager()
  context.setGlobalContextManager(contexts)
  const seen: Context[] = []
  const { end } = prepare(
    new TestExporter((done) => {
      seen.push(context.active())
      done({ code: ExportResultCode.SUCCESS })
    }),
  )
  context.with(trace.setSpan(ROOT_CONTEXT, trace.wrapSpanContext(INVALID_SPAN_CONTEXT)), () => end(5))
  context.disable()
  const [active] = seen
  assert.ok(active && isTracingSuppressed(active))
  assert.equal(trace.getSpan(active), undefined)
})

test('losses are logged at most once a minute, with their number and the reason', async ({ mock }) => {
  mock.timers.enable({ apis: ['setInterval'] })
  const { queue, end } = prepare(refuses())
  const lines: [fields: unknown, message: string][] = []
  const drops = reportDrops(queue, {
    warn: (fields: object, message?: string) => void lines.push([fields, message ?? '']),
  })
  mock.timers.tick(60_000)
  assert.deepEqual(lines, [])
  end(3)
  await queue.forceFlush()
  end(2)
  await queue.forceFlush()
  mock.timers.tick(59_999)
  assert.deepEqual(lines, [])
  mock.timers.tick(1)
  assert.deepEqual(lines, [[{ dropped: { export_failed: 5 }, lastError: 'refused' }, '5 spans were dropped: refused.']])
  mock.timers.tick(60_000)
  assert.equal(lines.length, 1)
  end(1)
  await queue.forceFlush()
  drops.end()
  drops.end()
  assert.equal(lines.length, 2)
  assert.deepEqual(lines[1]?.[1], '1 span was dropped: refused.')
})

test('spans of a successful export that the collector rejects are dropped with its reason', async () => {
  const rejecting = new TestExporter((done) => {
    const result: BatchExportResult = {
      code: ExportResultCode.SUCCESS,
      rejected: { spans: 2, reason: 'no project' },
    }
    done(result)
  })
  const { queue, end } = prepare(rejecting)
  end(5)
  await queue.forceFlush()
  assert.equal(queue.counts.exported, 3)
  assert.equal(queue.counts.dropped.rejected, 2)
  assert.equal(queue.lastError, 'no project')
})
