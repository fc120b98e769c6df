import assert from 'node:assert/strict'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { describe, type TestContext, test } from 'node:test'
import { policyJson } from '../../../test/testing/alerting-calls.ts'
import { requestJson, startTestEmulator, type TestEmulator, writeAt } from '../../../test/testing/running-emulator.ts'
import { START_SECONDS, TEST_TYPE } from '../../../test/testing/time-series.ts'

const PROJECT = 'projects/demo-project'
const DAY = 86_400
const FILTER = `metric.type = "${TEST_TYPE}"`
const PROMQL = 'external_googleapis_com:prometheus_test'
const LAST_SECONDS = 253_402_300_799
/** Intervals in seconds of the clock: from the epoch, far into the future, and the full range of timestamps. */
const INTERVALS: readonly (readonly [from: number, to: number])[] = [
  [0, START_SECONDS + 600],
  [START_SECONDS, START_SECONDS + 69 * DAY],
  [-62_135_596_800, LAST_SECONDS],
  [LAST_SECONDS - 1, LAST_SECONDS],
]

interface Call {
  readonly path: string
  readonly body?: object
}

const rfc3339 = (seconds: number): string => new Date(seconds * 1000).toISOString()
const encoded = (path: string, parameters: Record<string, string | number>): Call => ({
  path: `${path}?${new URLSearchParams(Object.entries(parameters).map(([name, value]) => [name, String(value)]))}`,
})
const mean = (alignmentPeriod: string) => ({ alignmentPeriod, perSeriesAligner: 'ALIGN_MEAN' })
const listed = (more: Record<string, string>) => (from: number, to: number) =>
  encoded(`/v3/${PROJECT}/timeSeries`, {
    filter: FILTER,
    'interval.startTime': rfc3339(from),
    'interval.endTime': rfc3339(to),
    ...more,
  })
const charted = (timeSeriesQuery: object) => (from: number, to: number) => ({
  path: '/api/query',
  body: {
    startTime: from * 1000,
    endTime: to * 1000,
    queries: [{ timeSeriesQuery, maxPoints: 10_000, partial: true }],
  },
})
const inRange = (path: string) => (from: number, to: number) =>
  encoded(path, { start: from * 1000, end: to * 1000, plot: 5000, buckets: 500 })

/** Every route with an interval. */
const ROUTES: readonly (readonly [what: string, call: (from: number, to: number) => Call])[] = [
  ['series without alignment', listed({})],
  [
    'aligned series',
    listed({ 'aggregation.alignmentPeriod': '60s', 'aggregation.perSeriesAligner': 'ALIGN_INTERPOLATE' }),
  ],
  [
    'series aligned twice with periods that have no common end',
    listed({
      'aggregation.alignmentPeriod': '60.000001s',
      'aggregation.perSeriesAligner': 'ALIGN_PERCENT_CHANGE',
      'secondaryAggregation.alignmentPeriod': '61.000003s',
      'secondaryAggregation.perSeriesAligner': 'ALIGN_MAX',
    }),
  ],
  [
    'a chart',
    charted({ timeSeriesFilter: { filter: FILTER, aggregation: mean('60s'), secondaryAggregation: mean('60s') } }),
  ],
  [
    'a chart of a ratio',
    charted({
      timeSeriesFilterRatio: {
        numerator: { filter: FILTER, aggregation: mean('60s') },
        denominator: { filter: FILTER, aggregation: mean('61s') },
        secondaryAggregation: mean('60s'),
      },
    }),
  ],
  ['a PromQL chart', charted({ prometheusQuery: `sum_over_time(${PROMQL}[1y:1s])` })],
  [
    'a PromQL range query',
    (from, to) => encoded('/api/v1/query_range', { query: PROMQL, start: from, end: to, step: 60 }),
  ],
  [
    'an instant PromQL query',
    (_from, to) => encoded('/api/v1/query', { query: `max_over_time(${PROMQL}[100y:1m])`, time: to }),
  ],
  ['PromQL series', (from, to) => encoded('/api/v1/series', { 'match[]': PROMQL, start: from, end: to })],
  ['traces', inRange('/api/traces')],
  ['the service map', inRange('/api/service-map')],
  ['logs', inRange('/api/logs')],
  [
    'traces of v1',
    (from, to) => encoded('/v1/projects/demo-project/traces', { startTime: rfc3339(from), endTime: rfc3339(to) }),
  ],
  [
    'log entries',
    (from, to) => ({
      path: '/v2/entries:list',
      body: { resourceNames: [PROJECT], filter: `timestamp >= "${rfc3339(from)}" AND timestamp <= "${rfc3339(to)}"` },
    }),
  ],
  [
    'a test of a policy',
    (from, to) => ({
      path: '/api/alerting/test-policy',
      body: { policy: policyJson(), startTime: from * 1000, endTime: to * 1000 },
    }),
  ],
]

async function filled(context: TestContext): Promise<TestEmulator> {
  const emulator = await startTestEmulator(context)
  for (let seconds = 0; seconds <= 300; seconds += 30)
    await writeAt(emulator, seconds, ...Array.from({ length: 20 }, (_, index) => ({ labels: { index: `${index}` } })))
  return emulator
}

describe('every interval, however long or distant, gets a result or an error quickly', () => {
  for (const [what, call] of ROUTES)
    test(what, async (context) => {
      const emulator = await filled(context)
      for (const [from, to] of INTERVALS) {
        const { path, body } = call(from, to)
        const startMs = performance.now()
        const { status, json } = await requestJson(`${emulator.url}${path}`, { body })
        assert.ok(performance.now() - startMs < 3000, `${from} to ${to}`)
        assert.ok(status === 200 || (status >= 400 && status < 500), `${status} ${JSON.stringify(json)}`)
      }
    })

  test("times out of protobuf's range are rejected with the name of the parameter", async (context) => {
    const { url } = await startTestEmulator(context)
    const message = /^Field \w+ .* A time from 0001-01-01 to 9999-12-31 is allowed\.$/
    for (const { path, body } of [
      { path: '/api/query', body: { startTime: 0, endTime: 1e300, queries: [] } },
      { path: '/api/traces?start=1e300', body: undefined },
      { path: '/api/traces?end=99999999999999999999', body: undefined },
      { path: '/api/logs?end=99999999999999999999', body: undefined },
    ]) {
      const { status, json } = await requestJson(`${url}${path}`, { body })
      assert.equal(status, 400, path)
      if (!path.includes('1e300')) assert.match(json.error.message, message)
    }
  })
})

test('a policy test over seven days does not block others', { timeout: 120_000 }, async (context) => {
  const emulator = await filled(context)
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const filter = `${FILTER} resource.type = "global"`
  const policy = policyJson({}, { filter, aggregations: [mean('60s')] })
  delay.enable()
  const { status, json } = await requestJson(`${emulator.url}/api/alerting/test-policy`, {
    body: { policy, startTime: (START_SECONDS + 300 - 7 * DAY) * 1000, endTime: (START_SECONDS + 300) * 1000 },
  })
  delay.disable()
  assert.deepEqual([status, json.evaluations], [200, 20_160], JSON.stringify(json).slice(0, 300))
  assert.ok(delay.max / 1e6 < 500, `${delay.max / 1e6} ms`)
})
