import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  distributionJson,
  START_SECONDS,
  seriesJson,
  TEST_TYPE,
  type TestSeries,
  timestamp,
  writeRequest,
} from '../../../test/testing/time-series.ts'
import { newStore, summaryOf, write } from '../../../test/testing/written-store.ts'
import { BucketLayouts } from '../model/bucket-layout.ts'
import { createTimeSeries } from './create-time-series.ts'

const HOUR = 3600

describe('violations that reject the whole request', () => {
  const cases: [what: string, series: Record<string, unknown>[], message: string | RegExp][] = [
    ['no series', [], 'Field timeSeries had an invalid value: At least one TimeSeries must be given.'],
    [
      '201 series',
      Array.from({ length: 201 }, (_, index) => seriesJson({ labels: { index: String(index) } })),
      'Field timeSeries had an invalid value: A maximum of 200 TimeSeries can be written in a single request.',
    ],
    [
      'no point',
      [{ ...seriesJson(), points: [] }],
      'Field timeSeries[0].points had an invalid value: Exactly one point must be written per TimeSeries per request, but there are 0.',
    ],
    [
      'two points',
      [
        seriesJson({ labels: { a: '1' } }),
        { ...seriesJson(), points: [seriesJson().points, seriesJson({ end: 60 }).points].flat() },
      ],
      'Field timeSeries[1].points had an invalid value: Exactly one point must be written per TimeSeries per request, but there are 2.',
    ],
    [
      'an end too long ago',
      [seriesJson({ end: -25 * HOUR - 11 })],
      'Field timeSeries[0].points[0].interval.end_time had an invalid value of "2026-01-01T02:03:49Z": Data points cannot be written more than 25h10s in the past.',
    ],
    [
      'an end too far ahead',
      [seriesJson({ end: 301 })],
      'Field timeSeries[0].points[0].interval.end_time had an invalid value of "2026-01-02T03:09:01Z": Data points cannot be written more than 5m in the future.',
    ],
    [
      'a cumulative point without a start',
      [seriesJson({ kind: 'CUMULATIVE' })],
      `Field timeSeries[0].points[0].interval.start_time had an invalid value: The start time is required for the non-gauge metric '${TEST_TYPE}'.`,
    ],
    [
      'a cumulative point that starts at its end',
      [seriesJson({ kind: 'CUMULATIVE', start: 0, end: 0 })],
      `Field timeSeries[0].points[0].interval.start_time had an invalid value of "2026-01-02T03:04:00Z": The start time must be before the end time (2026-01-02T03:04:00Z) for the non-gauge metric '${TEST_TYPE}'.`,
    ],
    [
      'a gauge over a span',
      [seriesJson({ start: -60, end: 0 })],
      `Field timeSeries[0].points[0].interval.start_time had an invalid value of "2026-01-02T03:03:00Z": The start time must be equal to the end time (2026-01-02T03:04:00Z) for the gauge metric '${TEST_TYPE}'.`,
    ],
    [
      'no end',
      [{ ...seriesJson(), points: [{ interval: {}, value: { doubleValue: 1 } }] }],
      /interval\.end_time had an invalid value: The end time is required/,
    ],
  ]
  for (const [what, bad, message] of cases) {
    test(what, () => {
      const store = newStore()
      const outcome = write(store, bad.length === 1 ? [...bad, seriesJson({ labels: { good: 'yes' } })] : bad)
      assert.equal(outcome.error?.code, 'INVALID_ARGUMENT')
      if (typeof message === 'string') assert.equal(outcome.error.message, message)
      else assert.match(outcome.error.message, message)
      assert.deepEqual(outcome.error.details, [])
      assert.equal(outcome.written, 0)
      assert.equal(store.pointCount, 0, 'nothing is stored')
    })
  }

  test('a name that is not a project', () => {
    const request = { ...writeRequest([seriesJson()]), name: 'demo-project' }
    const outcome = createTimeSeries(request, {
      store: newStore(),
      layouts: new BucketLayouts(),
      nowMicros: START_SECONDS * 1e6,
    })
    assert.equal(
      outcome.error?.message,
      "Name must begin with '{resource_container_type}/{resource_container_id}', got: demo-project",
    )
    assert.equal(outcome.refusals.length, 1)
  })

  test('all points count as rejected, including those after the 200th', () => {
    const outcome = write(
      newStore(),
      Array.from({ length: 250 }, () => seriesJson()),
    )
    assert.equal(
      outcome.refusals.reduce((sum, refusal) => sum + refusal.points, 0),
      250,
    )
  })
})

