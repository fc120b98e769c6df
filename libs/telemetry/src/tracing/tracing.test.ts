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

async function start() {
  const exporter = new InMemorySpanExporter()
  const environment = readEnvironment(telemetryEnvironment({ metricsPort: 0 }), { OTEL_TRACES_EXPORTER: 'none' })
  const tracing = await startTracing({ service: { name: 'test', version: '1.2.3' }, environment, exporter })
  return { exporter, tracing }
}

/** The spans that are active while a function runs in the context of a span, by the API, and in what follows from it. */
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

test('a span is active in what is run with it, in our own context manager', async () => {
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

test('a span is active in what is run with it, in the context manager that a service has registered before', async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager())
  const { tracing } = await start()
  const { span, now, later } = await activeSpans(tracing)
  assert.ok(now === span && later === span)
})
