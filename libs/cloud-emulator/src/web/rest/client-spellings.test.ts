import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { Client, credentials, type ServiceError } from '@grpc/grpc-js'
import { requestJson, startTestEmulator } from '../../../test/testing/running-emulator.ts'
import { seriesJson, TEST_TYPE, timestamp } from '../../../test/testing/time-series.ts'

const PROJECT = 'projects/demo-project'
const DASHBOARDS = `/v1/${PROJECT}/dashboards`
const chart = {
  displayName: 'd',
  gridLayout: {
    widgets: [
      {
        xyChart: {
          dataSets: [{ timeSeriesQuery: { timeSeriesFilter: { filter: 'metric.type="x"' } } }],
          chartOptions: { mode: 'COLOR' },
        },
      },
    ],
  },
}

async function withSeries(context: TestContext): Promise<string> {
  const { url } = await startTestEmulator(context)
  await requestJson(`${url}/v3/${PROJECT}/timeSeries`, { body: { timeSeries: [seriesJson()] } })
  return url
}

const readParameters = (alignmentPeriod: string): [string, string][] => [
  ['filter', `metric.type="${TEST_TYPE}"`],
  ['interval.startTime', timestamp(-60)],
  ['interval.endTime', timestamp(0)],
  ['aggregation.alignmentPeriod', alignmentPeriod],
  ['aggregation.perSeriesAligner', 'ALIGN_MEAN'],
]

describe("gcloud's requests", () => {
  test('booleans as Python writes them', async (context) => {
    const { url } = await startTestEmulator(context)
    for (const [value, stored] of [
      ['False', true],
      ['True', false],
    ] as const) {
      const name = `${PROJECT}/dashboards/${value}`
      const made = await requestJson(`${url}${DASHBOARDS}?alt=json&validateOnly=${value}`, { body: { ...chart, name } })
      assert.deepEqual([made.status, made.json.name], [200, name])
      assert.equal((await requestJson(`${url}/v1/${name}?alt=json`)).status, stored ? 200 : 404)
    }
    const wrong = await requestJson(`${url}${DASHBOARDS}?validateOnly=perhaps`, { body: chart })
    assert.equal(wrong.json.error.message, `Invalid value at 'validate_only' (TYPE_BOOL), "perhaps"`)
    assert.deepEqual(wrong.json.error.details, [
      {
        '@type': 'type.googleapis.com/google.rpc.BadRequest',
        fieldViolations: [{ field: 'validate_only', description: wrong.json.error.message }],
      },
    ])
  })

  test('a missing method is not a 501, which gcloud would retry for half a minute', async (context) => {
    const { url } = await startTestEmulator(context)
    const headers = { 'user-agent': 'google-cloud-sdk gcloud/528.0.0 command/gcloud.monitoring.metrics-scopes.list' }
    const { status, json } = await requestJson(`${url}/v1/locations/global/metricsScopes/1?alt=json`, { headers })
    assert.deepEqual([status, json.error.code, json.error.status], [400, 400, 'UNIMPLEMENTED'])
  })
})

