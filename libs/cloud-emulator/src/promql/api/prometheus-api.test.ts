import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  API,
  AT,
  getApi as get,
  REQUESTS,
  WINDOW,
  emulatorWithSamples as written,
} from '../../../test/testing/prometheus-api.ts'
import { writeAt } from '../../../test/testing/running-emulator.ts'
import { START_SECONDS } from '../../../test/testing/time-series.ts'

describe("Prometheus' HTTP API", () => {
  test('evaluates instant queries, at both paths', async (context) => {
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

  test('evaluates range queries', async (context) => {
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

  test('accepts unmapped metric types as names', async (context) => {
    const emulator = await written(context)
    const { json } = await get(emulator, `${API}/query`, { query: `{"${REQUESTS}"}`, time: AT })
    assert.equal(json.data.result[0].metric.__name__, REQUESTS)
  })

  test('has an untyped metric of Managed Service for Prometheus once, although it is stored twice', async (context) => {
    const emulator = await written(context)
    const resource = {
      type: 'prometheus_target',
      labels: { location: 'us-central1', cluster: 'c', namespace: 'n', job: 'j', instance: 'i' },
    }
    const base = { resource, value: { doubleValue: 7 } }
    await writeAt(
      emulator,
      310,
      { ...base, type: 'prometheus.googleapis.com/anything/unknown' },
      { ...base, type: 'prometheus.googleapis.com/anything/unknown:counter', kind: 'CUMULATIVE', start: -60 },
    )
    const { json } = await get(emulator, `${API}/query`, { query: 'sum(anything)', time: String(START_SECONDS + 320) })
    assert.equal(json.data.result[0].value[1], '7')
    const series = await get(emulator, `${API}/series`, {
      'match[]': 'anything',
      ...WINDOW,
      end: String(START_SECONDS + 320),
    })
    assert.equal(series.json.data.length, 1)
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

  test('accepts forms, formats and parses queries, and reports a version', async (context) => {
    const emulator = await written(context)
    const body = new URLSearchParams({ query: 'sum(up)', time: AT })
    const answer = await fetch(`${emulator.url}${API}/query`, { method: 'POST', body })
    assert.equal(answer.status, 200)
    const formatted = await get(emulator, `${API}/format_query`, { query: 'sum( up )' })
    assert.equal(formatted.json.data, 'sum(up)')
    const parsed = await get(emulator, `${API}/parse_query`, { query: 'up > 1' })
    assert.equal(parsed.json.data.type, 'binaryExpr')
    const nothing = await fetch(`${emulator.url}${API}/query_exemplars?query=1`)
    assert.equal(nothing.status, 204)
    const version = await get(emulator, `${API}/status/buildinfo`)
    assert.equal(version.json.data.version, '3.16.0')
  })

  const ERRORS: readonly (readonly [
    path: string,
    parameters: Record<string, string | string[]>,
    status: number,
    error: string,
  ])[] = [
    ['query', { query: 'sum(' }, 400, 'invalid parameter "query": 1:5: parse error: unclosed left parenthesis'],
    [
      'query',
      { query: 'up', time: 'x' },
      400,
      `invalid parameter "time": invalid time value for 'time': cannot parse "x" to a valid timestamp`,
    ],
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
    [
      'query_range',
      { query: 'up', start: 'Inf', end: '1e30', step: '60' },
      400,
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    ],
    ['series', {}, 400, 'no match[] parameter provided'],
    [
      'series',
      { 'match[]': '{}' },
      400,
      'invalid parameter "match[]": match[] must contain at least one non-empty matcher',
    ],
    ['labels', { 'match[]': '{a=""}' }, 400, 'match[] must contain at least one non-empty matcher'],
    ['labels', { 'match[]': ['{}', 'sum('] }, 400, '1:4: parse error: unexpected "("'],
    [
      'query_range',
      { query: '1', start: '0', end: '0', step: '0.0001' },
      422,
      'unexpected error: runtime error: integer divide by zero',
    ],
    [
      'query_range',
      { query: 'up', start: 'x', end: '1' },
      400,
      'invalid parameter "start": cannot parse "x" to a valid timestamp',
    ],
    [
      'query',
      { query: 'up', limit: '99999999999999999999' },
      400,
      'invalid parameter "limit": strconv.Atoi: parsing "99999999999999999999": value out of range',
    ],
    ['series', { 'match[]': 'up[5m]' }, 400, 'invalid parameter "match[]": 1:3: parse error: unexpected "["'],
    ['labels', { 'match[]': 'sum(' }, 400, '1:4: parse error: unexpected "("'],
    ['labels', { limit: '-1' }, 400, 'invalid parameter "limit": limit must be non-negative'],
    [
      'query',
      { query: 'up', limit: '1.0' },
      400,
      'invalid parameter "limit": strconv.Atoi: parsing "1.0": invalid syntax',
    ],
    ['query', { query: 'up', timeout: '0s' }, 400, 'invalid parameter "timeout": timeout must be positive, got 0s'],
    ['query', { query: 'up', timeout: 'x' }, 400, 'invalid parameter "timeout": cannot parse "x" to a valid duration'],
    [
      'query',
      { query: 'up', timeout: '1e300' },
      400,
      'invalid parameter "timeout": cannot parse "1e300" to a valid duration. It overflows int64',
    ],
    [
      'query',
      { query: 'up', lookback_delta: 'x' },
      400,
      'error parsing lookback delta duration: cannot parse "x" to a valid duration',
    ],
    [
      'query_range',
      { query: 'up[5m]', start: '0', end: '1', step: '1' },
      400,
      'invalid parameter "query": invalid expression type "range vector" for range query, must be Scalar or instant Vector',
    ],
    ['metadata', { limit: 'x' }, 400, 'limit must be a number'],
    ['metadata', { limit_per_metric: 'x' }, 400, 'limit_per_metric must be a number'],
    ['metadata', { limit: '9'.repeat(30) }, 400, 'limit must be a number'],
    ['query_exemplars', { query: 'up', start: '2', end: '1' }, 400, 'end timestamp must not be before start timestamp'],
    ['query_exemplars', { query: 'sum(' }, 400, '1:5: parse error: unclosed left parenthesis'],
    [
      'query',
      { query: 'max_over_time(vector(1)[1y:1ms])' },
      422,
      'query processing would load too many samples into memory in query execution',
    ],
  ]

  test("reports statistics with Prometheus' names", async (context) => {
    const emulator = await written(context)
    const { json } = await get(emulator, `${API}/query_range`, {
      query: 'rate(latency_count[3m])',
      ...WINDOW,
      step: '1m',
      stats: 'all',
    })
    // Windows of one, two and then three points; each point is read once.
    const { peakSamples, ...samples } = json.data.stats.samples
    assert.deepEqual(samples, { totalQueryableSamples: 15, samplesRead: 6, seriesTouched: 1 })
    assert.ok(peakSamples >= 5)
    assert.deepEqual(Object.keys(json.data.stats.timings), [
      'evalTotalTime',
      'resultSortTime',
      'queryPreparationTime',
      'innerEvalTime',
      'execQueueTime',
      'execTotalTime',
    ])
    const other = await get(emulator, `${API}/query`, { query: 'up', time: AT, stats: 'yes' })
    assert.match(other.json.warnings[0], /^value "yes" for parameter "stats" is deprecated/)
  })

  test('truncates results at the limit, with a warning', async (context) => {
    const emulator = await written(context)
    const { json } = await get(emulator, `${API}/query`, { query: 'latency_bucket', time: AT, limit: '2' })
    assert.equal(json.data.result.length, 2)
    assert.deepEqual(json.warnings, ['results truncated due to limit'])
    const metadata = await get(emulator, `${API}/metadata`, { limit: '0' })
    assert.deepEqual(metadata.json.data, {})
  })

  test('returns errors as Prometheus does', async (context) => {
    const emulator = await written(context)
    for (const [path, parameters, status, error] of ERRORS) {
      const answer = await get(emulator, `${API}/${path}`, parameters)
      assert.equal(answer.status, status, error)
      assert.equal(answer.json.status, 'error')
      assert.equal(answer.json.error, error)
    }
  })
})
