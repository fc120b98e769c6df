import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTraceState, type Link, ROOT_CONTEXT, SpanKind, type SpanStatusCode, trace } from '@opentelemetry/api'
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { detectResources, resourceFromAttributes } from '@opentelemetry/resources'
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { randomFrom } from '../../../../test/testing/random.ts'
import { TraceRequest } from './trace-serializer.ts'

const TEXTS = ['', 'GET', 'http.request.method', 'a'.repeat(126), 'b'.repeat(127), 'c'.repeat(128), 'd'.repeat(20_000)]
const UNICODE = ['Zürich', '東京'.repeat(70), '😀', 'a\u0000b', '\ud800 alone']
const NUMBERS = [
  0,
  1,
  -1,
  127,
  128,
  2 ** 31,
  2 ** 32,
  -(2 ** 32),
  Number.MAX_SAFE_INTEGER,
  2 ** 62,
  -(2 ** 63),
  2 ** 63,
]
const DOUBLES = [0.5, -0.1, Number.NaN, Number.POSITIVE_INFINITY, Number.MIN_VALUE, 1e300]

/** The attributes with which all spans start, completely or in part. */
const COMMON = [
  ['http.request.method', 'GET'],
  ['url.path', '/größe'],
  ['http.response.status_code', 200],
  ['ratio', Number.NaN],
  ['tags', ['one', 'two']],
  ['sampled', true],
] as const

/** Random spans of two services with everything that a span can hold. */
function randomSpans(seed: number, count: number): ReadableSpan[] {
  const random = randomFrom(seed)
  const below = (limit: number) => Math.floor(random() * limit)
  const pick = <T>(items: readonly T[]): T => items[below(items.length)] as T
  const value = () =>
    pick<() => unknown>([
      () => pick([...TEXTS, ...UNICODE]),
      () => pick([...NUMBERS, ...DOUBLES]),
      () => random() < 0.5,
      () => Array.from({ length: below(5) }, () => pick(TEXTS)),
      () => [1, null, undefined, 2.5],
      () => [true, false],
    ])() as string
  const attributes = () =>
    Object.fromEntries([
      ...COMMON.slice(0, below(COMMON.length + 1)),
      ...Array.from({ length: below(6) }, () => [pick([...TEXTS.slice(1), 'größe']), value()] as const),
    ])
  const exporter = new InMemorySpanExporter()
  const tracers = ['one', 'zwei ✓'].flatMap((service) => {
    const provider = new NodeTracerProvider({
      resource: resourceFromAttributes({ 'service.name': service, 'service.instance.id': 7 }),
      spanProcessors: [new SimpleSpanProcessor(exporter)],
      spanLimits: { attributeCountLimit: 8, eventCountLimit: 2, linkCountLimit: 1, attributePerEventCountLimit: 1 },
    })
    return [
      provider.getTracer('bare'),
      provider.getTracer('versioned', '1.2.3', { schemaUrl: 'https://opentelemetry.io/schemas/1.0.0' }),
    ]
  })
  for (let index = 0; index < count; index++) {
    const context = () => ({
      traceId: 'abcdef0123456789'.repeat(2),
      spanId: 'FEDCBA9876543210',
      traceFlags: below(2),
      ...(random() < 0.5 ? { isRemote: true } : {}),
      ...(random() < 0.5 ? { traceState: createTraceState('vendor=1,other=2') } : {}),
    })
    const links: Link[] = Array.from({ length: below(3) }, () => ({ context: context(), attributes: attributes() }))
    const parent = random() < 0.5 ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { ...context(), traceFlags: 1 })
    const startTime: [number, number] = [pick([0, 1, 65_535, 65_536, 1_800_000_000, 4_294_967_296]), below(1e9)]
    const kind = pick([SpanKind.INTERNAL, SpanKind.SERVER, SpanKind.CLIENT, SpanKind.PRODUCER, SpanKind.CONSUMER])
    const span = pick(tracers).startSpan(pick(TEXTS), { kind, links, attributes: attributes(), startTime }, parent)
    for (let events = below(4); events > 0; events--) span.addEvent(pick(UNICODE), attributes(), startTime)
    if (random() < 0.3) span.recordException(new Error('out of order'))
    const code = below(3) as SpanStatusCode
    span.setStatus(random() < 0.5 ? { code } : { code, message: pick([...TEXTS, ...UNICODE]) })
    span.end([startTime[0] + below(100), below(1e9)])
  }
  return exporter.getFinishedSpans()
}

test("the bytes are those of OpenTelemetry's own serializer", () => {
  for (let round = 0; round < 20; round++) {
    const seed = Math.floor(Math.random() * 2 ** 31)
    const spans = randomSpans(seed, 50)
    const theirs = ProtobufTraceSerializer.serializeRequest(spans) ?? new Uint8Array()
    assert.ok(spans.length === 50 && Buffer.from(theirs).equals(TraceRequest.of(spans).serialize()), `seed ${seed}`)
  }
})

test('a span is written as it was when it was added', () => {
  const [first, second] = randomSpans(1, 2)
  assert.ok(first && second)
  const request = TraceRequest.of([first, second])
  const bytes = TraceRequest.of([first, second]).serialize()
  Object.assign(first, { name: 'another', attributes: {} })
  assert.deepEqual(request.serialize(), bytes)
  assert.equal(request.length, 2)
})

test('resource attributes that arrive after a span are in the request', async () => {
  const request = new TraceRequest()
  const { promise: region, resolve } = Promise.withResolvers<string>()
  const resource = detectResources({ detectors: [{ detect: () => ({ attributes: { 'cloud.region': region } }) }] })
  const provider = new NodeTracerProvider({
    resource,
    spanProcessors: [
      {
        onStart() {},
        onEnd: (span) => request.push(span),
        forceFlush: () => Promise.resolve(),
        shutdown: () => Promise.resolve(),
      },
    ],
  })
  provider.getTracer('test').startSpan('early').end()
  assert.equal(request.length, 1)
  assert.equal(Buffer.from(request.serialize()).includes('europe-west6'), false)
  resolve('europe-west6')
  await resource.waitForAsyncAttributes?.()
  assert.ok(Buffer.from(request.serialize()).includes('europe-west6'))
})

test('no span, no byte', () => {
  assert.deepEqual([...TraceRequest.of([]).serialize()], [])
})