describe('violations that reject one series, while the others are written', () => {
  const cases: [what: string, bad: TestSeries, message: string | RegExp, reason: string][] = [
    [
      'a type with a colon',
      { type: 'external.googleapis.com/prometheus/a:b' },
      'Field timeSeries[0].metric.type had an invalid value of "external.googleapis.com/prometheus/a:b": The metric type must be a URL-formatted string with a domain and non-empty path.',
      'metric_type',
    ],
    ['a type without a path', { type: 'custom.googleapis.com/' }, /domain and non-empty path/, 'metric_type'],
    ['a type without a domain', { type: 'up' }, /domain and non-empty path/, 'metric_type'],
    ['an empty type', { type: '' }, /domain and non-empty path/, 'metric_type'],
    [
      'a Google type',
      { type: 'compute.googleapis.com/instance/cpu/utilization' },
      /Only metric types that begin with custom\.googleapis\.com/,
      'metric_type',
    ],
    [
      'a type that is too long',
      { type: `custom.googleapis.com/${'x'.repeat(200)}` },
      /has 222 characters; at most 200/,
      'metric_type',
    ],
    [
      '31 labels',
      { labels: Object.fromEntries(Array.from({ length: 31 }, (_, index) => [`l${index}`, 'x'])) },
      /It has 31 labels; at most 30/,
      'labels',
    ],
    [
      'a label key with a dash',
      { labels: { 'a-b': 'x' } },
      /had an invalid value of "a-b": A label key must begin/,
      'labels',
    ],
    ['a label key of 101 characters', { labels: { ['k'.repeat(101)]: 'x' } }, /at most 100 characters/, 'labels'],
    [
      'a label value of 1025 characters',
      { labels: { a: 'x'.repeat(1025) } },
      /The label value has 1025 characters; at most 1024/,
      'labels',
    ],
    [
      'an unknown resource',
      { resource: { type: 'toaster' } },
      'Unrecognized resource type: toaster.: timeSeries[0]',
      'resource',
    ],
    [
      'a resource that is not writable',
      { resource: { type: 'cloud_run_revision' } },
      /^Metrics cannot be written to cloud_run_revision\. See /,
      'resource',
    ],
    [
      'a resource without all its labels',
      { resource: { type: 'generic_task', labels: { location: 'us-central1', job: 'j' } } },
      'The set of resource labels is incomplete. Missing labels: (namespace task_id).: timeSeries[0]',
      'resource',
    ],
    [
      'a resource with an extra label',
      { resource: { type: 'global', labels: { colour: 'red' } } },
      /Unrecognized resource label: colour/,
      'resource',
    ],
    [
      'a location that is not a region',
      { resource: { type: 'generic_node', labels: { location: 'here', namespace: '', node_id: '' } } },
      'Unrecognized region or location.: timeSeries[0]',
      'resource',
    ],
    [
      'a kind of DELTA',
      { kind: 'DELTA', start: -60 },
      `Metric kind for metric ${TEST_TYPE} must be GAUGE or CUMULATIVE, but is DELTA.: timeSeries[0]`,
      'metric_kind',
    ],
    [
      'a text',
      { value: { stringValue: 'x' } },
      /must be BOOL, INT64, DOUBLE or DISTRIBUTION, but is STRING/,
      'value_type',
    ],
    [
      'a cumulative boolean',
      { kind: 'CUMULATIVE', start: -60, value: { boolValue: true } },
      /for the CUMULATIVE metric .* but is BOOL/,
      'value_type',
    ],
    [
      'no value',
      { value: {} },
      /points\[0\]\.value had an invalid value: The value of the point is not set/,
      'value_type',
    ],
    [
      'a value that is not of the declared type',
      { valueType: 'INT64' },
      `Value type for metric ${TEST_TYPE} must be INT64, but is DOUBLE.: timeSeries[0]`,
      'value_type',
    ],
    [
      'a distribution without bounds',
      { value: distributionJson([], [1]) },
      /\|explicit_buckets\.bounds\| does not have at least one entry/,
      'distribution',
    ],
  ]
  for (const [what, bad, message, reason] of cases) {
    test(what, () => {
      const store = newStore()
      const outcome = write(store, [seriesJson(bad), seriesJson({ type: 'external.googleapis.com/prometheus/good' })])
      assert.equal(outcome.error?.code, 'INVALID_ARGUMENT')
      const text = outcome.error.message.replace('One or more TimeSeries could not be written: ', '')
      if (typeof message === 'string') assert.equal(text, message)
      else assert.match(text, message)
      assert.equal(outcome.written, 1)
      assert.deepEqual(
        outcome.refusals.map((refusal) => refusal.reason),
        [reason],
      )
      const summary = summaryOf(outcome)
      assert.equal(summary.totalPointCount, 2)
      assert.equal(summary.successPointCount, 1)
      assert.deepEqual(
        summary.errors.map(({ status, pointCount }) => [status.code, pointCount]),
        [[3, 1]],
      )
      assert.equal(store.pointCount, 1)
      assert.deepEqual(
        [...store.project('demo-project').descriptors.keys()],
        ['external.googleapis.com/prometheus/good'],
        'a rejected series creates no descriptor',
      )
    })
  }

  test('a duplicate series: the first is written', () => {
    const outcome = write(newStore(), [
      seriesJson({ labels: { a: '1', b: '2' } }),
      seriesJson({ labels: { b: '2', a: '1' } }),
    ])
    assert.equal(
      outcome.error?.message,
      'One or more TimeSeries could not be written: Field timeSeries[1] had an invalid value: Duplicate TimeSeries encountered. Only one point can be written per TimeSeries per request.',
    )
    assert.equal(outcome.written, 1)
  })
})

