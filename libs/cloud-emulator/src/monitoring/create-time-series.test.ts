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
} from '../testing/time-series.ts'
import { BucketLayouts } from './bucket-layout.ts'
import { createTimeSeries, type WriteOutcome } from './create-time-series.ts'
import type { CreateTimeSeriesSummaryMessage } from './messages.ts'
import { MetricStore } from './metric-store.ts'

const HOUR = 3600
const ORDER = (time: string): string =>
  `Points must be written in order. One or more of the points specified had an older ${time} time than the most recent point.`
const RATE =
  'One or more points were written more frequently than the maximum sampling period configured for the metric.'

function newStore(): MetricStore {
  return new MetricStore({ maxSeries: 1000, maxPointBytes: 1e9, retentionMicros: 6 * HOUR * 1e6 })
}

function write(
  store: MetricStore,
  series: readonly Record<string, unknown>[],
  options: { now?: number; project?: string } = {},
): WriteOutcome {
  const { now = 0, project } = options
  return createTimeSeries(writeRequest(series, project), {
    store,
    layouts: new BucketLayouts(),
    nowMicros: (START_SECONDS + now) * 1e6,
  })
}

function summaryOf(outcome: WriteOutcome): CreateTimeSeriesSummaryMessage {
  assert.ok(outcome.error, 'expected an error')
  const [detail] = outcome.error.details
  assert.equal(detail?.typeName, 'google.monitoring.v3.CreateTimeSeriesSummary')
  return detail.value as CreateTimeSeriesSummaryMessage
}

