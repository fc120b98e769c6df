import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { requestJson, startTestEmulator, type TestEmulator } from '../../test/testing/running-emulator.ts'
import { seriesJson, type TestSeries } from '../../test/testing/time-series.ts'
import type { Quotas } from './quotas.ts'

const PROJECT = '/v3/projects/demo-project'

async function withQuotas(context: TestContext, quotas: Partial<Quotas>) {
  const emulator = await startTestEmulator(context, { quotas })
  return { emulator, write: (...series: TestSeries[]) => write(emulator, ...series) }
}

function write({ url }: TestEmulator, ...series: TestSeries[]) {
  return requestJson(`${url}${PROJECT}/timeSeries`, { body: { timeSeries: series.map((one) => seriesJson(one)) } })
}

const named = (name: string, end: number) => ({ type: `custom.googleapis.com/${name}`, end })

describe('a quota of active series', () => {
  test('rejects additional ones of the same monitored resource, while existing ones continue', async (context) => {
    const { emulator, write } = await withQuotas(context, { activeSeries: 2 })
    const { status, json } = await write(named('a', 0), named('b', 0), named('c', 0))
    assert.equal(status, 400, JSON.stringify(json))
    assert.deepEqual(
      json.error.details[0].errors.map((one: { status: { code: number } }) => one.status.code),
      [8],
    )
    assert.match(json.error.message, /The project has 2 active time series of the monitored resource global, which is/)
    emulator.setTime(10)
    assert.equal((await write(named('a', 10), named('b', 10))).status, 200)
    const other = { ...named('c', 10), resource: { type: 'generic_task', labels: GENERIC_TASK } }
    assert.equal((await write(other)).status, 200)
  })

  test('has room again once a descriptor was deleted with its series', async (context) => {
    const { emulator, write } = await withQuotas(context, { activeSeries: 1 })
    await write(named('a', 0))
    await requestJson(`${emulator.url}${PROJECT}/metricDescriptors/custom.googleapis.com/a`, { method: 'DELETE' })
    assert.equal((await write(named('b', 0))).status, 200)
  })
})

const GENERIC_TASK = { project_id: 'demo-project', location: 'global', namespace: 'n', job: 'j', task_id: '1' }

describe('a quota of requests per minute', () => {
  test('is reset by POST /reset', async (context) => {
    const { emulator, write } = await withQuotas(context, { requestsPerMinute: 1 })
    const statuses = [(await write(named('a', 0))).status, (await write(named('b', 0))).status]
    await requestJson(`${emulator.url}/reset`, { method: 'POST' })
    assert.deepEqual([...statuses, (await write(named('c', 0))).status], [200, 429, 200])
  })

  const cases: readonly (readonly [what: string, path: string, message: RegExp])[] = [
    [
      'reading',
      `${PROJECT}/timeSeries?filter=metric.type%3D%22custom.googleapis.com%2Fa%22&interval.endTime=2026-01-01T00:00:00Z&interval.startTime=2026-01-01T00:00:00Z`,
      /'Time series queries' and limit 'Time series queries per minute'/,
    ],
    ['other methods', `${PROJECT}/alertPolicies`, /'Requests' and limit 'Requests per minute'/],
    ['other methods of Dashboards', '/v1/projects/demo-project/dashboards', /'Requests' and limit/],
  ]
  for (const [what, path, message] of cases) {
    test(`applies to ${what}, per project and minute of the clock`, async (context) => {
      const { emulator } = await withQuotas(context, { requestsPerMinute: 2 })
      const get = (one = path) => requestJson(`${emulator.url}${one}`)
      const statuses = [(await get()).status, (await get()).status]
      assert.ok(!statuses.includes(429), String(statuses))
      const { status, json } = await get()
      assert.deepEqual([status, json.error.status], [429, 'RESOURCE_EXHAUSTED'])
      assert.match(json.error.message, message)
      assert.match(json.error.message, /for consumer 'projects\/demo-project': 2 are allowed/)
      assert.notEqual((await get(path.replace('demo-project', 'other-project'))).status, 429)
      emulator.setTime(60)
      assert.notEqual((await get()).status, 429)
    })
  }

  test('counts writes separately', async (context) => {
    const { emulator, write } = await withQuotas(context, { requestsPerMinute: 1 })
    assert.equal((await write(named('a', 0))).status, 200)
    const { status, json } = await write(named('b', 0))
    assert.equal(status, 429)
    assert.match(json.error.message, /'Time series ingestion requests per minute'/)
    assert.equal((await requestJson(`${emulator.url}${PROJECT}/alertPolicies`)).status, 200)
  })
})

test('the sampling period can be set', async (context) => {
  for (const [seconds, status] of [
    [5, 400],
    [1, 200],
    [0, 200],
  ] as const) {
    const { emulator, write } = await withQuotas(context, { samplingPeriodMicros: seconds * 1e6 })
    await write(named('a', 0))
    emulator.setTime(2)
    assert.equal((await write(named('a', 2))).status, status, `${seconds} s`)
  }
})
