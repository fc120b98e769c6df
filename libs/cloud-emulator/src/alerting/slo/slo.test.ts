import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { policyJson, sloJson } from '../../../test/testing/alerting-calls.ts'
import { requestJson, startTestEmulator, type TestEmulator, writeAt } from '../../../test/testing/running-emulator.ts'
import { distributionJson, START_SECONDS, type TestSeries } from '../../../test/testing/time-series.ts'
import { servedIn } from './sli-ratio.ts'

type Json = Record<string, unknown>
const SERVICES = '/v3/projects/demo-project/services'
const PREFIX = 'custom.googleapis.com/'
const filterOf = (name: string, more = ''): string => `metric.type = "${PREFIX}${name}" resource.type = "global"${more}`

const requests = (status: string, value: number): TestSeries => ({
  type: `${PREFIX}requests`,
  labels: { status },
  kind: 'CUMULATIVE',
  start: -60,
  value: { int64Value: String(value) },
})

async function createSlo(emulator: TestEmulator, sli: Json): Promise<string> {
  const service = await requestJson(`${emulator.url}${SERVICES}`, { body: { custom: {} } })
  assert.match(service.json.name, /^projects\/demo-project\/services\/\d+$/)
  const { status, json } = await requestJson(`${emulator.url}/v3/${service.json.name}/serviceLevelObjectives`, {
    body: sloJson({ serviceLevelIndicator: sli }),
  })
  assert.equal(status, 200, JSON.stringify(json))
  return json.name
}

/** One point per minute: 10 requests a minute, half of which fail in the last two minutes; a level of 1, 2, 3, 4, 5. */
async function fill(emulator: TestEmulator): Promise<void> {
  for (let minute = 0; minute <= 5; minute++)
    await writeAt(
      emulator,
      minute * 60,
      requests('200', Math.min(minute, 3) * 10 + Math.max(0, minute - 3) * 5),
      requests('500', Math.max(0, minute - 3) * 5),
      {
        type: `${PREFIX}latency`,
        kind: 'CUMULATIVE',
        start: -60,
        value: distributionJson([0.1, 0.2, 0.4], [minute * 6, minute * 2, minute * 2, 0]),
      },
      { type: `${PREFIX}level`, value: { doubleValue: minute } },
      { type: `${PREFIX}healthy`, value: { boolValue: minute < 4 } },
    )
}

describe('an indicator', () => {
  const ratio = (one: Json): Json => ({ requestBased: { goodTotalRatio: one } })
  const good = filterOf('requests', ' metric.labels.status = "200"')
  const bad = filterOf('requests', ' metric.labels.status = "500"')
  const cut = (min: number, max: number | string): Json => ({
    requestBased: { distributionCut: { distributionFilter: filterOf('latency'), range: { min, max } } },
  })
  const windows = (criterion: Json): Json => ({ windowsBased: { windowPeriod: '60s', ...criterion } })
  const cases: [what: string, sli: Json, good: number, total: number][] = [
    [
      'of good and total requests',
      ratio({ goodServiceFilter: good, totalServiceFilter: filterOf('requests') }),
      40,
      50,
    ],
    ['of good and bad requests', ratio({ goodServiceFilter: good, badServiceFilter: bad }), 40, 50],
    ['of bad and total requests', ratio({ badServiceFilter: bad, totalServiceFilter: filterOf('requests') }), 40, 50],
    ['of requests up to a bound', cut(0, 0.2), 40, 50],
    ['of requests up to the middle of a bucket', cut(0, 0.3), 45, 50],
    ['of slow requests', cut(0.2, 'Infinity'), 10, 50],
    [
      'of windows with few errors',
      windows({
        goodTotalRatioThreshold: {
          performance: { goodTotalRatio: { goodServiceFilter: good, totalServiceFilter: filterOf('requests') } },
          threshold: 0.9,
        },
      }),
      3,
      5,
    ],
    [
      'of windows by a mean',
      windows({ metricMeanInRange: { timeSeries: filterOf('level'), range: { min: 2, max: 4 } } }),
      3,
      5,
    ],
    [
      'of windows by a sum',
      windows({ metricSumInRange: { timeSeries: filterOf('level'), range: { min: 5, max: 'Infinity' } } }),
      1,
      5,
    ],
    ['of windows that are good', windows({ goodBadMetricFilter: filterOf('healthy') }), 3, 5],
    ['without data', ratio({ goodServiceFilter: filterOf('none'), totalServiceFilter: filterOf('none') }), 0, 0],
  ]
  for (const [what, sli, expectedGood, total] of cases)
    test(what, async (context) => {
      const emulator = await startTestEmulator(context)
      await fill(emulator)
      const slo = emulator.state.alerting.slos.slo(await createSlo(emulator, sli))
      assert.ok(slo.serviceLevelIndicator)
      const source = { store: emulator.state.metrics, projectId: 'demo-project' }
      const span = { endMicros: (START_SECONDS + 300) * 1e6, lengthMicros: 300e6 }
      const served = servedIn(slo.serviceLevelIndicator, source, span)
      assert.ok(Math.abs(served.good - expectedGood) < 1e-6, `${served.good} good, not ${expectedGood}`)
      assert.equal(served.total, total)
    })
})

