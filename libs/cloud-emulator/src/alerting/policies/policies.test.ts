import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { policyJson } from '../../../test/testing/alerting-calls.ts'
import { requestJson, startTestEmulator, writeAt } from '../../../test/testing/running-emulator.ts'
import { timestamp } from '../../../test/testing/time-series.ts'

type Json = Record<string, unknown>
const COLLECTION = '/v3/projects/demo-project/alertPolicies'
const FILTER = 'metric.type = "custom.googleapis.com/level" resource.type = "global"'
const condition = (changes: Json): Json => ({ conditions: [{ displayName: 'c', ...changes }] })

describe('alert policies by REST', () => {
  test('create, get, update with and without a mask, delete', async (context) => {
    const { url, setTime } = await startTestEmulator(context)
    const body = policyJson({ userLabels: { team: 'a', old: '' }, validity: { code: 3 }, severity: 'ERROR' })
    const { json: created } = await requestJson(`${url}${COLLECTION}`, { body })
    assert.match(created.name, /^projects\/demo-project\/alertPolicies\/\d{10,19}$/)
    assert.match(created.conditions[0].name, /^projects\/demo-project\/alertPolicies\/\d+\/conditions\/\d+$/)
    assert.equal(created.enabled, true)
    assert.equal(created.validity, undefined, 'is set only by the server')
    assert.equal(created.creationRecord.mutateTime, timestamp(0).replace('.000', ''))
    assert.deepEqual((await requestJson(`${url}/v3/${created.name}`)).json, created)

    setTime(60)
    const mask = 'userLabels.team,user_labels.old,documentation.content,enabled'
    const { json: masked } = await requestJson(`${url}/v3/${created.name}?updateMask=${mask}`, {
      method: 'PATCH',
      body: { displayName: 'ignored', userLabels: { team: 'b' }, documentation: { content: 'x' }, enabled: false },
    })
    assert.deepEqual(masked, {
      ...created,
      userLabels: { team: 'b' },
      documentation: { content: 'x' },
      enabled: false,
      mutationRecord: { ...created.mutationRecord, mutateTime: timestamp(60).replace('.000', '') },
    })

    const [kept] = created.conditions
    const { json: replaced } = await requestJson(`${url}/v3/${created.name}`, {
      method: 'PATCH',
      body: { ...policyJson({ displayName: 'other' }), conditions: [kept, policyJson().conditions].flat() },
    })
    assert.equal(replaced.conditions[0].name, kept.name)
    assert.notEqual(replaced.conditions[1].name, kept.name)
    assert.deepEqual([replaced.severity, replaced.userLabels, replaced.enabled], [undefined, undefined, true])
    assert.deepEqual(await requestJson(`${url}/v3/${created.name}`, { method: 'DELETE' }), { status: 200, json: {} })
    assert.equal((await requestJson(`${url}/v3/${created.name}`)).status, 404)
  })

  test('list by filter, order and page', async (context) => {
    const { url } = await startTestEmulator(context)
    for (const [displayName, team, severity] of [
      ['b', 'x', 'ERROR'],
      ['a', 'y', 'CRITICAL'],
      ['c', 'x', 'WARNING'],
    ])
      await requestJson(`${url}${COLLECTION}`, { body: policyJson({ displayName, severity, userLabels: { team } }) })
    const list = async (query: Record<string, string>): Promise<string[]> => {
      const { json } = await requestJson(`${url}${COLLECTION}?${new URLSearchParams(query)}`)
      return (json.alertPolicies ?? []).map((one: Json) => one.displayName)
    }
    for (const [query, names] of [
      [{ orderBy: 'display_name' }, ['a', 'b', 'c']],
      [{ orderBy: '-display_name' }, ['c', 'b', 'a']],
      [{ orderBy: 'user_labels.team, -display_name' }, ['c', 'b', 'a']],
      [{ filter: 'user_labels.team="x"', orderBy: 'displayName desc' }, ['c', 'b']],
      [{ filter: 'severity = "CRITICAL" OR display_name = ends_with("c")', orderBy: 'display_name' }, ['a', 'c']],
      [
        { filter: 'conditions.condition_threshold.filter: "level" AND NOT display_name="a"', orderBy: 'display_name' },
        ['b', 'c'],
      ],
      [{ filter: 'enabled=false' }, []],
      [{ filter: 'display_name:(c)' }, ['c']],
      [{ filter: 'NOT documentation.content.empty' }, []],
      [{ filter: 'user_label.team = one_of("y", "z")' }, ['a']],
      [
        { filter: 'creation_record.mutate_time > "2020-01-01T00:00:00Z"', orderBy: 'user_label.team,-severity' },
        ['c', 'b', 'a'],
      ],
    ] as const)
      assert.deepEqual(await list(query), names, JSON.stringify(query))
    const first = await requestJson(`${url}${COLLECTION}?pageSize=2&orderBy=-display_name`)
    assert.equal(first.json.totalSize, 3)
    assert.deepEqual(await list({ pageSize: '2', orderBy: '-display_name', pageToken: first.json.nextPageToken }), [
      'a',
    ])
  })

  const threshold = (changes: Json): Json => policyJson({}, changes)
  const cases: [what: string, policy: Json, message: RegExp, status?: number][] = [
    ['an unknown field', { ...policyJson(), colour: 'red' }, /Unknown name "colour" at 'alert_policy'/],
    ['a name', policyJson({ name: 'projects/p/alertPolicies/1' }), /^Field alert_policy\.name .* must be omitted/],
    ['no display name', policyJson({ displayName: '' }), /^Field alert_policy\.display_name /],
    ['no condition', policyJson({ conditions: [] }), /^Field alert_policy\.conditions .* between 1 and 6/],
    [
      'several conditions without a combiner',
      { ...policyJson(), combiner: undefined, conditions: [policyJson().conditions, policyJson().conditions].flat() },
      /^Field alert_policy\.combiner /,
    ],
    ['a label in capitals', policyJson({ userLabels: { Team: 'a' } }), /^Field alert_policy\.user_labels key .*"Team"/],
    [
      'HTML',
      policyJson({ documentation: { mimeType: 'text/html' } }),
      /^Field alert_policy\.documentation\.mime_type /,
    ],
    [
      'a long text',
      policyJson({ documentation: { content: 'x'.repeat(8193) } }),
      /^Field alert_policy\.documentation\.content /,
    ],
    ['an unknown channel', policyJson({ notificationChannels: ['x'] }), /notification_channels\[0\] .*"x"/],
    [
      'closing soon',
      policyJson({ alertStrategy: { autoClose: '60s' } }),
      /^Field alert_policy\.alert_strategy\.auto_close had an invalid value of "60s": 30 minutes to 7 days/,
    ],
    [
      'a rate limit',
      policyJson({ alertStrategy: { notificationRateLimit: { period: '300s' } } }),
      /Only log-based alert policies may specify a notification rate limit/,
    ],
    ['prompts', policyJson({ alertStrategy: { notificationPrompts: ['CLOSED'] } }), /notification_prompts /],
    [
      'a broken filter',
      threshold({ filter: 'metric.type = ' }),
      /conditions\[0\]\.condition_threshold\.filter .*position 14/,
    ],
    ['no metric', threshold({ filter: 'resource.type = "global"' }), /must specify a restriction on "metric\.type"/],
    ['no resource', threshold({ filter: 'metric.type = "a.b/c"' }), /must specify a restriction on "resource\.type"/],
    ['equality', threshold({ comparison: 'COMPARISON_EQ' }), /condition_threshold\.comparison .*"COMPARISON_EQ"/],
    [
      'half a minute',
      threshold({ duration: '30s' }),
      /condition_threshold\.duration .*"30s": It must be a multiple of 60s/,
    ],
    ['a count of zero', threshold({ trigger: { count: 0 } }), /condition_threshold\.trigger\.count /],
    ['a percentage', threshold({ trigger: { percent: 101 } }), /condition_threshold\.trigger\.percent /],
    [
      'missing data at once',
      threshold({ duration: '0s', evaluationMissingData: 'EVALUATION_MISSING_DATA_ACTIVE' }),
      /condition_threshold\.evaluation_missing_data /,
    ],
    [
      'a short alignment period',
      threshold({ aggregations: [{ alignmentPeriod: '30s', perSeriesAligner: 'ALIGN_MEAN' }] }),
      /condition_threshold\.aggregations\[0\]\.alignmentPeriod /,
    ],
    [
      'a ratio of other periods',
      threshold({
        denominatorFilter: FILTER,
        denominatorAggregations: [{ alignmentPeriod: '120s', perSeriesAligner: 'ALIGN_MEAN' }],
      }),
      /denominator_aggregations\[0\]\.alignment_period had an invalid value of "120s": It must be the same as that of aggregations, 60s/,
    ],
    [
      'a short absence',
      policyJson(condition({ conditionAbsent: { filter: FILTER, duration: '60s' } })),
      /condition_absent\.duration .* at least 120s/,
    ],
    ['an empty condition', policyJson(condition({})), /^Field alert_policy\.conditions\[0\] /],
    ['a forecast', threshold({ forecastOptions: { forecastHorizon: '3600s' } }), /^Forecasts are not implemented/, 501],
    ['a log', policyJson(condition({ conditionMatchedLog: { filter: 'x' } })), /^Conditions on logs are not/, 501],
    [
      'invalid PromQL',
      policyJson(condition({ conditionPrometheusQueryLanguage: { query: 'up <' } })),
      /condition_prometheus_query_language\.query .*parse error/,
    ],
    [
      'PromQL that returns a range vector',
      policyJson(condition({ conditionPrometheusQueryLanguage: { query: 'up[5m]' } })),
      /It must return an instant vector, not a matrix/,
    ],
    [
      'PromQL every 45 s',
      policyJson(condition({ conditionPrometheusQueryLanguage: { query: 'up', evaluationInterval: '45s' } })),
      /evaluation_interval .*positive multiple of 30s/,
    ],
    ['an SLO', threshold({ filter: 'select_slo_burn_rate("x", "60m")' }), /full name of an SLO/],
  ]
  for (const [what, policy, message, status = 400] of cases)
    test(`rejects ${what}`, async (context) => {
      const { url } = await startTestEmulator(context)
      const answer = await requestJson(`${url}${COLLECTION}`, { body: policy })
      assert.match(answer.json.error?.message ?? JSON.stringify(answer.json), message)
      assert.equal(answer.status, status)
    })

  test('rejects an aligner that can’t be applied to a known metric', async (context) => {
    const emulator = await startTestEmulator(context)
    await writeAt(emulator, 0, { type: 'custom.googleapis.com/level' })
    const body = policyJson({}, { aggregations: [{ alignmentPeriod: '60s', perSeriesAligner: 'ALIGN_RATE' }] })
    const { status, json } = await requestJson(`${emulator.url}${COLLECTION}`, { body })
    assert.equal(status, 400)
    assert.match(json.error.message, /aggregations\[0\]\.perSeriesAligner .*"ALIGN_RATE"/)
  })

  test('reports that a policy cannot be evaluated, once that is known', async (context) => {
    const emulator = await startTestEmulator(context)
    const body = policyJson({}, { aggregations: [{ alignmentPeriod: '60s', perSeriesAligner: 'ALIGN_RATE' }] })
    const { json: created } = await requestJson(`${emulator.url}${COLLECTION}`, { body })
    await writeAt(emulator, 30, { type: 'custom.googleapis.com/level' })
    await emulator.state.alerting.catchUp()
    const { json } = await requestJson(`${emulator.url}/v3/${created.name}`)
    assert.equal(json.validity.code, 3)
    assert.match(json.validity.message, /cannot be applied to metrics with kind GAUGE/)
    const unmasked = await requestJson(`${emulator.url}/v3/${created.name}`, { method: 'PATCH', body: json })
    assert.equal(unmasked.status, 400, 'now that the metric is known, it is rejected')
  })

  test('rejects an update with a condition that the policy does not have', async (context) => {
    const { url } = await startTestEmulator(context)
    const { json: created } = await requestJson(`${url}${COLLECTION}`, { body: policyJson() })
    const name = `${created.name}/conditions/1`
    const body = { ...policyJson(), conditions: [{ ...created.conditions[0], name }] }
    const { json } = await requestJson(`${url}/v3/${created.name}`, { method: 'PATCH', body })
    assert.match(json.error.message, /conditions\[0\]\.name .* no such condition/)
  })
})
