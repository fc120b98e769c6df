import type { Scenario, Variant } from '@node-to-cloud/bench'
import { ROOT_CONTEXT, SpanKind } from '@opentelemetry/api'
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { TraceRequest } from '../src/tracing/export/otlp/trace-serializer.ts'

const BATCH = 512
const BATCHES = 400

/** The spans of a batch, as a Fastify service makes them of its requests. */
function serverSpans(): ReadableSpan[] {
  const exporter = new InMemorySpanExporter()
  const tracer = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).getTracer(
    'bench',
    '1.0.0',
  )
  for (let count = 0; count < BATCH; count++) {
    const span = tracer.startSpan('GET /users/:id', { kind: SpanKind.SERVER }, ROOT_CONTEXT)
    span.setAttribute('http.request.method', 'GET')
    span.setAttribute('url.path', `/users/${count}`)
    span.setAttribute('url.scheme', 'http')
    span.setAttribute('http.response.status_code', 200)
    span.setAttribute('client.address', '127.0.0.1')
    span.setAttribute('http.route', '/users/:id')
    span.end()
  }
  return exporter.getFinishedSpans()
}

const spans = serverSpans()

function variant(name: string, serialize: (spans: ReadableSpan[]) => Uint8Array | undefined): Variant {
  return {
    name,
    measure() {
      const before = process.cpuUsage()
      for (let count = 0; count < BATCHES; count++) serialize(spans)
      const { user, system } = process.cpuUsage(before)
      return Promise.resolve((BATCHES * BATCH * 1e6) / (user + system))
    },
  }
}

const theirs = "OpenTelemetry's serializer"

export const scenario: Scenario = {
  name: 'span-serialization',
  description: `The same ${BATCH} spans, serialized to the same bytes of OTLP.`,
  unit: 'spans/CPU-second',
  baseline: theirs,
  variants: [
    variant(theirs, (batch) => ProtobufTraceSerializer.serializeRequest(batch)),
    variant('ours', (batch) => TraceRequest.of(batch).serialize()),
  ],
  bounds: [{ variant: 'ours', atLeast: 1.5 }],
}
