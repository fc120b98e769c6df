import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Client, credentials } from '@grpc/grpc-js'
import { requestJson, startTestEmulator } from '../../../test/testing/running-emulator.ts'
import { distributionJson, seriesJson, TEST_TYPE, timestamp } from '../../../test/testing/time-series.ts'
import { createTimeSeriesRequestCodec } from '../../monitoring/model/messages.ts'
import { fromJson } from '../../protos/proto-json.ts'

const SERIES = '/v3/projects/demo-project/timeSeries'
const DESCRIPTORS = '/v3/projects/demo-project/metricDescriptors'

describe('Cloud Monitoring by REST', () => {
  test('writes and reads', async (context) => {
    const { url } = await startTestEmulator(context)
    const body = {
      timeSeries: [
        seriesJson({ labels: { a: 'b' } }),
        seriesJson({ type: 'custom.googleapis.com/histogram', value: distributionJson([1, 2], [1, 0, 2]) }),
      ],
    }
    assert.deepEqual(await requestJson(`${url}${SERIES}`, { body }), { status: 200, json: {} })
    const query = new URLSearchParams({
      filter: `metric.type="${TEST_TYPE}"`,
      'interval.startTime': timestamp(-60),
      'interval.endTime': timestamp(0),
    })
    const { status, json } = await requestJson(`${url}${SERIES}?${query}`)
    assert.equal(status, 200)
    assert.deepEqual(json, {
      timeSeries: [
        {
          metric: { type: TEST_TYPE, labels: { a: 'b' } },
          resource: { type: 'global', labels: { project_id: 'demo-project' } },
          metricKind: 'GAUGE',
          valueType: 'DOUBLE',
          points: [
            {
              interval: { startTime: '2026-01-02T03:04:00Z', endTime: '2026-01-02T03:04:00Z' },
              value: { doubleValue: 1.5 },
            },
          ],
        },
      ],
    })
  })

  test('aggregation by query parameters, camelCase or as in the definition, enums by name or number', async (context) => {
    const { url } = await startTestEmulator(context)
    await requestJson(`${url}${SERIES}`, {
      body: {
        timeSeries: ['1', '2'].map((a) =>
          seriesJson({ labels: { a, b: 'x' }, kind: 'CUMULATIVE', start: -60, value: { int64Value: '60' } }),
        ),
      },
    })
    const parameters: [string, string][] = [
      ['filter', `metric.type="${TEST_TYPE}"`],
      ['interval.start_time', timestamp(-60)],
      ['interval.endTime', timestamp(0)],
      ['aggregation.alignmentPeriod', '60s'],
      ['aggregation.perSeriesAligner', 'ALIGN_RATE'],
      ['aggregation.crossSeriesReducer', '4'],
      ['aggregation.groupByFields', 'metric.labels.b'],
      ['aggregation.groupByFields', 'resource.type'],
      ['alt', 'json'],
    ]
    const { json } = await requestJson(`${url}${SERIES}?${new URLSearchParams(parameters)}`)
    assert.deepEqual(
      json.timeSeries?.map((one: { metric: object; points: { value: object }[] }) => [
        one.metric,
        one.points[0]?.value,
      ]),
      [[{ type: TEST_TYPE, labels: { b: 'x' } }, { doubleValue: 2 }]],
    )
  })

  test('labels may have the names of object properties, also over gRPC', async (context) => {
    const { url, grpcPort } = await startTestEmulator(context)
    const labels = '{"__proto__": "a", "constructor": "b", "toString": "c"}'
    const point = `{"interval": {"endTime": "${timestamp(0)}"}, "value": {"doubleValue": 1}}`
    const series = (type: string) =>
      `{"metric": {"type": "${type}", "labels": ${labels}}, "resource": {"type": "global"}, "points": [${point}]}`
    const [byRest, overGrpc] = ['custom.googleapis.com/rest', 'custom.googleapis.com/grpc'] as const
    assert.equal((await requestJson(`${url}${SERIES}`, { body: `{"timeSeries": [${series(byRest)}]}` })).status, 200)
    const client = new Client(`127.0.0.1:${grpcPort}`, credentials.createInsecure())
    context.after(() => client.close())
    const { type: requestType } = createTimeSeriesRequestCodec
    const json = { name: 'projects/demo-project', timeSeries: [JSON.parse(series(overGrpc))] }
    await new Promise<void>((resolve, reject) => {
      client.makeUnaryRequest(
        '/google.monitoring.v3.MetricService/CreateTimeSeries',
        (message: object) => Buffer.from(requestType.encode(message).finish()),
        () => ({}),
        fromJson(requestType, json, ''),
        (error) => (error ? reject(error) : resolve()),
      )
    })
    for (const type of [byRest, overGrpc]) {
      const read = async (more: [string, string][]): Promise<string> => {
        const query = new URLSearchParams([
          ['filter', `metric.type = "${type}" AND metric.labels.constructor = "b" AND metric.labels."__proto__" = "a"`],
          ['interval.endTime', timestamp(0)],
          ...more,
        ])
        const { timeSeries } = JSON.parse(await (await fetch(`${url}${SERIES}?${query}`)).text())
        return JSON.stringify(Object.entries(timeSeries?.[0]?.metric.labels ?? {}).sort())
      }
      assert.equal(await read([]), '[["__proto__","a"],["constructor","b"],["toString","c"]]', type)
      const grouped = await read([
        ['aggregation.alignmentPeriod', '60s'],
        ['aggregation.perSeriesAligner', 'ALIGN_MEAN'],
        ['aggregation.crossSeriesReducer', 'REDUCE_SUM'],
        ['aggregation.groupByFields', 'metric.labels.__proto__'],
        ['aggregation.groupByFields', 'metric.labels.toString'],
      ])
      assert.equal(grouped, '[["__proto__","a"],["toString","c"]]', type)
    }
    assert.equal(Reflect.get({}, 'a'), undefined)
  })

  test('rejected points with their summary', async (context) => {
    const { url } = await startTestEmulator(context)
    const { status, json } = await requestJson(`${url}${SERIES}`, {
      body: { timeSeries: [seriesJson({ kind: 'DELTA', start: -60 }), seriesJson({ labels: { a: 'b' } })] },
    })
    assert.equal(status, 400)
    const message = `Metric kind for metric ${TEST_TYPE} must be GAUGE or CUMULATIVE, but is DELTA.`
    assert.deepEqual(json, {
      error: {
        code: 400,
        message: `One or more TimeSeries could not be written: ${message}: timeSeries[0]`,
        status: 'INVALID_ARGUMENT',
        details: [
          {
            '@type': 'type.googleapis.com/google.monitoring.v3.CreateTimeSeriesSummary',
            totalPointCount: 2,
            successPointCount: 1,
            errors: [{ status: { code: 3, message }, pointCount: 1 }],
          },
        ],
      },
    })
  })

  test('descriptors: create, get, list, delete', async (context) => {
    const { url } = await startTestEmulator(context)
    const type = 'custom.googleapis.com/a/b'
    const descriptor = { type, metricKind: 'GAUGE', valueType: 'INT64' }
    const expected = { name: `projects/demo-project/metricDescriptors/${type}`, ...descriptor }
    assert.deepEqual((await requestJson(`${url}${DESCRIPTORS}`, { body: descriptor })).json, expected)
    const { json: read } = await requestJson(`${url}${DESCRIPTORS}/${type}`)
    const { monitoredResourceTypes, ...stored } = read
    assert.ok(monitoredResourceTypes.includes('global'))
    assert.deepEqual(stored, expected)
    assert.deepEqual(
      (await requestJson(`${url}${DESCRIPTORS}?filter=${encodeURIComponent('metric.type = starts_with("custom")')}`))
        .json,
      { metricDescriptors: [read] },
    )
    assert.deepEqual(
      (await requestJson(`${url}${DESCRIPTORS}?filter=${encodeURIComponent('metric.type = starts_with("external")')}`))
        .json,
      {},
    )
    assert.deepEqual((await requestJson(`${url}${DESCRIPTORS}?activeOnly=true`)).json, {}, 'it has no data yet')
    assert.deepEqual((await requestJson(`${url}${DESCRIPTORS}/${type}`, { method: 'DELETE' })).json, {})
    assert.equal((await requestJson(`${url}${DESCRIPTORS}/${type}`)).status, 404)
  })

  const wrong: [
    what: string,
    path: string,
    options: { method?: string; body?: unknown },
    status: number,
    message: RegExp,
  ][] = [
    [
      'an unknown field',
      SERIES,
      { body: { timeSeries: [{ metrik: {} }] } },
      400,
      /^Invalid JSON payload received\. Unknown name "metrik" at 'time_series\[0\]': Cannot find field\.$/,
    ],
    [
      'a wrong enum',
      SERIES,
      { body: { timeSeries: [{ metricKind: 'FOO' }] } },
      400,
      /^Invalid value at 'time_series\[0\]\.metric_kind' \(type\.googleapis\.com\/google\.api\.MetricDescriptor\.MetricKind\), "FOO"$/,
    ],
    [
      'a number for a string',
      SERIES,
      { body: { timeSeries: [{ metric: { type: 5 } }] } },
      400,
      /^Invalid value at 'time_series\[0\]\.metric\.type' \(TYPE_STRING\), 5$/,
    ],
    [
      'a wrong time',
      SERIES,
      { body: { timeSeries: [{ points: [{ interval: { endTime: 'now' } }] }] } },
      400,
      /end_time' \(type\.googleapis\.com\/google\.protobuf\.Timestamp\), Field 'end_time', Invalid time format: Failed to parse input$/,
    ],
    [
      'two values at once',
      SERIES,
      { body: { timeSeries: [{ points: [{ value: { doubleValue: 1, boolValue: true } }] }] } },
      400,
      /oneof field 'value' is already set\. Cannot set 'boolValue'/,
    ],
    ['not a list', SERIES, { body: { timeSeries: {} } }, 400, /Invalid value at 'time_series'/],
    ['broken JSON', SERIES, { body: '{"timeSeries": [' }, 400, /^Invalid JSON payload received\. /],
    [
      'an unknown parameter',
      `${DESCRIPTORS}?colour=red`,
      {},
      400,
      /^Invalid JSON payload received\. Unknown name "colour": Cannot bind query parameter\./,
    ],
    [
      'an unknown nested parameter',
      `${SERIES}?interval.middle=1`,
      {},
      400,
      /Field 'middle' could not be found in request message/,
    ],
    [
      'a wrong period',
      `${SERIES}?aggregation.alignmentPeriod=1m`,
      {},
      400,
      /^Invalid value at 'aggregation\.alignment_period' \(type\.googleapis\.com\/google\.protobuf\.Duration\), Field 'alignment_period', Illegal duration format; duration must end with 's'$/,
    ],
    [
      'a wrong period of the second aggregation',
      `${SERIES}?secondaryAggregation.alignmentPeriod=xs`,
      {},
      400,
      /^Invalid value at 'secondary_aggregation\.alignment_period' .*failed to parse seconds$/,
    ],
    [
      'a wrong aligner',
      `${SERIES}?aggregation.perSeriesAligner=ALIGN_FAST`,
      {},
      400,
      /^Invalid value at 'aggregation\.per_series_aligner' \(type\.googleapis\.com\/google\.monitoring\.v3\.Aggregation\.Aligner\), "ALIGN_FAST"$/,
    ],
    [
      'a list for one value',
      SERIES,
      { body: { timeSeries: [{ metric: [] }] } },
      400,
      /^Invalid JSON payload received\. Unknown name "metric" at 'time_series\[0\]': Proto field is not repeating, cannot start list\.$/,
    ],
    ['a response in another format', `${DESCRIPTORS}?alt=csv`, {}, 400, /this emulator supports only json/],
    ['an invalid selection of fields', `${DESCRIPTORS}?fields=a(b`, {}, 400, /^Invalid field selection a\(b$/],
    [
      'no such path',
      '/v3/projects/demo-project/nothing',
      {},
      501,
      /^This emulator has no method GET \/v3\/projects\/demo-project\/nothing: it serves Cloud Monitoring v3 /,
    ],
    ['metrics scopes', '/v1/locations/global/metricsScopes/1', {}, 501, /^Metrics scopes are not implemented/],
    ['sinks', '/v2/projects/p/sinks', {}, 501, /^Sinks, .* are not implemented/],
    ['no such path outside the APIs', '/api/nothing', {}, 404, /^Nothing is served at GET \/api\/nothing\.$/],
    ['a body of another type', SERIES, { method: 'POST' }, 400, /timeSeries had an invalid value/],
    [
      'MQL',
      '/v3/projects/demo-project/timeSeries:query',
      { method: 'POST', body: { query: 'fetch x' } },
      501,
      /^MQL .* is not implemented by this emulator: read with ListTimeSeries/,
    ],
    ['metrics scopes', '/v1/locations/global/metricsScopes/1', {}, 501, /^Metrics scopes .* not implemented/],
  ]
  test("errors in Google's format", async (context) => {
    const { url } = await startTestEmulator(context)
    for (const [what, path, options, status, message] of wrong) {
      const answer = await requestJson(`${url}${path}`, options)
      assert.equal(answer.status, status, what)
      assert.equal(answer.json.error.code, status, what)
      assert.match(answer.json.error.message, message, what)
      assert.match(answer.json.error.status, /^[A-Z_]+$/, what)
    }
  })

  test('a body that is nested too deeply', async (context) => {
    const { url } = await startTestEmulator(context)
    const nested = (depth: number): string => `${'{"arrayValue":{"values":['.repeat(depth)}${']}}'.repeat(depth)}`
    const otlp = `{"resourceSpans":[{"scopeSpans":[{"spans":[{"attributes":[{"key":"a","value":${nested(100_000)}}]}]}]}]}`
    const bodies = [
      [`${url}/v1/traces`, otlp],
      [`${url}${SERIES}`, `{"timeSeries":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`],
    ] as const
    for (const [path, body] of bodies) {
      const { status, json } = await requestJson(path, { body })
      assert.deepEqual([status, json.error?.code ?? json.code], [400, path.endsWith('traces') ? 3 : 400], path)
    }
  })

  test('a body that is too large', async (context) => {
    const { url } = await startTestEmulator(context)
    const answer = await requestJson(`${url}${SERIES}`, { body: `"${'x'.repeat(11 * 1024 * 1024)}"` })
    assert.equal(answer.status, 400)
    assert.match(answer.json.error.message, /too large/)
  })
})
