import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { readEnvironment } from '@node-to-cloud/command-line'
import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace-base'
import { telemetryEnvironment } from '../process/telemetry-environment.ts'
import { ShallowContextManager } from './sdk/context-manager.ts'
import { startTracing } from './tracing.ts'

afterEach(() => {
  for (const api of [trace, context, propagation]) api.disable()
})

async function start(env: Readonly<Record<string, string>> = {}) {
  const exporter = new InMemorySpanExporter()
  const environment = readEnvironment(telemetryEnvironment({ metricsPort: 0 }), {
    OTEL_TRACES_EXPORTER: 'none',
    ...env,
  })
  const tracing = await startTracing({ service: { name: 'test', version: '1.2.3' }, environment, exporter })
  return { exporter, tracing }
}

/**
 * The spans that are active while a function runs in the context of a span, according to the API, and in what follows
 * from it.
 */
async function activeSpans({ contexts, tracer }: Awaited<ReturnType<typeof start>>['tracing']) {
  const span = tracer.startSpan('outer')
  const [now, later] = await contexts.with(trace.setSpan(ROOT_CONTEXT, span), async () => {
    const now = trace.getActiveSpan()
    await setTimeout(1)
    return [now, trace.getActiveSpan()]
  })
  span.end()
  return { span, now, later }
}

test('a span is active in functions run with it, in our own context manager', async () => {
  const { tracing, exporter } = await start()
  const { span, now, later } = await activeSpans(tracing)
  assert.ok(tracing.contexts instanceof ShallowContextManager)
  assert.ok(now === span && later === span)
  await tracing.flush()
  const [exported] = exporter.getFinishedSpans()
  assert.equal(exported?.name, 'outer')
  assert.equal(exported?.resource.attributes['service.name'], 'test')
  assert.equal(tracing.counts.exported, 1)
})

test('a span is active in functions run with it, in a context manager that a service has registered before', async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager())
  const { tracing } = await start()
  const { span, now, later } = await activeSpans(tracing)
  assert.ok(now === span && later === span)
})

const HEADERS = {
  traceparent: `00-${'1'.repeat(32)}-${'a'.repeat(16)}-01`,
  b3: `${'2'.repeat(32)}-${'b'.repeat(16)}-1`,
  baggage: 'tenant=7',
}

for (const { propagators, traceId, sent } of [
  { propagators: '', traceId: '1'.repeat(32), sent: ['baggage', 'traceparent'] },
  { propagators: 'tracecontext', traceId: '1'.repeat(32), sent: ['traceparent'] },
  { propagators: 'b3', traceId: '2'.repeat(32), sent: ['b3'] },
  {
    propagators: 'b3multi,baggage',
    traceId: '2'.repeat(32),
    sent: ['baggage', 'x-b3-sampled', 'x-b3-spanid', 'x-b3-traceid'],
  },
  { propagators: 'none', traceId: undefined, sent: [] },
]) {
  test(`OTEL_PROPAGATORS=${propagators} decides which headers are read and written`, async () => {
    await start({ OTEL_PROPAGATORS: propagators })
    const received = propagation.extract(ROOT_CONTEXT, HEADERS)
    assert.equal(trace.getSpanContext(received)?.traceId, traceId)
    const headers = {}
    propagation.inject(received, headers)
    assert.deepEqual(Object.keys(headers).sort(), sent)
  })
}

test('the limits of spans come from the environment', async () => {
  const { tracing, exporter } = await start({
    OTEL_ATTRIBUTE_COUNT_LIMIT: '9',
    OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '2',
    OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '3',
    OTEL_SPAN_EVENT_COUNT_LIMIT: '1',
    OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: '1',
  })
  const span = tracing.tracer.startSpan('limited', { attributes: { a: 'abcdef', b: 1, c: 2 } })
  span.addEvent('first').addEvent('second', { a: 1, b: 2 }).end()
  await tracing.flush()
  const [exported] = exporter.getFinishedSpans()
  assert.deepEqual(exported?.attributes, { a: 'abc', b: 1 })
  assert.deepEqual(
    exported?.events.map(({ name, attributes }) => [name, attributes]),
    [['second', { a: 1 }]],
  )
})
