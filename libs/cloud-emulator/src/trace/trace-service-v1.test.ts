import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { requestJson, startTestEmulator } from '../../test/testing/running-emulator.ts'
import { attributes, SPAN, spanJson, WRITE } from '../../test/testing/spans.ts'
import { timestamp } from '../../test/testing/time-series.ts'

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
