import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { policyJson } from '../../../test/testing/alerting-calls.ts'
import { requestJson, startTestEmulator, type TestEmulator, writeAt } from '../../../test/testing/running-emulator.ts'
import { START_SECONDS, timestamp } from '../../../test/testing/time-series.ts'

const V3 = '/v3/projects/demo-project'
const LEVEL = 'custom.googleapis.com/level'

async function pass(emulator: TestEmulator, from: number, to: number, value: number): Promise<void> {
  for (let seconds = from; seconds <= to; seconds += 30) {
    await writeAt(emulator, seconds, { type: LEVEL, value: { doubleValue: value } })
    await emulator.state.alerting.catchUp()
  }
}

describe('POST /api/alerting/test-policy', () => {
  const testPolicy = (emulator: TestEmulator, body: object) =>
    requestJson(`${emulator.url}/api/alerting/test-policy`, { body })

  test('returns when a policy would have fired', async (context) => {
    const emulator = await startTestEmulator(context)
    await pass(emulator, 0, 90, 0)
    await pass(emulator, 120, 300, 2)
    await pass(emulator, 330, 420, 0)
    const { json } = await testPolicy(emulator, { policy: policyJson(), startTime: timestamp(0) })
    assert.deepEqual(
      json.incidents.map(({ openedMs, closedMs }: { openedMs: number; closedMs: number }) => [
        openedMs / 1000 - START_SECONDS,
        closedMs / 1000 - START_SECONDS,
      ]),
      [[210, 330]],
    )
    assert.deepEqual([json.evaluations, json.selected], [14, [1]])
    const narrower = { policy: policyJson(), startTime: timestamp(0), endTime: timestamp(150) }
    assert.deepEqual((await testPolicy(emulator, narrower)).json.incidents, [])
    assert.deepEqual(emulator.state.alerting.incidents.list('demo-project'), [], 'nothing is stored')
  })

  for (const [what, body, message] of [
    ['a broken policy', { policy: policyJson({ displayName: '' }), startTime: timestamp(-60) }, /display_name/],
    ['a time in the future', { policy: policyJson(), startTime: timestamp(60) }, /startTime/],
    ['an unknown field', { colour: 'red' }, /Unknown field colour/],
  ] as const)
    test(`rejects ${what}`, async (context) => {
      const { status, json } = await testPolicy(await startTestEmulator(context), body)
      assert.equal(status, 400)
      assert.match(json.error.message, message)
    })
})

test('GET /api/alerting: incidents, policies with their state, channels', async (context) => {
  const emulator = await startTestEmulator(context)
  const channel = await requestJson(`${emulator.url}${V3}/notificationChannels`, {
    body: { type: 'email', displayName: 'me', labels: { email_address: 'me@example.com' } },
  })
  const policies = `${emulator.url}${V3}/alertPolicies`
  await requestJson(policies, { body: policyJson({ notificationChannels: [channel.json.name], severity: 'ERROR' }) })
  const filter = 'metric.type = "custom.googleapis.com/none" resource.type = "global"'
  await requestJson(policies, { body: policyJson({ displayName: 'idle' }, { filter }) })
  await pass(emulator, 0, 120, 2)
  await requestJson(`${emulator.url}/api/alerting/test-channel`, { body: { name: channel.json.name } })
  const { json } = await requestJson(`${emulator.url}/api/alerting`)
  assert.deepEqual(
    json.policies.map(({ displayName, state, says, openIncidents }: Record<string, unknown>) => [
      displayName,
      state,
      says,
      openIncidents,
    ]),
    [
      ['too high', 'firing', '', 1],
      ['idle', 'matchesNothing', 'No stored series matches its filter, so it cannot fire.', 0],
    ],
  )
  const [incident] = json.incidents
  assert.deepEqual([incident.severity, incident.value, incident.threshold], ['ERROR', 2, 1])
  assert.deepEqual(
    json.notifications.map(({ event, outcome }: Record<string, unknown>) => [event, outcome]),
    [
      ['test', 'recorded'],
      ['opened', 'recorded'],
    ],
  )
  assert.deepEqual([json.channels[0].target, json.channels[0].policies], ['me@example.com', 1])
  assert.equal((await requestJson(`${emulator.url}/api/summary`)).json.openIncidents, 1)
  const alerts = await requestJson(`${emulator.url}${V3}/alerts?filter=state%3D%22OPEN%22`)
  const [alert] = alerts.json.alerts
  assert.deepEqual([alert.state, alert.policy.displayName, alert.policy.severity], ['OPEN', 'too high', 'ERROR'])
  assert.deepEqual((await requestJson(`${emulator.url}/v3/${alert.name}`)).json, alert)
})

test('GET /api/alerting: numbers have the unit of the values that the condition compares', async (context) => {
  const emulator = await startTestEmulator(context)
  await requestJson(`${emulator.url}${V3}/metricDescriptors`, {
    body: { type: LEVEL, metricKind: 'GAUGE', valueType: 'DOUBLE', unit: 'By' },
  })
  const body = policyJson({}, { thresholdValue: 5 * 2 ** 20, duration: '60s' })
  assert.equal((await requestJson(`${emulator.url}${V3}/alertPolicies`, { body })).status, 200)
  await pass(emulator, 0, 240, 6 * 2 ** 20)
  const { json } = await requestJson(`${emulator.url}/api/alerting`)
  assert.equal(json.policies[0].conditions[0].rule, 'above 5 MiB for 1 min')
  const [incident] = json.incidents
  assert.match(incident.summary, /is above the threshold of 5 MiB with a value of 6 MiB\.$/)
  assert.equal(incident.unit, 'By')
})

test('GET /api/alerting: features of an uptime check that are not implemented', async (context) => {
  const emulator = await startTestEmulator(context)
  const monitoredResource = { type: 'uptime_url', labels: { host: 'example.invalid' } }
  for (const httpCheck of [{}, { pingConfig: { pingsCount: 1 }, serviceAgentAuthentication: { type: 'OIDC_TOKEN' } }]) {
    const body = { displayName: 'up', monitoredResource, timeout: '10s', httpCheck }
    await requestJson(`${emulator.url}/v3/projects/demo-project/uptimeCheckConfigs`, { body })
  }
  const { json } = await requestJson(`${emulator.url}/api/alerting`)
  assert.deepEqual(
    json.uptimeChecks.map(({ notDone }: { notDone: string }) => notDone),
    ['', 'Its pings are not sent. The token of a service agent is not sent.'],
  )
})
