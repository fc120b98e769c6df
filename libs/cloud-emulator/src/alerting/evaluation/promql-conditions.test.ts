import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policyJson } from '../../../test/testing/alerting-calls.ts'
import { requestJson, startTestEmulator, writeAt } from '../../../test/testing/running-emulator.ts'

test('a PromQL policy fires for each series of its result, and closes', async (context) => {
  const emulator = await startTestEmulator(context)
  const promql = {
    query: 'avg by (queue) (external_googleapis_com:prometheus_queue_length) > 5',
    duration: '60s',
    evaluationInterval: '60s',
    labels: { severity: 'page', text: '%{queue} is at %{value}'.replaceAll('%', '$') },
    ruleGroup: 'queues',
    alertRule: 'QueueLong',
  }
  const conditions = [{ displayName: 'long', conditionPrometheusQueryLanguage: promql }]
  const { status, json } = await requestJson(`${emulator.url}/v3/projects/demo-project/alertPolicies`, {
    body: policyJson({ conditions }),
  })
  assert.equal(status, 200, JSON.stringify(json))
  const { alerting } = emulator.state
  const open: number[] = []
  for (let half = 0; half <= 14; half++) {
    const isLong = half >= 4 && half < 10
    await writeAt(
      emulator,
      half * 30,
      ...['a', 'b'].map((queue) => ({
        type: 'external.googleapis.com/prometheus/queue_length',
        labels: { queue },
        value: { doubleValue: isLong && queue === 'a' ? 9 : 1 },
      })),
    )
    await alerting.catchUp()
    open.push(alerting.incidents.openOf(json.name).size)
  }
  assert.deepEqual(open, [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0])
  const [incident] = alerting.incidents.list('demo-project')
  assert.deepEqual(incident?.metricLabels, { queue: 'a', severity: 'page', text: 'a is at 9' })
  assert.match(incident?.summary ?? '', /^long with metric labels \{queue=a, .*\} has a value of 9\.000: avg by/)
})
