import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { requestJson, startTestEmulator } from '../../test/testing/running-emulator.ts'
import { SPAN, TRACE } from '../../test/testing/spans.ts'
import { START_SECONDS } from '../../test/testing/time-series.ts'

describe('OTLP over HTTP', () => {
  const otlpSpan = (changes: Record<string, unknown> = {}) => ({
    traceId: TRACE,
    spanId: SPAN,
    name: 'GET /',
    kind: 2,
    startTimeUnixNano: `${START_SECONDS}000000000`,
    endTimeUnixNano: `${START_SECONDS}250000000`,
    attributes: [
      { key: 'text', value: { stringValue: 'a' } },
      { key: 'whole', value: { intValue: '7' } },
      { key: 'list', value: { arrayValue: { values: [{ boolValue: true }, { doubleValue: 0.5 }] } } },
      { key: 'map', value: { kvlistValue: { values: [{ key: 'k', value: { stringValue: 'v' } }] } } },
    ],
    events: [{ timeUnixNano: `${START_SECONDS}100000000`, name: 'event' }],
    status: { code: 2, message: 'bad' },
    ...changes,
  })
  const request = (...spans: object[]) => ({
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'flask-app' } }] },
        scopeSpans: [{ scope: { name: 'http' }, spans }],
      },
    ],
  })

  test('a span ID that occurs twice in a request is stored once, and the duplicates are listed as rejected', async (context) => {
    const { url } = await startTestEmulator(context)
    const spans = ['first', 'second', 'third'].map((name) => otlpSpan({ name }))
    assert.deepEqual(await requestJson(`${url}/v1/traces`, { body: request(...spans) }), { status: 200, json: {} })
    const trace = (await requestJson(`${url}/api/traces/${TRACE}`)).json
    assert.deepEqual(
      trace.spans.map(({ name }: { name: string }) => name),
      ['first'],
    )
    const { refusals, total } = (await requestJson(`${url}/api/refusals`)).json
    assert.deepEqual(
      refusals
        .filter(({ points }: { points: number }) => points > 0)
        .map(({ reason, span, points }: Record<string, unknown>) => [reason, span, points]),
      [['duplicate', 'second', 2]],
    )
    assert.equal(total, (await requestJson(`${url}/api/summary`)).json.spansRefused)
  })

  test('JSON: hexadecimal ids, unknown fields ignored', async (context) => {
    const { url } = await startTestEmulator(context)
    const answer = await requestJson(`${url}/v1/traces`, {
      body: { ...request(otlpSpan({ futureField: 1 })), more: true },
    })
    assert.deepEqual(answer, { status: 200, json: {} })
    const [span] = (await requestJson(`${url}/api/traces/${TRACE}`)).json.spans
    assert.equal(span.service, 'flask-app')
    assert.equal(span.kind, 'SERVER')
    assert.deepEqual(span.status, { code: 2, message: 'bad' })
    assert.deepEqual(span.attributes, {
      'otel.scope.name': 'http',
      text: 'a',
      whole: 7,
      list: '[true,0.5]',
      map: '{"k":"v"}',
    })
    assert.deepEqual(span.resource, { 'service.name': 'flask-app' })
    assert.deepEqual(
      span.events.map(({ name }: { name: string }) => name),
      ['event'],
    )
  })

  test('gzip', async (context) => {
    const { url } = await startTestEmulator(context)
    const body = gzipSync(JSON.stringify(request(otlpSpan())))
    const response = await fetch(`${url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body,
    })
    assert.equal(response.status, 200)
    assert.equal((await requestJson(`${url}/api/traces/${TRACE}`)).status, 200)
  })

  test('a gzip bomb is rejected', async (context) => {
    const { url } = await startTestEmulator(context)
    const body = gzipSync(Buffer.alloc(50 * 1024 * 1024))
    const response = await fetch(`${url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body,
    })
    assert.equal(response.status, 400)
    assert.match(await response.text(), /can't be decompressed to at most/)
  })

  test('invalid spans are rejected one by one', async (context) => {
    const { url } = await startTestEmulator(context)
    const wrong = [
      otlpSpan({ traceId: '00' }),
      otlpSpan({ spanId: '0'.repeat(16) }),
      otlpSpan({ parentSpanId: 'ab' }),
      otlpSpan({ name: '' }),
      otlpSpan({ startTimeUnixNano: '0' }),
      otlpSpan({ endTimeUnixNano: '1000000' }),
    ]
    const { status, json } = await requestJson(`${url}/v1/traces`, { body: request(...wrong, otlpSpan()) })
    assert.equal(status, 200)
    assert.equal(json.partialSuccess.rejectedSpans, '6')
    for (const part of [
      'trace_id "00"',
      'span_id "0000000000000000"',
      'parent_span_id "ab"',
      'the name is empty',
      'are required',
      'is before',
    ]) {
      assert.ok(json.partialSuccess.errorMessage.includes(part), part)
    }
    assert.equal((await requestJson(`${url}/api/summary`)).json.spans, 1)
  })

  test('data above a limit is truncated or dropped; spans that are too old or too new are rejected', async (context) => {
    const { url } = await startTestEmulator(context)
    const list = (count: number, item: (index: number) => object): object[] =>
      Array.from({ length: count }, (_, index) => item(index))
    const attribute = (key: string, stringValue: string): object => ({ key, value: { stringValue } })
    const big = otlpSpan({
      name: 'é'.repeat(1000),
      attributes: [
        attribute('k'.repeat(513), ''),
        attribute('long', 'v'.repeat(70_000)),
        ...list(1100, (index) => attribute(`k${index}`, 'x')),
      ],
      events: list(300, () => ({ timeUnixNano: `${START_SECONDS}100000000`, name: 'e' })),
      links: list(200, () => ({ traceId: TRACE, spanId: SPAN })),
    })
    const at = (days: number) => `${START_SECONDS + days * 86_400}000000000`
    const refused = [
      otlpSpan({ spanId: 'b'.repeat(16), startTimeUnixNano: at(-15), endTimeUnixNano: at(-15) }),
      otlpSpan({ spanId: 'c'.repeat(16), startTimeUnixNano: at(4), endTimeUnixNano: at(4) }),
      otlpSpan({ spanId: 'd'.repeat(16), endTimeUnixNano: at(4) }),
    ]
    const { status } = await requestJson(`${url}/v1/traces`, { body: request(big, ...refused) })
    assert.equal(status, 200)
    const [span, ...others] = (await requestJson(`${url}/api/traces/${TRACE}`)).json.spans
    assert.deepEqual(others, [])
    assert.equal(span.name, 'é'.repeat(512))
    assert.equal(Object.keys(span.attributes).length, 1024)
    assert.equal(span.attributes.long.length, 65_532)
    assert.deepEqual([span.events.length, span.links.length], [256, 128])
    const { byReason } = (await requestJson(`${url}/api/refusals`)).json
    const counted = byReason.filter(({ points }: { points: number }) => points > 0)
    assert.deepEqual(
      counted.map(({ reason, points }: Record<string, unknown>) => [reason, points]),
      [['age', 3]],
    )
  })

  test('bodies that are not OTLP', async (context) => {
    const { url } = await startTestEmulator(context)
    const protobuf = await fetch(`${url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: Uint8Array.of(0xff, 0xff, 0xff),
    })
    assert.equal(protobuf.status, 400)
    assert.match(await protobuf.text(), /The body is not a valid ExportTraceServiceRequest in protobuf/)
    assert.equal((await requestJson(`${url}/v1/traces`, { body: '{' })).status, 400)
    assert.equal((await requestJson(`${url}/v1/traces`, { body: { resourceSpans: 1 } })).status, 400)
  })
})
