import { policyJson } from '../../../test/testing/alerting-calls.ts'
import { type CallCase, created, testCalls, unimplementedBodies } from '../../../test/testing/call-cases.ts'

type Json = Record<string, unknown>

const CREATE = 'POST projects/demo-project/alertPolicies'
const FILTER = 'metric.type = "custom.googleapis.com/level" resource.type = "global"'
const PERIOD = 'alignmentPeriod'
const aligned = (changes: Json): Json => ({ [PERIOD]: '60s', perSeriesAligner: 'ALIGN_MEAN', ...changes })
const absent = (changes: Json): Json =>
  policyJson({ conditions: [{ displayName: 'c', conditionAbsent: { filter: FILTER, duration: '120s', ...changes } }] })
const promql = (changes: Json): Json =>
  policyJson({ conditions: [{ displayName: 'c', conditionPrometheusQueryLanguage: { query: 'up == 0', ...changes } }] })
const sql = { query: 'SELECT 1', minutes: { periodicity: 5 }, rowCountTest: { comparison: 'COMPARISON_GT' } }
const refusedWith = (message: RegExp): readonly [string, RegExp] => ['INVALID_ARGUMENT', message]
const labels = (count: number): Json => Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, '']))
const links = (count: number): Json[] =>
  Array.from({ length: count }, () => ({ displayName: 'a', url: 'https://example.com' }))

