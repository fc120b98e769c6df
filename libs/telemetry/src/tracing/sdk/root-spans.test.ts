import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { defaultResource } from '@opentelemetry/resources'
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { TraceRequest } from '../export/otlp/trace-serializer.ts'
import { PooledIdGenerator } from './id-generator.ts'
import { RatioSampler } from './ratio-sampler.ts'
import { RootSpans } from './root-spans.ts'

function start(sampler = new RatioSampler(1), hasLimits = false) {
  const exporter = new InMemorySpanExporter()
  const processor = new SimpleSpanProcessor(exporter)
  const idGenerator = new PooledIdGenerator()
  const resource = defaultResource()
  const provider = new NodeTracerProvider({ resource, sampler, idGenerator, spanProcessors: [processor] })
  const tracer = provider.getTracer('test', '1.2.3')
  const roots = new RootSpans({
    ...{ tracer, resource, idGenerator, hasLimits },
    isSampled: (digits, at) => sampler.isSampled(digits, at),
    end: (span) => processor.onEnd(span),
  })
  return { roots, tracer, ended: () => exporter.getFinishedSpans() }
}

/** The exported content of a span, without its ids and times. */
const contentOf = ({
  name,
  kind,
  attributes,
  status,
  events,
  links,
  resource,
  instrumentationScope,
}: ReadableSpan) => ({
  ...{ name, kind, attributes, status, links, resource, instrumentationScope },
  events: events.map(({ time, ...event }) => event),
})

describe('a sampled root span is the same as that of the SDK', () => {
  const link = { context: { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 } }
  const cases: Readonly<Record<string, (span: Span) => unknown>> = {
    'with nothing': () => {},
    'with an attribute': (span) => span.setAttribute('a', 1),
    'with attributes, one of which is replaced': (span) => span.setAttributes({ a: 1, b: 'c' }).setAttribute('a', 2),
    // Plain JavaScript can pass what the types forbid.
    'with invalid attributes': (span) => span.setAttributes({ '': 1, a: { b: 1 } as unknown as string }),
    'with events': (span) => span.addEvent('a').addEvent('b', { c: 1 }).addEvent('d', Date.now()),
    'with links': (span) => span.addLink(link).addLinks([link]),
    'with a status': (span) => span.setStatus({ code: SpanStatusCode.ERROR, message: 'no' }),
    'with another name': (span) => span.updateName('other'),
    'with another name, after an attribute': (span) => span.setAttribute('a', 1).updateName('other'),
    'with an exception': (span) => span.recordException('out of order'),
    'that ends at a date': (span) => span.end(new Date()),
    'that ends immediately': (span) => span.end(),
  }
  for (const [what, change] of Object.entries(cases)) {
    test(what, () => {
      const { roots, tracer, ended } = start()
      assert.equal(roots.startUnsampled(), undefined)
      const spans = [
        roots.startSampled('GET /', performance.now()),
        tracer.startSpan('GET /', { kind: SpanKind.SERVER }, ROOT_CONTEXT),
      ]
      for (const span of spans) {
        change(span)
        if (span.isRecording()) span.end()
        span.setAttribute('late', true).updateName('late')
        assert.equal(span.isRecording(), false)
      }
      const [own = assert.fail(), sdk = assert.fail(), ...more] = ended()
      assert.deepEqual(more, [])
      assert.deepEqual(contentOf(own), contentOf(sdk))
      assert.equal(own.spanContext().traceId, spans[0]?.spanContext().traceId)
      assert.equal(own.spanContext().spanId, spans[0]?.spanContext().spanId)
      assert.ok(own.duration[0] === 0 && own.duration[1] >= 0 && own.ended)
      for (const { time } of own.events) assert.ok(Math.abs(time[0] * 1e3 + time[1] / 1e6 - Date.now()) < 60_000)
    })
  }

  test('it shares a scope with those of the SDK', () => {
    const { roots, tracer, ended } = start()
    roots.startSampled('GET /', performance.now()).end()
    tracer.startSpan('inner').end()
    const [own = assert.fail(), sdk = assert.fail()] = ended()
    const bytes = (spans: ReadableSpan[]) => TraceRequest.of(spans).serialize().length
    const name = 'service.name'
    assert.ok(bytes([own, sdk]) < bytes([own]) + bytes([sdk]) - name.length)
    assert.equal(own.resource, sdk.resource)
    assert.equal(own.instrumentationScope, sdk.instrumentationScope)
  })
})

test('with limits, spans of the SDK are used', () => {
  const { roots, ended } = start(new RatioSampler(1), true)
  roots.startSampled('GET /', performance.now()).end()
  assert.equal(ended()[0]?.constructor.name, 'SpanImpl')
})

test('traces are sampled as by the SDK, and unsampled ones have a valid context', () => {
  const sampler = new RatioSampler(0.5)
  const { roots } = start(sampler)
  const ids = new Set<string>()
  let unsampled = 0
  for (let count = 0; count < 1000; count++) {
    const span = roots.startUnsampled() ?? roots.startSampled('GET /', performance.now())
    const { traceId, spanId, traceFlags } = span.spanContext()
    assert.match(traceId, /^[0-9a-f]{32}$/)
    assert.match(spanId, /^[0-9a-f]{16}$/)
    assert.equal(traceFlags, sampler.isSampled(traceId, 0) ? 1 : 0)
    assert.equal(span.isRecording(), traceFlags === 1)
    assert.deepEqual(span.spanContext(), { traceId, spanId, traceFlags })
    if (traceFlags === 0) unsampled++
    ids.add(traceId).add(spanId)
  }
  assert.equal(ids.size, 2000)
  // Six standard deviations.
  assert.ok(Math.abs(unsampled - 500) < 95, `${unsampled} of 1000`)
})

test('an unsampled span accepts everything and keeps nothing', () => {
  const { roots, ended } = start(new RatioSampler(1e-300))
  const span = roots.startUnsampled() ?? assert.fail('it is sampled')
  span.setAttribute().setAttributes().addEvent().addLink().addLinks().setStatus().updateName().recordException()
  span.end()
  assert.equal(span.isRecording(), false)
  assert.deepEqual(ended(), [])
})
