import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { requestJson, startTestEmulator, type TestEmulator, writeAt } from '../../test/testing/running-emulator.ts'
import { distributionJson, START_SECONDS, type TestSeries } from '../../test/testing/time-series.ts'

const REQUESTS = 'external.googleapis.com/prometheus/requests_total'
const TARGET = {
  type: 'prometheus_target',
  labels: { location: 'us-central1', cluster: 'c', namespace: 'n', job: 'j', instance: 'i' },
}

/** A counter that grows by 60 a minute, a gauge of Managed Service for Prometheus, and a histogram. */
async function written(context: TestContext): Promise<TestEmulator> {
  const emulator = await startTestEmulator(context)
  for (let minute = 0; minute <= 5; minute++) {
    const counts = [minute, 2 * minute, minute]
    const series: TestSeries[] = [
      {
        type: REQUESTS,
        kind: 'CUMULATIVE',
        start: -60,
        labels: { code: '200', project_id: 'own' },
        value: { doubleValue: minute * 60 },
      },
      { type: 'prometheus.googleapis.com/up/gauge', resource: TARGET, value: { doubleValue: 1 } },
      {
        type: 'prometheus.googleapis.com/latency/histogram',
        kind: 'CUMULATIVE',
        start: -60,
        resource: TARGET,
        value: distributionJson([0.1, 1], counts),
      },
    ]
    await writeAt(emulator, minute * 60, ...series)
  }
  return emulator
}

async function get(emulator: TestEmulator, path: string, parameters: Record<string, string | string[]> = {}) {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) for (const one of [value].flat()) query.append(name, one)
  const { status, json } = await requestJson(`${emulator.url}${path}?${query}`)
  return { status, json }
}

const API = '/v1/projects/demo-project/location/global/prometheus/api/v1'
const AT = String(START_SECONDS + 300)
const WINDOW = { start: String(START_SECONDS), end: AT }

describe("Prometheus' HTTP API", () => {
  test('answers queries at a time, at both paths', async (context) => {
    const emulator = await written(context)
    const query = 'rate(external_googleapis_com:prometheus_requests_total{monitored_resource="global"}[5m])'
    for (const path of [API, '/api/v1']) {
      const { status, json } = await get(emulator, `${path}/query`, { query, time: AT })
      assert.equal(status, 200)
      const metric = { project_id: 'demo-project', metric_project_id: 'own', monitored_resource: 'global', code: '200' }
      const data = { resultType: 'vector', result: [{ metric, value: [START_SECONDS + 300, '1'] }] }
      assert.deepEqual(json, { status: 'success', data })
    }
  })

  test('answers queries over a range', async (context) => {
    const emulator = await written(context)
    const { json } = await get(emulator, `${API}/query_range`, { query: 'sum(up)', ...WINDOW, step: '2m' })
    const values = [0, 120, 240].map((second) => [START_SECONDS + second, '1'])
    assert.deepEqual(json.data, { resultType: 'matrix', result: [{ metric: {}, values }] })
  })

  test('has distributions as classic histograms', async (context) => {
    const emulator = await written(context)
    const value = async (query: string) => {
      const { json } = await get(emulator, `${API}/query`, { query, time: AT })
      return json.data.result.map(({ metric, value: [, text] }: { metric: { le?: string }; value: string[] }) => {
        return [metric.le, text]
      })
    }
    assert.deepEqual(await value('sort(latency_bucket)'), [
      ['0.1', '5'],
      ['1', '15'],
      ['+Inf', '20'],
    ])
    assert.deepEqual(await value('latency_count'), [[undefined, '20']])
    assert.deepEqual(await value('latency_sum'), [[undefined, '20']])
    assert.deepEqual(await value('histogram_quantile(0.75, sum by (le) (latency_bucket))'), [[undefined, '1']])
  })

  test('takes names of metric types as they are', async (context) => {
    const emulator = await written(context)
    const { json } = await get(emulator, `${API}/query`, { query: `{"${REQUESTS}"}`, time: AT })
    assert.equal(json.data.result[0].metric.__name__, REQUESTS)
  })

  test('lists series, labels, values and metadata', async (context) => {
    const emulator = await written(context)
    const series = await get(emulator, `${API}/series`, { 'match[]': ['up', 'latency_bucket{le="1"}'], ...WINDOW })
    assert.deepEqual(
      series.json.data.map(({ __name__, le }: { __name__: string; le?: string }) => [__name__, le]),
      [
        ['up', undefined],
        ['latency_bucket', '1'],
      ],
    )
    const labels = await get(emulator, `${API}/labels`, { 'match[]': 'up', ...WINDOW })
    assert.deepEqual(labels.json.data, [
      '__name__',
      'cluster',
      'instance',
      'job',
      'location',
      'namespace',
      'project_id',
    ])
    const names = await get(emulator, `${API}/label/__name__/values`, WINDOW)
    assert.deepEqual(names.json.data, [
      'external_googleapis_com:prometheus_requests_total',
      'latency_bucket',
      'latency_count',
      'latency_sum',
      'up',
    ])
    const limited = await get(emulator, `${API}/label/__name__/values`, { ...WINDOW, limit: '1' })
    assert.deepEqual(limited.json.warnings, ['results truncated due to limit'])
    const metadata = await get(emulator, `${API}/metadata`, { metric: 'latency' })
    assert.deepEqual(metadata.json.data, { latency: [{ type: 'histogram', help: '', unit: '' }] })
  })

  test('takes forms, formats and parses queries, and tells a version', async (context) => {
    const emulator = await written(context)
    const body = new URLSearchParams({ query: 'sum(up)', time: AT })
    const answer = await fetch(`${emulator.url}${API}/query`, { method: 'POST', body })
    assert.equal(answer.status, 200)
    const formatted = await get(emulator, `${API}/format_query`, { query: 'sum( up )' })
    assert.equal(formatted.json.data, 'sum(up)')
    const parsed = await get(emulator, `${API}/parse_query`, { query: 'up > 1' })
    assert.equal(parsed.json.data.type, 'binaryExpr')
    const version = await get(emulator, `${API}/status/buildinfo`)
    assert.equal(version.json.data.version, '3.16.0')
  })

  const ERRORS: readonly (readonly [
    path: string,
    parameters: Record<string, string>,
    status: number,
    error: string,
  ])[] = [
    ['query', { query: 'sum(' }, 400, 'invalid parameter "query": 1:5: parse error: unclosed left parenthesis'],
    ['query', { query: 'up', time: 'x' }, 400, 'invalid parameter "time": cannot parse "x" to a valid timestamp'],
    ['query', { query: 'topk(scalar(nothing), up)', time: AT }, 422, 'Parameter value is NaN'],
    [
      'query_range',
      { query: 'up', start: '2', end: '1', step: '1' },
      400,
      'invalid parameter "end": end timestamp must not be before start time',
    ],
    [
      'query_range',
      { query: 'up', start: '0', end: '1', step: '0' },
      400,
      'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer',
    ],
    [
      'query_range',
      { query: 'up', start: '0', end: '20000', step: '1' },
      400,
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    ],
    ['series', {}, 400, 'no match[] parameter provided'],
  ]

  test('answers errors as Prometheus does', async (context) => {
    const emulator = await written(context)
    for (const [path, parameters, status, error] of ERRORS) {
      const answer = await get(emulator, `${API}/${path}`, parameters)
      assert.equal(answer.status, status, error)
      assert.equal(answer.json.status, 'error')
      assert.equal(answer.json.error, error)
    }
  })
})