test('points are read as they were written', () => {
  const store = newStore()
  const values: [string, object, unknown][] = [
    ['double', { doubleValue: -0.25 }, -0.25],
    ['int64', { int64Value: '9007199254740993' }, 9007199254740993n],
    ['bool', { boolValue: true }, true],
  ]
  const outcome = write(
    store,
    values.map(([name, value]) => seriesJson({ type: `custom.googleapis.com/${name}`, value })),
  )
  assert.equal(outcome.error, undefined)
  for (const [name, , expected] of values) {
    const [series] = store.project('demo-project').seriesOf(`custom.googleapis.com/${name}`)
    assert.equal(series?.points.lastValue, expected)
    assert.equal(series?.points.lastEndMicros, START_SECONDS * 1e6)
    assert.equal(series?.resourceLabels.project_id, 'demo-project')
  }
  assert.equal(timestamp(0), '2026-01-02T03:04:00.000Z')
})

describe('CreateServiceTimeSeries', () => {
  const CPU = 'compute.googleapis.com/instance/cpu/usage_time'
  const writeAs = (writer: 'user' | 'service', series: TestSeries, store = newStore()) => ({
    store,
    outcome: createTimeSeries(writeRequest([seriesJson(series)]), {
      store,
      layouts: new BucketLayouts(),
      nowMicros: (START_SECONDS + (series.end ?? 0)) * 1e6,
      writer,
    }),
  })
  const vm = { type: 'gce_instance', labels: { instance_id: '1', zone: 'us-central1-a' } }

  test("writes Google's own metrics, and creates their descriptors", () => {
    const first = { type: CPU, kind: 'DELTA', start: -60, end: 0, resource: vm } as const
    const { store, outcome } = writeAs('service', first)
    assert.equal(outcome.error, undefined)
    const descriptor = store.project('demo-project').descriptors.get(CPU)
    assert.deepEqual([descriptor?.metricKind, descriptor?.valueType], ['DELTA', 'DOUBLE'])
    assert.equal(writeAs('service', { ...first, start: 0, end: 60 }, store).outcome.error, undefined)
    assert.match(
      writeAs('service', { ...first, start: 30, end: 120 }, store).outcome.error?.message ?? '',
      /older start time than the most recent point/,
    )
  })

  test("gets kind, unit, labels and name from the list of Google's metrics", () => {
    const store = newStore()
    const cases = {
      [CPU]: ['DELTA', 'DOUBLE', 's{CPU}', 'CPU usage', ['instance_name:STRING']],
      'kubernetes.io/container/restart_count': ['CUMULATIVE', 'INT64', '1', 'Restart count', []],
      'compute.googleapis.com/instance/network/sent_bytes_count': [
        'DELTA',
        'INT64',
        'By',
        'Sent bytes',
        ['instance_name:STRING', 'loadbalanced:BOOL', 'zone:STRING'],
      ],
    } as const
    for (const [type, [metricKind, valueType, unit, displayName, labels]] of Object.entries(cases)) {
      const value = valueType === 'INT64' ? { int64Value: '1' } : { doubleValue: 1 }
      const more = labels.some((label) => label.startsWith('zone')) ? { labels: { zone: 'a' } } : {}
      const { outcome } = writeAs(
        'service',
        { type, kind: metricKind, start: -60, end: 0, value, resource: vm, ...more },
        store,
      )
      assert.equal(outcome.error, undefined, outcome.error?.message)
      const descriptor = store.project('demo-project').descriptors.get(type)
      assert.deepEqual(
        [descriptor?.metricKind, descriptor?.valueType, descriptor?.unit, descriptor?.displayName],
        [metricKind, valueType, unit, displayName],
      )
      assert.deepEqual(
        descriptor?.labels.map((label) => `${label.key}:${label.valueType}`),
        labels,
      )
    }
  })

  test('rejects a kind or value type that differs from the list', () => {
    const series = { type: CPU, start: -60, end: 0, resource: vm }
    const errorOf = (changes: Partial<TestSeries>) =>
      writeAs('service', { ...series, ...changes }).outcome.error?.message
    assert.match(errorOf({ kind: 'CUMULATIVE' }) ?? '', /must be DELTA, but is CUMULATIVE/)
    assert.match(errorOf({ kind: 'DELTA', value: { int64Value: '1' } }) ?? '', /must be DOUBLE, but is INT64/)
  })

  for (const type of ['kubernetes.io/container/of_our_own', 'istio.io/service/server/request_count'])
    test(`accepts ${type}, on any resource`, () => {
      const resource = { type: 'some_service.googleapis.com/Thing', labels: { anything: 'x' } }
      assert.equal(writeAs('service', { type, resource }).outcome.error, undefined)
    })

  for (const type of [
    TEST_TYPE,
    'custom.googleapis.com/x',
    'workload.googleapis.com/x',
    'prometheus.googleapis.com/x/gauge',
  ])
    test(`rejects the user-defined metric ${type}`, () =>
      assert.match(
        writeAs('service', { type }).outcome.error?.message ?? '',
        /User-defined metrics are written with timeSeries\.create\./,
      ))

  for (const type of ['prometheus.googleapis.com/x_sum/summary:counter', 'prometheus.googleapis.com/job:x:sum/gauge'])
    test(`accepts ${type}, whose name has a colon`, () =>
      assert.equal(writeAs('user', { type }).outcome.error, undefined))

  test('CreateTimeSeries rejects metrics of services', () => {
    assert.match(
      writeAs('user', { type: CPU, resource: vm }).outcome.error?.message ?? '',
      /Only metric types that begin with custom/,
    )
  })
})

describe('resources that support user-defined metrics', () => {
  const cases: [type: string, labels: Record<string, string>][] = [
    ['k8s_service', { location: 'us-east1', cluster_name: 'c', namespace_name: 'n', service_name: 's' }],
    ['generic_node', { location: 'us-central1-ai1a', namespace: '', node_id: 'in an AI zone' }],
    ['aws_lambda_function', { function_name: 'f', region: 'aws:us-east-1', aws_account: '1' }],
    ['cloud_composer_environment', { location: 'us-east1', environment_name: 'e' }],
    ['cloud_composer_workflow', { location: 'us-east1', environment_name: 'e', workflow_name: 'w' }],
  ]
  for (const [type, labels] of cases)
    test(type, () => assert.equal(write(newStore(), [seriesJson({ resource: { type, labels } })]).error, undefined))
})