/** The rules for each field in `alert.proto`: what is accepted, what is returned, what is rejected. */
const FIELDS: readonly CallCase[] = [
  ...[
    ['a name of 512 characters', policyJson({ displayName: 'é'.repeat(512) })],
    ['labels', policyJson({ userLabels: { ...labels(63), straße_1: 'größe-2' } })],
    ['text of 8,192 characters', policyJson({ documentation: { content: 'x'.repeat(8192) } })],
    ['three links', policyJson({ documentation: { links: links(3) } })],
    ['a subject of 10,240 bytes', policyJson({ documentation: { subject: 'x'.repeat(10_240) } })],
    ['an alignment period of 25 hours', policyJson({}, { aggregations: [aligned({ [PERIOD]: '90000s' })] })],
    ['a duration of zero', policyJson({}, { duration: '0s' })],
    ['an omitted duration', policyJson({}, { duration: undefined })],
    ['no trigger', policyJson({}, { trigger: {} })],
    ['a percentage as trigger', policyJson({}, { trigger: { percent: 100 } })],
    ['absence of 120 s; its nanoseconds are ignored', absent({ duration: '120.5s' })],
    ['absence with a reduced trigger', absent({ trigger: { count: 3 } })],
    [
      'PromQL with all of its fields',
      promql({ duration: '45s', evaluationInterval: '90s', ruleGroup: 'g 1', alertRule: 'A' }),
    ],
    ['PromQL on an unknown metric', promql({ disableMetricValidation: true })],
    ['closing after 30 minutes', policyJson({ alertStrategy: { autoClose: '1800s' } })],
    ['prompts', policyJson({ alertStrategy: { notificationPrompts: ['OPENED', 'CLOSED'] } })],
    ['an omitted combiner with one condition', policyJson({ combiner: undefined })],
    ['AND_WITH_MATCHING_RESOURCE with one condition', policyJson({ combiner: 'AND_WITH_MATCHING_RESOURCE' })],
  ].map(
    ([what, body]): CallCase => ({
      what: `accepts ${what}`,
      call: CREATE,
      body: body as Json,
      answer: { enabled: true },
    }),
  ),
  {
    what: 'is disabled if it says so',
    call: CREATE,
    body: policyJson({ enabled: false }),
    answer: { enabled: false },
  },
  {
    what: 'ignores output-only fields',
    call: CREATE,
    body: policyJson({
      validity: { code: 3 },
      creationRecord: { mutatedBy: 'me' },
      mutationRecord: { mutatedBy: 'me', mutateTime: '2000-01-01T00:00:00Z' },
    }),
    answer: {
      validity: undefined,
      'creationRecord.mutatedBy': 'emulator@example.com',
      'mutationRecord.mutateTime': '2026-01-02T03:04:00Z',
    },
  },
  ...(
    [
      ['a name of 513 characters', policyJson({ displayName: 'x'.repeat(513) }), /alert_policy\.display_name .* 512/],
      ['65 labels', policyJson({ userLabels: labels(65) }), /user_labels .* 65 entries; at most 64/],
      [
        'a key of 64 characters',
        policyJson({ userLabels: { ['k'.repeat(64)]: '' } }),
        /user_labels key .* 63 characters/,
      ],
      ['a value of 64 characters', policyJson({ userLabels: { k: 'v'.repeat(64) } }), /user_labels\["k"\] .* 63/],
      ['a value of 130 bytes', policyJson({ userLabels: { k: '字'.repeat(43) } }), /user_labels\["k"\] .*128 bytes/],
      [
        'a key that begins with a digit',
        policyJson({ userLabels: { '1k': '' } }),
        /must begin with a lowercase letter/,
      ],
      ['a value in capitals', policyJson({ userLabels: { k: 'V' } }), /user_labels\["k"\] /],
      [
        'text of 10,241 bytes',
        policyJson({ documentation: { content: '字'.repeat(3414) } }),
        /documentation\.content /,
      ],
      [
        'a subject of 10,241 bytes',
        policyJson({ documentation: { subject: 'x'.repeat(10_241) } }),
        /documentation\.subject /,
      ],
      ['four links', policyJson({ documentation: { links: links(4) } }), /documentation\.links .* 4; at most 3/],
      [
        'a link without a name',
        policyJson({ documentation: { links: [{ url: 'https://example.com' }] } }),
        /documentation\.links\[0\]\.display_name /,
      ],
      [
        'a link with a name of 64 characters',
        policyJson({ documentation: { links: [{ displayName: 'x'.repeat(64), url: 'https://example.com' }] } }),
        /documentation\.links\[0\]\.display_name .* 63/,
      ],
      [
        'a long address',
        policyJson({ documentation: { links: [{ displayName: 'x', url: `https://e.com/${'x'.repeat(2070)}` }] } }),
        /documentation\.links\[0\]\.url .* 2083/,
      ],
      [
        'seven conditions',
        policyJson({ conditions: Array.from({ length: 7 }, () => absentCondition()) }),
        /between 1 and 6 conditions/,
      ],
      [
        'the name of a condition',
        policyJson({ conditions: [{ ...absentCondition(), name: 'x' }] }),
        /conditions\[0\]\.name /,
      ],
      [
        'a condition without a display name',
        policyJson({ conditions: [{ ...absentCondition(), displayName: '' }] }),
        /conditions\[0\]\.display_name /,
      ],
      ['an unknown combiner', policyJson({ combiner: 'XOR' }), /combiner/],
      ['an unknown severity', policyJson({ severity: 9 }), /alert_policy\.severity /],
      [
        'a filter of 2,049 characters',
        policyJson({}, { filter: `${FILTER} metric.labels.a = "${'x'.repeat(2000)}"` }),
        /condition_threshold\.filter .* 2048/,
      ],
      ['no filter', policyJson({}, { filter: '' }), /condition_threshold\.filter .*"metric\.type"/],
      [
        'an alignment period of 90,060 s',
        policyJson({}, { aggregations: [aligned({ [PERIOD]: '90060s' })] }),
        /aggregations\[0\]\.alignmentPeriod .*"90060s": It must be at most 90000s/,
      ],
      [
        'three aggregations',
        policyJson({}, { aggregations: [aligned({}), aligned({}), aligned({})] }),
        /aggregations .* 3 aggregations/,
      ],
      [
        'a bad second aggregation',
        policyJson({}, { aggregations: [aligned({}), aligned({ [PERIOD]: '1s' })] }),
        /aggregations\[1\]\.alignmentPeriod /,
      ],
      [
        'a reducer without an aligner',
        policyJson({}, { aggregations: [{ crossSeriesReducer: 'REDUCE_SUM' }] }),
        /aggregations\[0\]\.perSeriesAligner /,
      ],
      ['no comparison', policyJson({}, { comparison: undefined }), /comparison .*"COMPARISON_UNSPECIFIED"/],
      ['a threshold that is not a number', policyJson({}, { thresholdValue: 'NaN' }), /threshold_value /],
      ['a negative duration', policyJson({}, { duration: '-60s' }), /condition_threshold\.duration .*"-60s"/],
      ['a fraction of a minute', policyJson({}, { duration: '60.5s' }), /condition_threshold\.duration .*"60\.5s"/],
      [
        'more than 23.5 hours',
        policyJson({}, { duration: '84660s' }),
        /condition_threshold\.duration .* at most 84600s/,
      ],
      ['a percentage of zero', policyJson({}, { trigger: { percent: 0 } }), /trigger\.percent /],
      [
        'a denominator without a metric',
        policyJson({}, { denominatorFilter: 'resource.type = "global"' }),
        /denominator_filter .*"metric\.type"/,
      ],
      [
        'aggregations without a denominator',
        policyJson({}, { denominatorAggregations: [aligned({})] }),
        /denominator_aggregations .* if denominator_filter/,
      ],
      ['absence of 119 s', absent({ duration: '119s' }), /condition_absent\.duration /],
      ['absence without a duration', absent({ duration: undefined }), /condition_absent\.duration /],
      ['PromQL without a query', promql({ query: '' }), /query .* required/],
      ['a negative duration of PromQL', promql({ duration: '-1s' }), /condition_prometheus_query_language\.duration /],
      ['PromQL every 0 s', promql({ evaluationInterval: '0s' }), /evaluation_interval .*positive multiple of 30s/],
      ['an invalid label', promql({ labels: { 'a-b': 'c' } }), /labels key .*"a-b"/],
      ['a rule that is not a label name', promql({ alertRule: 'no label' }), /alert_rule .*label name/],
      ['a rule group of 2,049 characters', promql({ ruleGroup: 'x'.repeat(2049) }), /rule_group .* 2048/],
      [
        'closing after 8 days',
        policyJson({ alertStrategy: { autoClose: '691200s' } }),
        /auto_close .*30 minutes to 7 days/,
      ],
      [
        'an unspecified prompt',
        policyJson({ alertStrategy: { notificationPrompts: ['NOTIFICATION_PROMPT_UNSPECIFIED'] } }),
        /notification_prompts\[0\] /,
      ],
      [
        "a strategy for another policy's channel",
        policyJson({ alertStrategy: { notificationChannelStrategy: [{ notificationChannelNames: ['{channel}'] }] } }),
        /notification_channel_names\[0\] .*one of the policy's notification_channels/,
      ],
      [
        'reminders each minute',
        policyJson({
          notificationChannels: ['{channel}'],
          alertStrategy: {
            notificationChannelStrategy: [{ notificationChannelNames: ['{channel}'], renotifyInterval: '60s' }],
          },
        }),
        /renotify_interval .*30 minutes to 24 hours/,
      ],
      [
        '17 channels',
        policyJson({ notificationChannels: Array.from({ length: 17 }, () => '{channel}') }),
        /17 channels; at most 16/,
      ],
    ] as [string, Json, RegExp][]
  ).map(
    ([what, body, message]): CallCase => ({
      what: `rejects ${what}`,
      call: CREATE,
      body,
      refused: refusedWith(message),
    }),
  ),
  ...unimplementedBodies(CREATE, [
    ['forecasts', policyJson({}, { forecastOptions: { forecastHorizon: '3600s' } }), /^Forecasts are not implemented/],
    ['conditions on logs', otherCondition({ conditionMatchedLog: { filter: 'x' } }), /^Conditions on logs are not/],
    ['MQL', otherCondition({ conditionMonitoringQueryLanguage: { query: 'x' } }), /^Conditions in MQL are not/],
    ['SQL', otherCondition({ conditionSql: sql }), /^Conditions in SQL are not/],
    ['groups', policyJson({}, { filter: 'metric.type = "a.b/c" group.id = "1"' }), /^group\.id is not implemented/],
    ['other selectors', policyJson({}, { filter: 'select_slo_health("x")' }), /^select_slo_health is not implemented/],
  ]),
]

