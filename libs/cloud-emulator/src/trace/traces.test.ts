import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { requestJson, startTestEmulator } from '../testing/running-emulator.ts'
import { START_SECONDS, timestamp } from '../testing/time-series.ts'
import { cutToBytes } from './span-limits.ts'

const TRACE = '0123456789abcdef0123456789abcdef'
const SPAN = '0123456789abcdef'
const WRITE = '/v2/projects/demo-project/traces:batchWrite'

function spanJson(
  changes: Record<string, unknown> = {},
  ids: { trace?: string; span?: string } = {},
): Record<string, unknown> {
  const { trace = TRACE, span = SPAN } = ids
  return {
    name: `projects/demo-project/traces/${trace}/spans/${span}`,
    spanId: span,
    displayName: { value: 'GET /' },
    startTime: timestamp(0),
    endTime: timestamp(0.25),
    ...changes,
  }
}

const attributes = (values: Record<string, string>) => ({
  attributes: {
    attributeMap: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { stringValue: { value } }])),
  },
})

describe('Cloud Trace v2', () => {
  test('spans with attributes, events, links and status', async (context) => {
    const { url } = await startTestEmulator(context)
    const span = spanJson({
      parentSpanId: 'ffffffffffffffff',
      attributes: {
        attributeMap: {
          'g.co/r/generic_task/job': { stringValue: { value: 'flask-app' } },
          size: { intValue: '7' },
          ok: { boolValue: true },
        },
      },
      timeEvents: {
        timeEvent: [
          { time: timestamp(0.1), annotation: { description: { value: 'cache miss' }, ...attributes({ key: 'a' }) } },
          { time: timestamp(0.2), messageEvent: { type: 'SENT', id: '3', uncompressedSizeBytes: '10' } },
        ],
      },
      links: { link: [{ traceId: TRACE, spanId: SPAN, ...attributes({ why: 'because' }) }] },
      status: { code: 5, message: 'gone' },
      spanKind: 'SERVER',
    })
    assert.deepEqual(await requestJson(`${url}${WRITE}`, { body: { spans: [span] } }), { status: 200, json: {} })
    const { json } = await requestJson(`${url}/api/traces/${TRACE}`)
    assert.deepEqual(json, {
      traceId: TRACE,
      startMs: START_SECONDS * 1000,
      durationMs: 250,
      spans: [
        {
          spanId: SPAN,
          parentSpanId: 'ffffffffffffffff',
          name: 'GET /',
          service: 'flask-app',
          kind: 'SERVER',
          startMs: START_SECONDS * 1000,
          durationMs: 250,
          status: { code: 5, message: 'gone' },
          attributes: { 'g.co/r/generic_task/job': 'flask-app', size: 7, ok: true },
          events: [
            { timeMs: START_SECONDS * 1000 + 100, name: 'cache miss', attributes: { key: 'a' } },
            {
              timeMs: START_SECONDS * 1000 + 200,
              name: 'message sent',
              attributes: { id: 3, uncompressedSizeBytes: 10 },
            },
          ],
          links: [{ traceId: TRACE, spanId: SPAN, attributes: { why: 'because' } }],
          resource: {},
        },
      ],
    })
  })

  test('CreateSpan answers the span', async (context) => {
    const { url } = await startTestEmulator(context)
    const { name, ...body } = spanJson()
    const { status, json } = await requestJson(`${url}/v2/${name}`, { body })
    assert.deepEqual([status, json.name, json.displayName], [200, name, { value: 'GET /' }])
    assert.equal((await requestJson(`${url}/api/traces/${TRACE}`)).status, 200)
  })

  const wrong: [what: string, span: Record<string, unknown>, message: RegExp][] = [
    [
      'a name of no span',
      spanJson({ name: 'projects/demo-project' }),
      /spans\[1\]\.name had an invalid value of "projects\/demo-project": It must have the form/,
    ],
    [
      'a trace id that is too short',
      spanJson({ name: `projects/demo-project/traces/abc/spans/${SPAN}` }),
      /\[TRACE_ID\] must be 32 hexadecimal digits/,
    ],
    [
      'a trace id of zeros',
      spanJson({}, { trace: '0'.repeat(32) }),
      /\[TRACE_ID\] must be 32 hexadecimal digits in lower case, not all zero/,
    ],
    ['a span id of zeros', spanJson({}, { span: '0'.repeat(16) }), /\[SPAN_ID\] must be 16 hexadecimal digits/],
    [
      'another span id than in the name',
      spanJson({ spanId: 'ffffffffffffffff' }),
      /spans\[1\]\.span_id had an invalid value of "ffffffffffffffff"/,
    ],
    ['no span id', spanJson({ spanId: '' }), /span_id had an invalid value of "": It is required/],
    ['a wrong parent', spanJson({ parentSpanId: 'x' }), /parent_span_id had an invalid value of "x"/],
    ['no display name', spanJson({ displayName: null }), /The display name is required/],
    ['no start', spanJson({ startTime: null }), /The start time is required/],
    ['no end', spanJson({ endTime: null }), /The end time is required/],
    ['an end before the start', spanJson({ endTime: timestamp(-1) }), /The end time must not be before the start time/],
    [
      'a span of another project',
      spanJson({ name: `projects/other/traces/${TRACE}/spans/${SPAN}` }),
      /Its project is not that of the request, demo-project/,
    ],
  ]
  test('a wrong span refuses the request, and stands in the list of refusals', async (context) => {
    const { url } = await startTestEmulator(context)
    for (const [what, span, message] of wrong) {
      const { status, json } = await requestJson(`${url}${WRITE}`, {
        body: { spans: [spanJson({}, { span: 'aaaaaaaaaaaaaaaa' }), span] },
      })
      assert.equal(status, 400, what)
      assert.match(json.error.message, message, what)
    }
    assert.equal((await requestJson(`${url}${WRITE}`, { body: {} })).status, 400)
    const { json } = await requestJson(`${url}/api/refusals`)
    assert.equal(json.total, wrong.length * 2)
    assert.deepEqual(
      json.byReason.map(({ reason }: { reason: string }) => reason),
      ['span'],
    )
    assert.equal((await requestJson(`${url}/api/summary`)).json.spans, 0)
  })

  test('what exceeds a limit is cut, dropped or left out, and the call succeeds', async (context) => {
    const { url } = await startTestEmulator(context)
    const many = Object.fromEntries(Array.from({ length: 1100 }, (_, index) => [`k${index}`, 'x']))
    const events = Array.from({ length: 300 }, () => ({
      time: timestamp(0),
      annotation: { description: { value: 'e' } },
    }))
    const big = spanJson({
      displayName: { value: 'é'.repeat(1000) },
      ...attributes({ ['k'.repeat(513)]: 'x', long: 'v'.repeat(70_000), ...many }),
      timeEvents: { timeEvent: events },
    })
    const old = spanJson(
      { startTime: timestamp(-15 * 86_400), endTime: timestamp(-15 * 86_400) },
      { span: 'bbbbbbbbbbbbbbbb' },
    )
    const future = spanJson(
      { startTime: timestamp(4 * 86_400), endTime: timestamp(4 * 86_400) },
      { span: 'cccccccccccccccc' },
    )
    const endless = spanJson({ endTime: timestamp(4 * 86_400) }, { span: 'dddddddddddddddd' })
    assert.equal((await requestJson(`${url}${WRITE}`, { body: { spans: [big, old, future, endless] } })).status, 200)
    const [span, ...others] = (await requestJson(`${url}/api/traces/${TRACE}`)).json.spans
    assert.equal(others.length, 0)
    assert.equal(span.name, 'é'.repeat(512))
    assert.equal(Object.keys(span.attributes).length, 1024)
    assert.equal(span.attributes.long.length, 65_532)
    assert.equal(span.events.length, 256)
    const { byReason } = (await requestJson(`${url}/api/refusals`)).json
    assert.deepEqual(
      byReason.map(({ reason, points }: { reason: string; points: number }) => [reason, points]),
      [['age', 3]],
    )
  })

  test('a span that was written before is kept as it was', async (context) => {
    const { url } = await startTestEmulator(context)
    await requestJson(`${url}${WRITE}`, { body: { spans: [spanJson()] } })
    assert.equal(
      (await requestJson(`${url}${WRITE}`, { body: { spans: [spanJson({ displayName: { value: 'other' } })] } }))
        .status,
      200,
    )
    const { json } = await requestJson(`${url}/api/traces/${TRACE}`)
    assert.deepEqual(
      json.spans.map(({ name }: { name: string }) => name),
      ['GET /'],
    )
    assert.match(
      await (await fetch(`${url}/metrics`)).text(),
      /cloud_emulator_spans_refused_total\{reason="duplicate"\} 1/,
    )
    const { refusals, total } = (await requestJson(`${url}/api/refusals`)).json
    assert.deepEqual(
      refusals.map(({ reason, status, span, points }: Record<string, unknown>) => [reason, status, span, points]),
      [['duplicate', 'ALREADY_EXISTS', 'other', 1]],
    )
    assert.equal(total, (await requestJson(`${url}/api/summary`)).json.spansRefused)
    assert.match(refusals[0].message, new RegExp(`${TRACE}.*${SPAN}.*kept as it was`))
  })
})

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

  test('a span id that stands twice in one request is kept once, and the others stand in the list of refusals', async (context) => {
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
      refusals.map(({ reason, span, points }: Record<string, unknown>) => [reason, span, points]),
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

  test('a gzip bomb is refused', async (context) => {
    const { url } = await startTestEmulator(context)
    const body = gzipSync(Buffer.alloc(50 * 1024 * 1024))
    const response = await fetch(`${url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body,
    })
    assert.equal(response.status, 400)
    assert.match(await response.text(), /can't be unzipped to at most/)
  })

  test('spans that are wrong are refused one by one', async (context) => {
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

  test('bodies that are no OTLP', async (context) => {
    const { url } = await startTestEmulator(context)
    const protobuf = await fetch(`${url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: Uint8Array.of(0xff, 0xff, 0xff),
    })
    assert.equal(protobuf.status, 400)
    assert.match(await protobuf.text(), /The body is not an ExportTraceServiceRequest in protobuf/)
    assert.equal((await requestJson(`${url}/v1/traces`, { body: '{' })).status, 400)
    assert.equal((await requestJson(`${url}/v1/traces`, { body: { resourceSpans: 1 } })).status, 400)
  })
})