describe("Google's client libraries over REST", () => {
  test('enums by number', async (context) => {
    const { url } = await startTestEmulator(context)
    const { json } = await requestJson(`${url}${DASHBOARDS}?%24alt=json%3Benum-encoding%3Dint`, { body: chart })
    assert.equal(json.gridLayout.widgets[0].xyChart.chartOptions.mode, 1)
  })

  test('a long query as a form in a POST', async (context) => {
    const url = await withSeries(context)
    const answer = await fetch(`${url}/v3/${PROJECT}/timeSeries`, {
      method: 'POST',
      headers: { 'x-http-method-override': 'GET' },
      body: new URLSearchParams([...readParameters('60s'), ['alt', 'json']]),
    })
    assert.equal(answer.status, 200)
    assert.deepEqual(
      Object.keys(JSON.parse(await answer.text())),
      ['timeSeries', 'unit'].filter((key) => key !== 'unit'),
    )
  })

  test('PATCH and DELETE as POST', async (context) => {
    const { url } = await startTestEmulator(context)
    const name = `${PROJECT}/dashboards/x`
    const { etag } = (await requestJson(`${url}${DASHBOARDS}`, { body: { ...chart, name } })).json
    const call = (method: string, body: object) =>
      requestJson(`${url}/v1/${name}`, { method: 'POST', body, headers: { 'X-HTTP-Method-Override': method } })
    assert.equal((await call('PATCH', { ...chart, displayName: 'new', etag })).json.displayName, 'new')
    assert.deepEqual(await call('DELETE', {}), { status: 200, json: {} })
  })

  test('only some fields of the response', async (context) => {
    const { url } = await startTestEmulator(context)
    await requestJson(`${url}${DASHBOARDS}`, { body: { ...chart, name: `${PROJECT}/dashboards/x` } })
    for (const name of ['fields', '$fields'])
      assert.deepEqual((await requestJson(`${url}${DASHBOARDS}?${name}=dashboards(name)`)).json, {
        dashboards: [{ name: `${PROJECT}/dashboards/x` }],
      })
  })
})

describe('bodies', () => {
  const body = JSON.stringify(chart)
  const post = async (url: string, content: string, headers: Record<string, string>) => {
    // A Blob without a type is sent without a content type.
    const answer = await fetch(url, { method: 'POST', headers, body: new Blob([content]) })
    return { status: answer.status, json: JSON.parse(await answer.text()) }
  }
  const cases: [type: string | undefined, message: RegExp | undefined][] = [
    [undefined, undefined],
    ['application/json; charset=UTF-8', undefined],
    ['text/plain', undefined],
    ['application/x-protobuf', /^The content type "application\/x-protobuf" is not supported; application\/json is\.$/],
    ['multipart/mixed; boundary=x', /^The content type "multipart\/mixed; boundary=x" is not supported/],
    ['application/x-www-form-urlencoded', /^The request needs a JSON body with its dashboard\.$/],
  ]
  for (const [type, message] of cases)
    test(`${type ?? 'without a type'}`, async (context) => {
      const { url } = await startTestEmulator(context)
      const { status, json } = await post(
        `${url}${DASHBOARDS}`,
        body,
        type === undefined ? {} : { 'content-type': type },
      )
      assert.equal(status, message ? 400 : 200, JSON.stringify(json))
      if (message) assert.match(json.error.message, message)
    })

  test('integers of 64 bits may be numbers', async (context) => {
    const { url } = await startTestEmulator(context)
    const series = seriesJson({ value: { int64Value: 'N' } })
    const timeSeries = JSON.stringify({ timeSeries: [series] }).replace('"N"', '9007199254740993')
    const { status, json } = await post(`${url}/v3/${PROJECT}/timeSeries`, timeSeries, {})
    assert.equal(status, 200, JSON.stringify(json))
    const query = new URLSearchParams(readParameters('60s').slice(0, 3))
    const { timeSeries: read } = (await requestJson(`${url}/v3/${PROJECT}/timeSeries?${query}`)).json
    assert.deepEqual(read[0].points[0].value, { int64Value: '9007199254740993' })
  })
})

test("the periods of Grafana's data source have a plus sign, escaped or not", async (context) => {
  const url = await withSeries(context)
  for (const query of [
    `${new URLSearchParams(readParameters('+60s'))}`,
    `${new URLSearchParams(readParameters('60s'))}`.replace('60s', '+60s'),
  ]) {
    const { status, json } = await requestJson(`${url}/v3/${PROJECT}/timeSeries?${query}`)
    assert.equal(status, 200, JSON.stringify(json))
    assert.equal(json.timeSeries.length, 1)
  }
})

