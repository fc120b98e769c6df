import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Labels } from '@node-to-cloud/promql'
import { bucketLayout } from '../monitoring/model/bucket-layout.ts'
import type { PointValue } from '../monitoring/model/point-value.ts'
import { PagePool } from '../monitoring/store/page-pool.ts'
import { Series, type StoredValueType } from '../monitoring/store/series.ts'
import { mappedName, metricNames } from './metric-names.ts'
import { promqlLabels } from './series-labels.ts'
import { distributionSamples, numberSamples } from './stored-samples.ts'

const MINUTE_MICROS = 60e6

function series(valueType: StoredValueType, values: readonly PointValue[]): Series {
  const identity = {
    metricType: 'custom.googleapis.com/x',
    metricLabels: {},
    resourceType: 'global',
    resourceLabels: {},
  }
  const made = new Series(identity, { key: 'x', metricKind: 'DELTA', valueType, pages: new PagePool() })
  for (const [i, value] of values.entries()) {
    const startMicros = i * MINUTE_MICROS
    made.append({ startMicros, endMicros: startMicros + MINUTE_MICROS, value, exemplars: [] }, 0)
  }
  return made
}

/** Cloud Monitoring names, and their PromQL names. */
const NAMES: readonly (readonly [type: string, name: string])[] = [
  ['compute.googleapis.com/instance/cpu/utilization', 'compute_googleapis_com:instance_cpu_utilization'],
  ['external.googleapis.com/prometheus/http_requests', 'external_googleapis_com:prometheus_http_requests'],
  ['kubernetes.io/container/memory/used_bytes', 'kubernetes_io:container_memory_used_bytes'],
  ['custom.googleapis.com/my-metric', 'custom_googleapis_com:my_metric'],
  ['prometheus.googleapis.com/up/gauge', 'up'],
  ['prometheus.googleapis.com/http_requests_total/counter', 'http_requests_total'],
  ['prometheus.googleapis.com/http.requests/counter', 'http.requests'],
]

for (const [type, name] of NAMES) {
  test(`${type} is ${name}`, () => {
    assert.equal(mappedName(type), name)
  })
}

test('a distribution has three names', () => {
  const names = metricNames('prometheus.googleapis.com/latency/histogram', 'DISTRIBUTION').map(({ name }) => name)
  assert.deepEqual(names, ['latency_bucket', 'latency_count', 'latency_sum'])
})

/** Labels of a metric and of its resource, and the resulting PromQL labels. */
const COLLISIONS: readonly (readonly [
  what: string,
  metric: Record<string, string>,
  resource: Record<string, string>,
  labels: Record<string, string>,
])[] = [
  ['none', { kind: 'm' }, { zone: 'r' }, { kind: 'm', zone: 'r' }],
  ['one', { zone: 'm', kind: 'k' }, { zone: 'r' }, { kind: 'k', metric_zone: 'm', zone: 'r' }],
  ['equal values', { zone: 'r' }, { zone: 'r' }, { metric_zone: 'r', zone: 'r' }],
  ['the project', { project_id: 'm' }, {}, { metric_project_id: 'm' }],
  ['the type of the resource', { monitored_resource: 'm' }, {}, { metric_monitored_resource: 'm' }],
  ['the name', { __name__: 'm' }, {}, { metric___name__: 'm' }],
  [
    'a label that already has the prefix',
    { zone: 'm', metric_zone: 'own' },
    { zone: 'r' },
    { metric_metric_zone: 'm', metric_zone: 'own', zone: 'r' },
  ],
  [
    'a label of the resource with the prefix',
    { zone: 'm' },
    { zone: 'r', metric_zone: 'r2' },
    { metric_metric_zone: 'm', metric_zone: 'r2', zone: 'r' },
  ],
]

for (const [what, metricLabels, resourceLabels, labels] of COLLISIONS) {
  test(`labels of a metric and its resource: ${what}`, () => {
    const identity = {
      metricType: 'custom.googleapis.com/x',
      metricLabels,
      resourceType: 'gce_instance',
      resourceLabels,
    }
    const made = new Series(identity, { key: 'x', metricKind: 'GAUGE', valueType: 'DOUBLE', pages: new PagePool() })
    const always = { __name__: 'x', monitored_resource: 'gce_instance', project_id: 'p' }
    assert.deepEqual(promqlLabels(made, 'x', 'p').toJSON(), { ...always, ...labels })
  })
}

test('points of DELTA metrics are summed up, including those before the window', () => {
  const window = { startMs: 120_000, endMs: 180_000 }
  const { timestamps, values, startTimestamps } = numberSamples(series('INT64', [5n, 6n, 7n]), Labels.empty, window)
  assert.deepEqual(
    [timestamps, values, startTimestamps],
    [
      [120_000, 180_000],
      [11, 18],
      [0, 0],
    ],
  )
})

test('DELTA distributions are summed up bucket by bucket', () => {
  const layout = bucketLayout({ explicitBuckets: { bounds: [1] } })
  const value = { layout, count: 3, mean: 2, sumOfSquaredDeviation: 0, counts: [1, 2] }
  const made = series('DISTRIBUTION', [value, value])
  const window = { startMs: 0, endMs: 120_000 }
  const of = (part: 'bucket' | 'count' | 'sum') =>
    distributionSamples(made, Labels.empty, part, window).map(({ labels, values }) => [String(labels), values])
  assert.deepEqual(of('bucket'), [
    ['{le="1"}', [1, 2]],
    ['{le="+Inf"}', [3, 6]],
  ])
  assert.deepEqual(of('count'), [['{}', [3, 6]]])
  assert.deepEqual(of('sum'), [['{}', [6, 12]]])
})