describe('Cloud Trace v1, for reading', () => {
  const LIST = '/v1/projects/demo-project/traces'
  const id = (digit: string) => digit.repeat(32)
  const write = (url: string) =>
    requestJson(`${url}${WRITE}`, {
      body: {
        spans: [
          spanJson(
            {
              displayName: { value: 'GET /' },
              spanKind: 'SERVER',
              ...attributes({ '/http/method': 'GET', '/http/url': 'http://x/a' }),
            },
            { trace: id('a') },
          ),
          spanJson(
            { displayName: { value: 'select' }, parentSpanId: SPAN, startTime: timestamp(0.1) },
            { trace: id('a'), span: 'bbbbbbbbbbbbbbbb' },
          ),
          spanJson(
            { displayName: { value: 'GET /slow' }, startTime: timestamp(1), endTime: timestamp(4) },
            { trace: id('b') },
          ),
          spanJson(
            {
              displayName: { value: 'POST /' },
              startTime: timestamp(2),
              endTime: timestamp(2.001),
              ...attributes({ '/http/method': 'POST' }),
            },
            { trace: id('c') },
          ),
        ],
      },
    })

  const filters: [filter: string, traces: string][] = [
    ['', 'cba'],
    ['GET', 'ba'],
    ['root:GET', 'ba'],
    ['+root:GET', ''],
    ['+GET', ''],
    ['+root:"GET /"', 'a'],
    ['span:sel', 'a'],
    ['+span:sel', ''],
    ['+span:select', 'a'],
    ['latency:1s', 'b'],
    ['latency:250ms', 'ba'],
    ['latency:2', 'ba'],
    ['latency:250000000ns', 'ba'],
    ['label:/http/method', 'ca'],
    ['/http/method:GE', 'a'],
    ['+/http/method:GE', ''],
    ['+/http/method:GET', 'a'],
    ['method:POST', 'c'],
    ['url:http://x', 'a'],
    ['root:GET latency:1s', 'b'],
  ]
  test('filters', async (context) => {
    const { url } = await startTestEmulator(context)
    await write(url)
    for (const [filter, expected] of filters) {
      const { json } = await requestJson(`${url}${LIST}?${new URLSearchParams({ filter })}`)
      assert.equal((json.traces ?? []).map(({ traceId }: { traceId: string }) => traceId[0]).join(''), expected, filter)
    }
    assert.equal((await requestJson(`${url}${LIST}?filter=latency:fast`)).status, 400)
  })

  test('views, order, time and pages', async (context) => {
    const { url } = await startTestEmulator(context)
    await write(url)
    const list = async (parameters: Record<string, string>) =>
      (await requestJson(`${url}${LIST}?${new URLSearchParams(parameters)}`)).json
    const order = async (orderBy: string) =>
      (await list({ orderBy })).traces.map(({ traceId }: { traceId: string }) => traceId[0]).join('')
    assert.deepEqual(await Promise.all(['start', 'start desc', 'duration', 'name', 'trace_id desc'].map(order)), [
      'abc',
      'cba',
      'cab',
      'abc',
      'cba',
    ])
    assert.equal((await requestJson(`${url}${LIST}?orderBy=colour`)).status, 400)
    const spans = async (view: string) =>
      (await list({ view })).traces.map((trace: { spans?: object[] }) => trace.spans?.length ?? 0)
    assert.deepEqual(
      [await spans('MINIMAL'), await spans('ROOTSPAN'), await spans('COMPLETE')],
      [
        [0, 0, 0],
        [1, 1, 1],
        [1, 1, 2],
      ],
    )
    const within = await list({ startTime: timestamp(2.5), endTime: timestamp(3) })
    assert.deepEqual(
      within.traces.map(({ traceId }: { traceId: string }) => traceId[0]),
      ['b'],
    )
    const first = await list({ pageSize: '2' })
    const second = await list({ pageSize: '2', pageToken: first.nextPageToken })
    assert.deepEqual([first.traces.length, second.traces.length, second.nextPageToken], [2, 1, undefined])
  })

  test('one trace, with ids as numbers and attributes as labels', async (context) => {
    const { url } = await startTestEmulator(context)
    await write(url)
    const { json } = await requestJson(`${url}${LIST}/${id('a')}`)
    assert.deepEqual(json, {
      projectId: 'demo-project',
      traceId: id('a'),
      spans: [
        {
          spanId: '81985529216486895',
          kind: 'RPC_SERVER',
          name: 'GET /',
          startTime: '2026-01-02T03:04:00Z',
          endTime: '2026-01-02T03:04:00.250Z',
          labels: { '/http/method': 'GET', '/http/url': 'http://x/a' },
        },
        {
          spanId: '13527612320720337851',
          name: 'select',
          startTime: '2026-01-02T03:04:00.100Z',
          endTime: '2026-01-02T03:04:00.250Z',
          parentSpanId: '81985529216486895',
        },
      ],
    })
    assert.equal((await requestJson(`${url}${LIST}/${id('d')}`)).status, 404)
    assert.equal((await requestJson(`${url}${LIST}/x`)).status, 400)
  })
})