test('a policy on a burn rate fires, and closes', async (context) => {
  const emulator = await startTestEmulator(context)
  const { serviceLevelIndicator } = sloJson()
  const slo = await createSlo(emulator, serviceLevelIndicator as Json)
  const filter = `select_slo_burn_rate("${slo}", "120s")`
  const body = policyJson({}, { filter, aggregations: [], thresholdValue: 2, duration: '0s' })
  const policy = await requestJson(`${emulator.url}/v3/projects/demo-project/alertPolicies`, { body })
  assert.equal(policy.status, 200, JSON.stringify(policy.json))
  const { alerting } = emulator.state
  const states: number[] = []
  let ok = 0
  let failed = 0
  for (let minute = 0; minute <= 10; minute++) {
    const isBad = minute >= 3 && minute < 6
    ok += isBad ? 5 : 10
    failed += isBad ? 5 : 0
    await writeAt(emulator, minute * 60, requests('200', ok), requests('500', failed))
    await alerting.catchUp()
    states.push(alerting.incidents.openOf(policy.json.name).size)
  }
  assert.deepEqual(states, [0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0])
  const [incident] = alerting.incidents.list('demo-project')
  assert.equal(incident?.threshold, 2)
})

describe('is rejected', () => {
  const cases: [what: string, slo: Json, message: RegExp][] = [
    ['a goal of 1', { goal: 1 }, /objective\.goal /],
    ['no period', { rollingPeriod: undefined }, /objective\.period /],
    ['a period of half a day', { rollingPeriod: '43200s' }, /rolling_period .*whole number of days/],
    ['a period of a year', { rollingPeriod: undefined, calendarPeriod: 'YEAR' }, /calendar_period /],
    ['no indicator', { serviceLevelIndicator: {} }, /service_level_indicator /],
    [
      'one filter',
      { serviceLevelIndicator: { requestBased: { goodTotalRatio: { goodServiceFilter: filterOf('x') } } } },
      /good_total_ratio .*Exactly two/,
    ],
    [
      'an odd window',
      { serviceLevelIndicator: { windowsBased: { windowPeriod: '61s', goodBadMetricFilter: filterOf('x') } } },
      /window_period /,
    ],
  ]
  for (const [what, changes, message] of cases)
    test(what, async (context) => {
      const { url } = await startTestEmulator(context)
      await requestJson(`${url}${SERVICES}?serviceId=shop`, { body: { custom: {} } })
      const { status, json } = await requestJson(`${url}${SERVICES}/shop/serviceLevelObjectives`, {
        body: sloJson(changes),
      })
      assert.equal(status, 400)
      assert.match(json.error.message, message)
    })

  test('a policy on an objective that does not exist', async (context) => {
    const { url } = await startTestEmulator(context)
    const filter = 'select_slo_burn_rate("projects/demo-project/services/a/serviceLevelObjectives/b", "1h")'
    const { json } = await requestJson(`${url}/v3/projects/demo-project/alertPolicies`, {
      body: policyJson({}, { filter }),
    })
    assert.match(json.error.message, /condition_threshold\.filter .*no such service-level objective/)
  })
})