const UPDATES: readonly CallCase[] = [
  {
    what: 'a label can also be named in the singular',
    call: 'PATCH {policy}?updateMask=user_label.team',
    body: { userLabels: { team: 'b', other: 'c' } },
    answer: { userLabels: { team: 'b', kept: 'x' } },
  },
  {
    what: 'a label in the mask that is missing in the update is removed',
    call: 'PATCH {policy}?updateMask=userLabels.team',
    body: {},
    answer: { userLabels: { kept: 'x' } },
  },
  {
    what: 'a field within a field',
    call: 'PATCH {policy}?updateMask=documentation.content,documentation.mime_type',
    body: { documentation: { content: 'new', mimeType: 'text/markdown', subject: 'ignored' } },
    answer: { documentation: { content: 'new', mimeType: 'text/markdown', subject: 'S' } },
  },
  {
    what: 'a field in the mask that is missing in the update gets its default',
    call: 'PATCH {policy}?updateMask=documentation,severity,enabled',
    body: {},
    answer: { documentation: undefined, severity: undefined, enabled: true },
  },
  {
    what: 'output-only fields are ignored in a mask',
    call: 'PATCH {policy}?updateMask=validity,creation_record,mutationRecord,displayName',
    body: { displayName: 'new', validity: { code: 1 } },
    answer: { displayName: 'new', validity: undefined, 'creationRecord.mutatedBy': 'emulator@example.com' },
  },
  {
    what: 'without a mask the policy is replaced',
    call: 'PATCH {policy}',
    body: policyJson({ displayName: 'other' }),
    answer: { displayName: 'other', userLabels: undefined, documentation: undefined, severity: undefined },
  },
  {
    what: 'the name in the path is used',
    call: 'PATCH {policy}?updateMask=displayName',
    body: { name: 'projects/demo-project/alertPolicies/0', displayName: 'new' },
    answer: { displayName: 'new', name: '{policy}' },
  },
  ...(
    [
      ['an unknown path', 'colour', {}, /update_mask .*"colour": AlertPolicy has no field "colour"/],
      ['an unknown nested path', 'documentation.colour', {}, /update_mask .*Documentation has no field "colour"/],
      [
        'a path into a list',
        'conditions.display_name',
        {},
        /update_mask .*"conditions" has no fields that can be updated/,
      ],
      ['the name', 'name', {}, /update_mask .*The name of a policy cannot be changed/],
      ['a missing required field', 'displayName', {}, /alert_policy\.display_name /],
      ['missing conditions', 'conditions', {}, /alert_policy\.conditions /],
    ] as [string, string, Json, RegExp][]
  ).map(
    ([what, mask, body, message]): CallCase => ({
      what: `rejects ${what} in a mask`,
      call: `PATCH {policy}?updateMask=${mask}`,
      body,
      refused: refusedWith(message),
    }),
  ),
  {
    what: 'a missing policy is not created',
    call: 'PATCH projects/demo-project/alertPolicies/0',
    body: policyJson(),
    refused: ['NOT_FOUND', /^Requested entity was not found\.$/],
  },
]