describe('the list of traces for the UI', () => {
  test('filters by service, name, status and duration', async (context) => {
    const { url } = await startTestEmulator(context)
    const spans = [
      spanJson({ ...attributes({ 'service.name': 'one' }) }, { trace: 'a'.repeat(32) }),
      spanJson(
        {
          displayName: { value: 'slow' },
          endTime: timestamp(3),
          status: { code: 2 },
          ...attributes({ 'service.name': 'two' }),
        },
        { trace: 'b'.repeat(32) },
      ),
    ]
    await requestJson(`${url}${WRITE}`, { body: { spans } })
    const ids = async (query: string) =>
      (await requestJson(`${url}/api/traces?${query}`)).json.traces
        .map(({ traceId }: { traceId: string }) => traceId[0])
        .join('')
    assert.deepEqual(
      await Promise.all(
        [
          '',
          'service=one',
          'name=slow',
          'status=error',
          'status=ok',
          'minDurationMs=1000',
          'maxDurationMs=1000',
          'limit=1',
        ].map(ids),
      ),
      ['ab', 'a', 'b', 'b', 'a', 'b', 'a', 'a'],
    )
    const { json } = await requestJson(`${url}/api/traces?service=two`)
    assert.deepEqual([json.services, json.names, json.total], [['one', 'two'], ['GET /', 'slow'], 1])
    for (const bad of ['status=maybe', 'limit=0', 'start=yesterday'])
      assert.equal((await requestJson(`${url}/api/traces?${bad}`)).status, 400, bad)
  })
})

test('texts are cut at the border of a character', () => {
  assert.equal(cutToBytes('aé', 2), 'a')
  assert.equal(cutToBytes('aé', 3), 'aé')
  assert.equal(cutToBytes('😀😀', 7), '😀')
})