describe('missing services and methods over gRPC', () => {
  const cases: [path: string, message: RegExp][] = [
    [
      'google.monitoring.metricsscope.v1.MetricsScopes/GetMetricsScope',
      /^Metrics scopes are not implemented by this emulator: /,
    ],
    [
      'google.monitoring.v3.MetricService/Nothing',
      /^This emulator has no method google\.monitoring\.v3\.MetricService\.Nothing: it serves /,
    ],
    ['google.logging.v2.ConfigServiceV2/ListSinks', /^Sinks, .* are not implemented/],
    [
      'google.pubsub.v1.Publisher/Publish',
      /^This emulator has no method google\.pubsub\.v1\.Publisher\.Publish: it serves /,
    ],
    [
      'opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export',
      /^This emulator has no method opentelemetry\.proto\..*ProfilesService\.Export: it serves .* OTLP/,
    ],
  ]
  test('return an explanation', async (context) => {
    const { grpcPort } = await startTestEmulator(context)
    const client = new Client(`127.0.0.1:${grpcPort}`, credentials.createInsecure())
    context.after(() => client.close())
    for (const [path, message] of cases) {
      const error = await new Promise<ServiceError | null>((resolve) => {
        client.makeUnaryRequest(
          `/${path}`,
          () => Buffer.from([10, 1, 120]),
          () => ({}),
          {},
          (failure) => resolve(failure),
        )
      })
      assert.equal(error?.code, 12, path)
      assert.match(error.details, message)
    }
  })
})

describe('missing services and methods over REST', () => {
  const cases: [method: string, path: string, message: RegExp][] = [
    ['GET', '/v1/locations/global/metricsScopes/1', /^Metrics scopes are not implemented by this emulator: /],
    ['POST', `/v3/${PROJECT}/timeSeries:query`, /^MQL \(timeSeries:query\) is not implemented/],
    ['GET', `/v2/${PROJECT}/sinks`, /^Sinks, .* are not implemented/],
    ['POST', `/v2/${PROJECT}/locations/global/buckets`, /^Sinks, .* are not implemented/],
    [
      'GET',
      `/v1/${PROJECT}/location/global/prometheus/api/v1/admin/tsdb/snapshot`,
      /^This part of Prometheus' API is not .* query_range/,
    ],
    ['GET', `/v2beta1/${PROJECT}/traceSinks`, /^Trace sinks are not implemented/],
    ['POST', `/v1beta1/${PROJECT}/events:report`, /^Error Reporting is not implemented/],
    ['GET', `/v3/${PROJECT}`, /^This emulator has no method GET \/v3\/projects\/demo-project: it serves /],
    ['DELETE', `/v3/${PROJECT}/timeSeries`, /^This emulator has no method DELETE /],
    ['PUT', `/v1/${PROJECT}/dashboards/x`, /^This emulator has no method PUT /],
    [
      'POST',
      '/v1development/profiles',
      /^This emulator has no method POST \/v1development\/profiles: it serves .* OTLP/,
    ],
    ['POST', '/batch', /^Batches of REST calls are not implemented by this emulator: make each call separately\.$/],
    ['POST', '/batch/monitoring/v3', /^Batches of REST calls are not/],
    ['GET', '/$discovery/rest', /^Discovery documents are not/],
    ['GET', '/discovery/v1/apis/monitoring/v3/rest', /^Discovery documents are not/],
    ['GET', '/v1p1beta1/x', /^This emulator has no method GET /],
  ]
  test('return an explanation', async (context) => {
    const { url } = await startTestEmulator(context)
    for (const [method, path, message] of cases) {
      const { status, json } = await requestJson(`${url}${path}?alt=json`, {
        method,
        ...(method === 'GET' ? {} : { body: {} }),
      })
      assert.deepEqual([status, json?.error?.status], [501, 'UNIMPLEMENTED'], `${method} ${path}`)
      assert.match(json.error.message, message)
    }
    assert.equal((await requestJson(`${url}/nothing`)).status, 404)
  })
})