const LISTS: readonly CallCase[] = [
  {
    what: 'all, by default',
    call: 'GET projects/demo-project/alertPolicies',
    answer: { totalSize: 1, nextPageToken: undefined, 'alertPolicies.0.name': '{policy}' },
  },
  {
    what: 'for a page size that is not positive the server chooses one',
    call: 'GET projects/demo-project/alertPolicies?pageSize=-1',
    answer: { totalSize: 1 },
  },
  ...(
    [
      ['a token of another list', 'pageToken=abc.def', /pageToken /],
      ['an unknown field', 'filter=colour%3D%22red%22', /Unknown field "colour"/],
      ['half a filter', 'filter=display_name%3D', /filter .*Expected a name or a value/],
      ['an unknown order', 'orderBy=colour', /order_by .*"colour" is not a field/],
      [
        'eleven orders',
        `orderBy=${Array.from({ length: 11 }, () => 'name').join(',')}`,
        /order_by .* 11 fields; at most 10/,
      ],
    ] as [string, string, RegExp][]
  ).map(
    ([what, query, message]): CallCase => ({
      what: `rejects ${what}`,
      call: `GET projects/demo-project/alertPolicies?${query}`,
      refused: refusedWith(message),
    }),
  ),
]

function absentCondition(): Json {
  return { displayName: 'c', conditionAbsent: { filter: FILTER, duration: '120s' } }
}

function otherCondition(condition: Json): Json {
  return policyJson({ conditions: [{ displayName: 'c', ...condition }] })
}

testCalls('fields of an alert policy', FIELDS, async (emulator) => ({
  channel: await created(emulator, 'notificationChannels', {
    type: 'email',
    labels: { email_address: 'a@example.com' },
  }),
}))

for (const [title, cases] of [
  ['updates of an alert policy', UPDATES],
  ['lists of alert policies', LISTS],
] as const)
  testCalls(title, cases, async (emulator) => ({
    policy: await created(
      emulator,
      'alertPolicies',
      policyJson({
        userLabels: { team: 'a', kept: 'x' },
        documentation: { content: 'C', subject: 'S' },
        severity: 'ERROR',
      }),
    ),
  }))
