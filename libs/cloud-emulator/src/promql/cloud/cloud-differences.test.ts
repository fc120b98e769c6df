import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { API, AT, emulatorWithSamples, getApi, REQUESTS, WINDOW } from '../../../test/testing/prometheus-api.ts'
import type { TestEmulator } from '../../../test/testing/running-emulator.ts'
import { writeAt } from '../../../test/testing/running-emulator.ts'

const COUNTER = 'external_googleapis_com:prometheus_requests_total'

/** Queries that Cloud Monitoring rejects, with the reason and its position. */
const REFUSED: readonly (readonly [query: string, position: string, reason: RegExp])[] = [
  ['{__name__=~"up|down"}', '1:1', /only exact matching on metric names is supported; \{__name__=~"up\|down"\} has no/],
  ['sum({job="j"})', '1:5', /only exact matching on metric names/],
  ['{__name__!="up", job="j"}', '1:1', /only exact matching on metric names/],
  ['up + rate({__name__=~"u.*"}[5m])', '1:11', /only exact matching on metric names/],
  ['mad_over_time(up[5m])', '1:1', /that of Prometheus 2\.44, which has no mad_over_time\(\)/],
  ['1 + info(up)', '1:5', /has no info\(\)/],
  ['limitk(1, up)', '1:1', /has no limitk\(\)/],
  ['up + fill(0) up', '1:1', /has no modifier fill/],
  ['rate(latency_count[5m] anchored)', '1:6', /has no modifier anchored/],
  ['rate(latency_count[5m * 2])', '1:6', /has no duration expressions/],
  ['max_over_time(up[5m + 1m:1m])', '1:1', /has no duration expressions/],
  ['rate(up[5m])', '1:1', /rate\(\) is for counters, and prometheus\.googleapis\.com\/up\/gauge is a gauge/],
  ['sum(increase(up[5m]))', '1:5', /increase\(\) is for counters/],
  [`histogram_quantile(0.9, sum by (le) (rate(${COUNTER}[5m])))`, '1:1', /histogram_quantile\(\) is for distributions/],
]

/** Queries that Cloud Monitoring accepts. */
const TAKEN: readonly string[] = [
  'up',
  `{"${REQUESTS}"}`,
  `{__name__="up", job=~"j|k"}`,
  'rate(latency_count[5m])',
  'histogram_quantile(0.9, sum by (le) (rate(latency_bucket[5m])))',
  'deriv(up[5m])',
  'absent(nothing)',
  'rate(nothing[5m])',
  'sum by (job) (up) / on (job) group_left () count by (job) (up @ end() offset 1m)',
  'max_over_time(up[5m:1m])',
]

async function ask(emulator: TestEmulator, query: string, rest: Record<string, string> = { time: AT }) {
  return getApi(emulator, `${API}/${'step' in rest ? 'query_range' : 'query'}`, { query, ...rest })
}

describe('differences of Cloud Monitoring', () => {
  test('is rejected with --strict=on, with its position, and otherwise evaluated as in Prometheus, with an info', async (context) => {
    const [strict, lax] = [await emulatorWithSamples(context, { strict: 'on' }), await emulatorWithSamples(context)]
    for (const [query, position, reason] of REFUSED) {
      const refused = await ask(strict, query)
      assert.equal(refused.status, 400, query)
      assert.equal(refused.json.errorType, 'bad_data')
      assert.ok(
        refused.json.error.startsWith(`invalid parameter "query": ${position}: parse error: Cloud Monitoring: `),
        refused.json.error,
      )
      assert.match(refused.json.error, reason)
      const answered = await ask(lax, query)
      assert.equal(answered.status, 200, `${query}: ${answered.json.error}`)
      assert.ok(
        answered.json.infos.some((info: string) => reason.test(info) && info.endsWith(`(${position})`)),
        query,
      )
    }
    for (const query of TAKEN) {
      for (const emulator of [strict, lax]) {
        const { status, json } = await ask(emulator, query)
        assert.equal(status, 200, `${query}: ${json.error}`)
        const ours = (json.infos ?? []).filter((info: string) => info.includes('Cloud Monitoring'))
        assert.deepEqual(ours, [], query)
      }
    }
  })

  const infosOf = async (context: TestContext, query: string, rest?: Record<string, string>) => {
    const { json } = await ask(await emulatorWithSamples(context), query, rest)
    return (json.infos ?? []).filter((info: string) => info.includes('Cloud Monitoring'))
  }

  test('a window that is shorter than the step', async (context) => {
    assert.deepEqual(await infosOf(context, 'sum(rate(latency_count[2m]))', { ...WINDOW, step: '150' }), [
      'PromQL info: in Cloud Monitoring, the window of rate is never shorter than the step: 150s would be used instead of 120s (1:5)',
    ])
    assert.deepEqual(await infosOf(context, 'rate(latency_count[3m])', { ...WINDOW, step: '150' }), [])
    assert.deepEqual(await infosOf(context, 'delta(up[2m])', { ...WINDOW, step: '150' }), [])
  })

  test('a series that has ended', async (context) => {
    const later = { time: String(Number(AT) + 240) }
    assert.deepEqual(await infosOf(context, 'sum(up)', later), [
      'PromQL info: in Cloud Monitoring, staleness is not supported: a series that has ended keeps a value until the end of the lookback delta (1:5)',
    ])
    assert.deepEqual(await infosOf(context, 'sum_over_time(up[9m])', later), [])
  })

  test('quantiles of a histogram without samples', async (context) => {
    assert.deepEqual(await infosOf(context, 'histogram_quantile(0.9, latency_bucket * 0)'), [
      'PromQL info: in Cloud Monitoring, histogram_quantile() has no value, not NaN, where a histogram is empty (1:1)',
    ])
  })

  test('a metric of several resource types needs a matcher', async (context) => {
    const emulator = await emulatorWithSamples(context, { strict: 'on' })
    const resource = { type: 'generic_node', labels: { location: 'us-central1', namespace: 'n', node_id: 'x' } }
    await writeAt(emulator, 360, {
      type: REQUESTS,
      kind: 'CUMULATIVE',
      start: -60,
      resource,
      value: { doubleValue: 1 },
    })
    const { json } = await ask(emulator, `sum(${COUNTER})`)
    assert.match(
      json.error,
      /must have a matcher on monitored_resource, since \S+ is written for generic_node and global$/,
    )
    assert.equal((await ask(emulator, `sum(${COUNTER}{monitored_resource="global"})`)).status, 200)
  })

  test('label values are listed only for exactly named metrics', async (context) => {
    const emulator = await emulatorWithSamples(context, { strict: 'on' })
    const statusOf = async (label: string, match: string[]) =>
      (await getApi(emulator, `${API}/label/${label}/values`, { ...WINDOW, 'match[]': match })).status
    assert.equal(await statusOf('__name__', []), 200)
    assert.equal(await statusOf('job', ['up']), 200)
    assert.equal(await statusOf('job', []), 400)
    assert.equal(await statusOf('job', ['up', '{cluster="c"}']), 400)
  })
})