describe('a whole request is refused', () => {
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
      assert.equal(store.pointCount, 0, 'nothing of it is stored')
    })
  }

  test('a name that is no project', () => {
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

  test('all points of it count as refused, also those beyond the 200th', () => {
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

describe('one series is refused, the others are written', () => {
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
      'a type of Google',
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
      'a resource with a label too many',
      { resource: { type: 'global', labels: { colour: 'red' } } },
      /Unrecognized resource label: colour/,
      'resource',
    ],
    [
      'a location that is no region',
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
        'a refused series makes no descriptor',
      )
    })
  }

  test('a series twice: the first is written', () => {
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

describe('against what was written before', () => {
  const later: [what: string, first: TestSeries, second: TestSeries, expected: string | undefined, code?: number][] = [
    ['a gauge 5 s later', { end: 0 }, { end: 5 }, undefined],
    ['a gauge at the same time', { end: 0 }, { end: 0 }, ORDER('end')],
    ['a gauge before', { end: 0 }, { end: -10 }, ORDER('end')],
    ['a gauge less than 5 s later', { end: 0 }, { end: 4.999 }, RATE, 9],
    [
      'a counter that goes on',
      { kind: 'CUMULATIVE', start: -60, end: 0 },
      { kind: 'CUMULATIVE', start: -60, end: 10 },
      undefined,
    ],
    [
      'a counter at the same end',
      { kind: 'CUMULATIVE', start: -60, end: 0 },
      { kind: 'CUMULATIVE', start: -60, end: 0 },
      ORDER('end'),
    ],
    [
      'a counter that began earlier',
      { kind: 'CUMULATIVE', start: -60, end: 0 },
      { kind: 'CUMULATIVE', start: -61, end: 10 },
      ORDER('start'),
    ],
    [
      'a reset within what was counted',
      { kind: 'CUMULATIVE', start: -60, end: 0 },
      { kind: 'CUMULATIVE', start: -1, end: 10 },
      ORDER('start'),
    ],
    [
      'a reset at the very end',
      { kind: 'CUMULATIVE', start: -60, end: 0 },
      { kind: 'CUMULATIVE', start: 0, end: 10 },
      ORDER('start'),
    ],
    [
      'a reset 1 ms after the end',
      { kind: 'CUMULATIVE', start: -60, end: 0 },
      { kind: 'CUMULATIVE', start: 0.001, end: 10 },
      undefined,
    ],
    [
      'a counter too soon',
      { kind: 'CUMULATIVE', start: -60, end: 0 },
      { kind: 'CUMULATIVE', start: -60, end: 4 },
      RATE,
      9,
    ],
    [
      'another kind',
      { end: 0 },
      { kind: 'CUMULATIVE', start: -60, end: 10 },
      `Metric kind for metric ${TEST_TYPE} must be GAUGE, but is CUMULATIVE.`,
    ],
    [
      'another value type',
      { end: 0 },
      { end: 10, value: { int64Value: '1' } },
      `Value type for metric ${TEST_TYPE} must be DOUBLE, but is INT64.`,
    ],
    [
      'another declared value type',
      { end: 0 },
      { end: 10, valueType: 'INT64', value: { int64Value: '1' } },
      `Value type for metric ${TEST_TYPE} conflicts with the existing value type (DOUBLE).`,
    ],
    ['another series of the type', { end: 0 }, { end: 0, labels: { other: 'yes' } }, undefined],
  ]
  for (const [what, first, second, expected, code = 3] of later) {
    test(what, () => {
      const store = newStore()
      assert.equal(write(store, [seriesJson(first)]).error, undefined)
      const outcome = write(store, [seriesJson(second)], { now: 60 })
      if (expected === undefined) {
        assert.equal(outcome.error, undefined)
        assert.equal(store.pointCount, 2)
      } else {
        assert.equal(outcome.error?.code, 'INVALID_ARGUMENT')
        assert.deepEqual(summaryOf(outcome).errors, [{ status: { code, message: expected }, pointCount: 1 }])
        assert.equal(store.pointCount, 1)
      }
    })
  }

  test('equal problems are joined in the message, by resource', () => {
    const store = newStore()
    const node = { type: 'generic_node', labels: { location: 'global', namespace: '', node_id: '' } }
    const series = ['a', 'b', 'c', 'd'].map((label) => seriesJson({ labels: { label }, resource: node }))
    assert.equal(write(store, series).error, undefined)
    const outcome = write(store, [
      ...series.slice(0, 3),
      seriesJson({ labels: { label: 'new' }, resource: node }),
      ...series.slice(3),
    ])
    assert.equal(
      outcome.error?.message,
      `One or more TimeSeries could not be written: timeSeries[0-2,4]: write for resource=generic_node{location:global,namespace:,node_id:} failed with: ${ORDER('end')}`,
    )
    assert.deepEqual(summaryOf(outcome), {
      totalPointCount: 5,
      successPointCount: 1,
      errors: [{ status: { code: 3, message: ORDER('end') }, pointCount: 4 }],
    })
  })

  test('projects do not know of each other', () => {
    const store = newStore()
    assert.equal(write(store, [seriesJson()], { project: 'one' }).error, undefined)
    assert.equal(write(store, [seriesJson({ value: { int64Value: '1' } })], { project: 'two' }).error, undefined)
  })
})

describe('descriptors are made of the first series', () => {
  test('with its kind, value type, unit and sorted labels', () => {
    const store = newStore()
    write(store, [
      seriesJson({
        kind: 'CUMULATIVE',
        start: -60,
        value: { int64Value: '7' },
        labels: { b: '1', a: '2' },
        unit: 'By',
      }),
    ])
    const descriptor = store.project('demo-project').descriptors.get(TEST_TYPE)
    assert.deepEqual(
      descriptor?.labels.map(({ key, valueType }) => [key, valueType]),
      [
        ['a', 'STRING'],
        ['b', 'STRING'],
      ],
    )
    assert.equal(descriptor?.metricKind, 'CUMULATIVE')
    assert.equal(descriptor?.valueType, 'INT64')
    assert.equal(descriptor?.unit, 'By')
    assert.equal(descriptor?.description, '')
  })

  test('GAUGE where the series says no kind; later series take the kind of the descriptor', () => {
    const store = newStore()
    const unspecified = (end: number) => ({ ...seriesJson({ end }), metricKind: 'METRIC_KIND_UNSPECIFIED' })
    assert.equal(write(store, [unspecified(0)]).error, undefined)
    assert.equal(store.project('demo-project').descriptors.get(TEST_TYPE)?.metricKind, 'GAUGE')
    assert.equal(write(store, [unspecified(10)], { now: 10 }).error, undefined)
  })

  test('new labels are added, up to 30', () => {
    const store = newStore()
    const many = (from: number, count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`l${from + index}`, 'x']))
    assert.equal(write(store, [seriesJson({ labels: many(0, 20) })]).error, undefined)
    assert.equal(write(store, [seriesJson({ labels: many(15, 15) })]).error, undefined)
    assert.equal(store.project('demo-project').descriptors.get(TEST_TYPE)?.labels.length, 30)
    const outcome = write(store, [seriesJson({ labels: many(30, 1) })])
    assert.match(outcome.error?.message ?? '', /would have 31 labels; at most 30/)
    assert.equal(store.seriesCount, 2)
  })
})

test('a project has 25,000 descriptors at most: series of one more type are refused, of the others written', () => {
  const store = newStore()
  write(store, [seriesJson({ type: 'custom.googleapis.com/known' })])
  const { descriptors } = store.project('demo-project')
  const [known] = descriptors.values()
  assert.ok(known)
  for (let index = 1; index < 25_000; index++) {
    const type = `custom.googleapis.com/made_${index}`
    descriptors.set(type, { ...known, type })
  }
  const outcome = write(
    store,
    [
      seriesJson({ type: 'custom.googleapis.com/one_more', end: 10 }),
      seriesJson({ type: 'custom.googleapis.com/known', end: 10 }),
    ],
    { now: 10 },
  )
  const summary = summaryOf(outcome)
  assert.deepEqual([summary.totalPointCount, summary.successPointCount], [2, 1])
  assert.match(outcome.error?.message ?? '', /The project has 25000 metric descriptors, which is the limit/)
  assert.equal(descriptors.size, 25_000)
})

test('the points come back as they were written', () => {
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
