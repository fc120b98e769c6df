import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requestJson, startTestEmulator, writeAt } from '../../test/testing/running-emulator.ts'
import { START_SECONDS } from '../../test/testing/time-series.ts'

test('POST /reset deletes everything, including the time of the last point', async (context) => {
  const emulator = await startTestEmulator(context)
  await writeAt(emulator, 0, {})
  const body = { displayName: 'x', gridLayout: {} }
  await requestJson(`${emulator.url}/v1/projects/demo-project/dashboards`, { body })
  await requestJson(`${emulator.url}/faults`, { body: { code: 'UNAVAILABLE', methods: ['CreateSpan'] } })
  assert.deepEqual(await requestJson(`${emulator.url}/reset`, { method: 'POST' }), { status: 200, json: {} })
  const { json } = await requestJson(`${emulator.url}/api/summary`)
  const { series, points, dashboards, metricTypes, faults } = json
  assert.deepEqual(
    { series, points, dashboards, metricTypes, faults },
    { series: 0, points: 0, dashboards: 0, metricTypes: 0, faults: [] },
  )
  assert.equal(emulator.state.metrics.pointCount, 0)
  await writeAt(emulator, 0, {})
})

test('POST /clock sets, advances and releases the clock', async (context) => {
  const emulator = await startTestEmulator(context)
  const clock = async (body: object) => (await requestJson(`${emulator.url}/clock`, { body })).json
  const dayMs = (START_SECONDS + 86_400) * 1000
  assert.deepEqual(await clock({ time: new Date(dayMs).toISOString() }), { nowMs: dayMs, stands: true })
  assert.deepEqual(await clock({ advanceMs: 60_000 }), { nowMs: dayMs + 60_000, stands: true })
  assert.equal((await requestJson(`${emulator.url}/api/summary`)).json.nowMs, dayMs + 60_000)
  assert.deepEqual(await clock({}), { nowMs: START_SECONDS * 1000, stands: false })
})

for (const [body, message] of [
  [{ advanceMs: -1 }, /advanceMs had an invalid value of "-1"/],
  [{ time: 'soon' }, /Field time had an invalid value of "soon"/],
  [{ time: 1, advanceMs: 1 }, /not both/],
  [{ time: 1e20 }, /Field time .* A time from 0001-01-01 to 9999-12-31 is allowed/],
  [{ time: '99999999999999999999' }, /Field time .* A time from 0001-01-01 to 9999-12-31 is allowed/],
  [{ advanceMs: 1e22 }, /Field advanceMs .* A time from 0001-01-01 to 9999-12-31 is allowed/],
  [{ advanceMs: '1' }, /advanceMs had an invalid value of "1"/],
  [{ at: 1 }, /Unknown field at/],
  [[], /must be a JSON object/],
] as const)
  test(`POST /clock rejects ${JSON.stringify(body)}`, async (context) => {
    const emulator = await startTestEmulator(context)
    const { status, json } = await requestJson(`${emulator.url}/clock`, { body })
    assert.equal(status, 400)
    assert.match(json.error.message, message)
  })
