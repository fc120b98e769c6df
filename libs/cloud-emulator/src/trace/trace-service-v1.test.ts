import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { requestJson, startTestEmulator } from '../../test/testing/running-emulator.ts'
import { attributes, SPAN, spanJson, WRITE } from '../../test/testing/spans.ts'
import { START_SECONDS, timestamp } from '../../test/testing/time-series.ts'

describe('reading with Cloud Trace v1', () => {
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

  test('GetTrace: IDs are numbers, attributes are labels', async (context) => {
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

describe('PatchTraces', () => {
  const TRACES = '/v1/projects/demo-project/traces'
  const trace = 'c'.repeat(32)
  const span = (changes: object = {}): object => ({
    spanId: '1311768467463790320',
    name: 'v1',
    kind: 'RPC_SERVER',
    startTime: timestamp(0),
    endTime: timestamp(1),
    parentSpanId: '7',
    labels: { '/http/method': 'GET', 'g.co/r/generic_task/job': 'shop' },
    ...changes,
  })
  const patch = (url: string, ...spans: object[]) =>
    requestJson(`${url}${TRACES}`, { method: 'PATCH', body: { traces: [{ traceId: trace, spans }] } })

  test('its spans, those of v2 and those of OTLP are one trace', async (context) => {
    const { url } = await startTestEmulator(context)
    assert.deepEqual(await patch(url, span(), span({ spanId: '9', labels: { '/error/message': 'broken' } })), {
      status: 200,
      json: {},
    })
    await requestJson(`${url}${WRITE}`, { body: { spans: [spanJson({}, { trace })] } })
    const otlp = {
      traceId: trace,
      spanId: 'eeeeeeeeeeeeeeee',
      name: 'otlp',
      startTimeUnixNano: `${START_SECONDS}000000000`,
      endTimeUnixNano: `${START_SECONDS}500000000`,
    }
    await requestJson(`${url}/v1/traces`, { body: { resourceSpans: [{ scopeSpans: [{ spans: [otlp] }] }] } })
    const { spans } = (await requestJson(`${url}/api/traces/${trace}`)).json
    const found = spans.map(({ spanId, name }: Record<string, string>) => [spanId, name])
    assert.deepEqual(new Set(found.map(([, name]: string[]) => name)), new Set(['v1', 'GET /', 'otlp']))
    const [first] = spans.filter(({ spanId }: { spanId: string }) => spanId === '123456789abcdef0')
    const { kind, service, parentSpanId, status } = first
    assert.deepEqual([kind, service, parentSpanId, status.code], ['SERVER', 'shop', '0000000000000007', 0])
    const [failed] = spans.filter(({ spanId }: { spanId: string }) => spanId === '0000000000000009')
    assert.deepEqual(failed.status, { code: 2, message: 'broken' })
    const read = (await requestJson(`${url}${TRACES}/${trace}`)).json.spans
    assert.ok(read.some(({ spanId }: { spanId: string }) => spanId === '1311768467463790320'))
  })

  for (const [changes, message] of [
    [{ spanId: '0' }, /spans\[0\]\.span_id .* not zero/],
    [{ startTime: undefined }, /spans\[0\]\.start_time .* required/],
    [{ endTime: undefined }, /spans\[0\]\.end_time .* required/],
    [{ endTime: timestamp(-1) }, /must not be before the start time/],
  ] as const)
    test(`rejects ${JSON.stringify(changes)}`, async (context) => {
      const { url } = await startTestEmulator(context)
      const { status, json } = await patch(url, span(changes), span({ spanId: '2' }))
      assert.equal(status, 400)
      assert.match(json.error.message, message)
      const summary = (await requestJson(`${url}/api/summary`)).json
      assert.deepEqual([summary.spans, summary.spansRefused], [0, 2])
    })
})
