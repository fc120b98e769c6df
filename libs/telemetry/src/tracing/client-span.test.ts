import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BasicTracerProvider,
  InMemorySpanExporter,
  type Sampler,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import type { PropagatorName } from '../process/telemetry-environment.ts'
import { startClientSpan } from './client-span.ts'
import { createPropagator } from './propagation/create-propagator.ts'

function prepare(sampler: Sampler) {
  const exporter = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({ sampler, spanProcessors: [new SimpleSpanProcessor(exporter)] })
  return { tracer: provider.getTracer('test'), spans: () => exporter.getFinishedSpans() }
}

function propagateBy(...names: readonly PropagatorName[]): void {
  propagation.disable()
  const propagator = createPropagator(names)
  if (propagator !== null) propagation.setGlobalPropagator(propagator)
}

beforeEach(() => propagateBy('tracecontext', 'baggage'))

const HEADERS: readonly (readonly [names: readonly PropagatorName[], headers: readonly string[]])[] = [
  [['tracecontext', 'baggage'], ['traceparent']],
  [['b3'], ['b3']],
  [['b3multi'], ['x-b3-traceid', 'x-b3-spanid', 'x-b3-sampled']],
  [
    ['tracecontext', 'b3'],
    ['traceparent', 'b3'],
  ],
  [['baggage'], []],
  [[], []],
]
for (const [names, headers] of HEADERS)
  test(`OTEL_PROPAGATORS=${names.join(',') || 'none'} sends ${headers.join(', ') || 'no header'}`, () => {
    propagateBy(...names)
    const { tracer, spans } = prepare(new AlwaysOnSampler())
    const span = startClientSpan(tracer, 'GET', 'http://example.com')
    span.end(200)
    assert.deepEqual(Object.keys(span.headers), headers)
    const { traceId, spanId } = spans()[0]?.spanContext() ?? {}
    const values = Object.values(span.headers).join(' ')
    if (headers.length > 0) assert.match(values, new RegExp(`${traceId}.*${spanId}`))
  })

test('a sampled request has a CLIENT span, and tells its server that it is sampled', () => {
  const { tracer, spans } = prepare(new AlwaysOnSampler())
  const span = startClientSpan(tracer, 'GET', 'http://user:secret@example.com/path?q=1&sig=secret')
  span.end(200)
  const [finished] = spans()
  const context = finished?.spanContext()
  assert.equal(finished?.kind, SpanKind.CLIENT)
  assert.equal(finished?.name, 'GET')
  assert.equal(span.traceparent, `00-${context?.traceId}-${context?.spanId}-01`)
  assert.deepEqual(finished?.attributes, {
    'http.request.method': 'GET',
    'url.full': 'http://example.com/path?q=1&sig=REDACTED',
    'server.address': 'example.com',
    'server.port': 80,
    'http.method': 'GET',
    'http.url': 'http://example.com/path?q=1&sig=REDACTED',
    'http.response.status_code': 200,
    'http.status_code': 200,
  })
})

test('a failure is an error: by its status, or by its code if there was no response', () => {
  const { tracer, spans } = prepare(new AlwaysOnSampler())
  startClientSpan(tracer, 'GET', 'http://example.com').end(503)
  startClientSpan(tracer, 'GET', 'http://example.com').fail(Object.assign(new Error('reset'), { code: 'ECONNRESET' }))
  assert.deepEqual(
    spans().map(({ status, attributes }) => [status.code, attributes['error.type']]),
    [
      [SpanStatusCode.ERROR, '503'],
      [SpanStatusCode.ERROR, 'ECONNRESET'],
    ],
  )
})

test('a request that is not sampled tells its server that it is not', () => {
  const { tracer, spans } = prepare(new AlwaysOffSampler())
  const span = startClientSpan(tracer, 'GET', 'http://example.com')
  assert.match(span.traceparent ?? '', /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/)
  span.end(200)
  assert.deepEqual(spans(), [])
})

test('without tracing there is no header', () => {
  assert.equal(startClientSpan(trace.getTracer('none'), 'GET', 'http://example.com').traceparent, undefined)
})
