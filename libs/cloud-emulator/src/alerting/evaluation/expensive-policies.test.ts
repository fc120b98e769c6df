import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policyJson } from '../../../test/testing/alerting-calls.ts'
import { created } from '../../../test/testing/call-cases.ts'
import { requestJson, startTestEmulator, writeAt } from '../../../test/testing/running-emulator.ts'
import { ConditionState, MAX_SERIES_OF_CONDITION } from './condition-state.ts'

const TYPE = 'custom.googleapis.com/level'

test('a policy that reads too much is stopped, with the reason, and continues once it reads less', async (context) => {
  const emulator = await startTestEmulator(context, { maxQuerySamples: 5 })
  const { alerting } = emulator.state
  const name = await created(emulator, 'alertPolicies', policyJson({}, { duration: '0s' }))
  const write = (at: number, series: number): Promise<void> =>
    writeAt(
      emulator,
      at,
      ...Array.from({ length: series }, (_, index) => ({
        type: TYPE,
        labels: { queue: `${index}` },
        value: { doubleValue: 2 },
      })),
    )
  const shown = async () => {
    await alerting.catchUp()
    const { json } = await requestJson(`${emulator.url}/api/alerting`)
    const [{ state, says, openIncidents }] = json.policies
    const { json: policy } = await requestJson(`${emulator.url}/v3/${name}`)
    return { state, says, openIncidents, code: policy.validity?.code }
  }
  await write(30, 2)
  assert.deepEqual(await shown(), { state: 'firing', says: '', openIncidents: 2, code: undefined })
  await write(60, 60)
  const stopped = await shown()
  assert.deepEqual([stopped.state, stopped.code], ['invalid', 3])
  assert.match(stopped.says, /points/)
  assert.equal(stopped.openIncidents, 2, 'open incidents stay open while the state is unknown')
  const filter = `metric.type = "${TYPE}" resource.type = "global" metric.labels.queue = "1"`
  const body = policyJson({}, { duration: '0s', filter })
  assert.equal((await requestJson(`${emulator.url}/v3/${name}`, { method: 'PATCH', body })).status, 200)
  await write(90, 2)
  assert.deepEqual(await shown(), { state: 'firing', says: '', openIncidents: 1, code: undefined })
})

test('a condition tracks only a limited number of series', () => {
  const state = new ConditionState({
    violates: () => true,
    durationMicros: 0,
    trigger: { count: 1 },
    missingData: 'noOp',
    graceMicros: 0,
    autoCloseMicros: 1e12,
  })
  const series = Array.from({ length: MAX_SERIES_OF_CONDITION + 1 }, (_, index) => ({
    key: `${index}`,
    value: 1,
    metricType: TYPE,
    metricLabels: {},
    resourceType: 'global',
    resourceLabels: {},
  }))
  assert.throws(() => state.step({ series }, 0), { code: 'ERR_TOO_MANY_SERIES', message: /more than 10000 series/ })
})
