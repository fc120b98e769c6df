import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { requestJson, startTestEmulator, type TestEmulator } from '../../../test/testing/running-emulator.ts'
import { SPAN, TRACE } from '../../../test/testing/spans.ts'
import { START_SECONDS } from '../../../test/testing/time-series.ts'

const TARGET = { location: 'us-central1', instance: 'i-1', job: 'shop' }
const nanos = (seconds: number): string => `${START_SECONDS + seconds}000000000`
const attributes = (values: Record<string, unknown>): object[] =>
  Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === 'string' ? { stringValue: value } : typeof value === 'number' ? { intValue: value } : value,
  }))
const request = (metrics: object[], resource: Record<string, unknown> = TARGET, scope: object = {}): object => ({
  resourceMetrics: [{ resource: { attributes: attributes(resource) }, scopeMetrics: [{ scope, metrics }] }],
})
const point = (changes: object = {}): object => ({
  startTimeUnixNano: nanos(-60),
  timeUnixNano: nanos(0),
  asDouble: 1.5,
  ...changes,
})
const gauge = (name: string, ...dataPoints: object[]): object => ({ name, unit: 's', gauge: { dataPoints } })
const sum = (changes: object = {}, ...dataPoints: object[]): object => ({
  name: 'requests',
  sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints, ...changes },
})
const histogram = (changes: object = {}, temporality = 2): object => ({
  name: 'latency',
  histogram: {
    aggregationTemporality: temporality,
    dataPoints: [point({ count: 3, sum: 6, bucketCounts: ['1', 2, 0], explicitBounds: [1, 5], ...changes })],
  },
})

async function send(emulator: TestEmulator, body: object): Promise<{ rejected: number; message: string }> {
  const { status, json } = await requestJson(`${emulator.url}/v1/metrics`, { body })
  assert.equal(status, 200, JSON.stringify(json))
  const { rejectedDataPoints = '0', errorMessage = '' } = json.partialSuccess ?? {}
  return { rejected: Number(rejectedDataPoints), message: errorMessage }
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many forms
async function read({ url }: TestEmulator, type: string, project = 'demo-project'): Promise<any[]> {
  const query = new URLSearchParams({
    filter: `metric.type="prometheus.googleapis.com/${type}"`,
    'interval.startTime': new Date((START_SECONDS - 3600) * 1000).toISOString(),
    'interval.endTime': new Date((START_SECONDS + 3600) * 1000).toISOString(),
  })
  const { json } = await requestJson(`${url}/v3/projects/${project}/timeSeries?${query}`)
  return json.timeSeries ?? []
}

describe('where the labels of prometheus_target come from', () => {
  const k8s = { 'k8s.pod.name': 'pod', location: 'us-east1' }
  const cases: [resource: Record<string, unknown>, label: string, value: string][] = [
    [{ ...TARGET, location: 'us-east1', 'cloud.availability_zone': 'us-west1-a' }, 'location', 'us-east1'],
    [{ instance: 'i', 'cloud.availability_zone': 'us-west1-a', 'cloud.region': 'us-west2' }, 'location', 'us-west1-a'],
    [{ instance: 'i', 'cloud.region': 'us-west2' }, 'location', 'us-west2'],
    [{ ...TARGET, cluster: 'a', 'k8s.cluster.name': 'b' }, 'cluster', 'a'],
    [{ ...TARGET, 'k8s.cluster.name': 'b', 'cloud.platform': 'gcp_cloud_run' }, 'cluster', 'b'],
    [{ ...TARGET, 'cloud.platform': 'gcp_compute_engine' }, 'cluster', '__gce__'],
    [{ ...TARGET, 'cloud.platform': 'gcp_cloud_run' }, 'cluster', '__run__'],
    [{ ...TARGET, 'cloud.platform': 'aws_ec2' }, 'cluster', ''],
    [{ ...TARGET, namespace: 'a', 'k8s.namespace.name': 'b' }, 'namespace', 'a'],
    [{ ...TARGET, 'k8s.namespace.name': 'b', 'service.namespace': 'c' }, 'namespace', 'b'],
    [{ ...TARGET, 'service.namespace': 'c' }, 'namespace', 'c'],
    [TARGET, 'namespace', ''],
    [{ ...TARGET, job: 'j', 'service.name': 's' }, 'job', 'j'],
    [{ ...k8s, 'service.namespace': 'n', 'service.name': 's' }, 'job', 'n/s'],
    [{ ...k8s, 'service.name': 's', 'faas.name': 'f' }, 'job', 's'],
    [{ ...k8s, 'service.name': 'unknown_service:node', 'faas.name': 'f' }, 'job', 'f'],
    [{ ...k8s, 'service.name': 'unknown_service', 'k8s.deployment.name': 'd' }, 'job', 'd'],
    [{ ...k8s, 'k8s.replicaset.name': 'r' }, 'job', 'r'],
    [{ ...k8s, 'k8s.statefulset.name': 'r' }, 'job', 'r'],
    [{ ...k8s, 'k8s.daemonset.name': 'r' }, 'job', 'r'],
    [{ ...k8s, 'k8s.job.name': 'r' }, 'job', 'r'],
    [{ ...k8s, 'k8s.cronjob.name': 'r' }, 'job', 'r'],
    [{ ...k8s, 'service.name': 'unknown_service:node' }, 'job', 'unknown_service:node'],
    [k8s, 'job', ''],
    [{ ...TARGET, instance: 'i', 'service.instance.id': 'x' }, 'instance', 'i'],
    [{ ...k8s, 'service.instance.id': 'x', 'faas.instance': 'y' }, 'instance', 'x'],
    [{ ...k8s, 'faas.instance': 'y' }, 'instance', 'y'],
    [{ ...k8s, 'k8s.container.name': 'c' }, 'instance', 'pod:c'],
    [{ ...k8s, 'host.id': 'h' }, 'instance', 'pod'],
    [{ location: 'us-east1', 'host.id': 'h' }, 'instance', 'h'],
  ]
  for (const [resource, label, value] of cases)
    test(`${label} of ${JSON.stringify(resource)} is "${value}"`, async (context) => {
      const emulator = await startTestEmulator(context, { strict: 'on' })
      const body = request([gauge('g', point())], { 'gcp.project_id': 'p', ...resource })
      assert.deepEqual(await send(emulator, body), { rejected: 0, message: '' })
      const [series] = await read(emulator, 'g/gauge', 'p')
      assert.equal(series.resource.type, 'prometheus_target')
      assert.equal(series.resource.labels[label] ?? '', value)
    })
})

describe('which series a metric becomes', () => {
  const summary = {
    name: 'latency',
    summary: { dataPoints: [point({ count: 4, sum: 9, quantileValues: [{ quantile: 0.99, value: 7 }] })] },
  }
  const exponential = {
    name: 'size',
    exponentialHistogram: {
      aggregationTemporality: 2,
      dataPoints: [point({ count: 6, sum: 20, scale: 0, zeroCount: 1, positive: { offset: 1, bucketCounts: [2, 3] } })],
    },
  }
  const cases: [what: string, metric: object, type: string, kind: string, value: unknown][] = [
    ['a gauge', gauge('a.b', point()), 'a.b/gauge', 'GAUGE', { doubleValue: 1.5 }],
    ['an integer', gauge('a', point({ asDouble: undefined, asInt: '7' })), 'a/gauge', 'GAUGE', { doubleValue: 7 }],
    [
      'a gauge of an unknown type of Prometheus',
      { ...gauge('a', point()), metadata: attributes({ 'prometheus.type': 'unknown' }) },
      'a/unknown',
      'GAUGE',
      { doubleValue: 1.5 },
    ],
    [
      'a name with all that may be in one',
      gauge('a.b:c/d_1', point()),
      'a.b:c/d_1/gauge',
      'GAUGE',
      { doubleValue: 1.5 },
    ],
    ['a sum', sum({}, point()), 'requests/counter', 'CUMULATIVE', { doubleValue: 1.5 }],
    ['a sum of deltas', sum({ aggregationTemporality: 1 }, point()), 'requests/counter', 'DELTA', { doubleValue: 1.5 }],
    ['a sum that may fall', sum({ isMonotonic: false }, point()), 'requests/gauge', 'GAUGE', { doubleValue: 1.5 }],
    [
      'a histogram',
      histogram(),
      'latency/histogram',
      'CUMULATIVE',
      {
        distributionValue: {
          count: '3',
          mean: 2,
          sumOfSquaredDeviation: 3,
          bucketOptions: { explicitBuckets: { bounds: [1, 5] } },
          bucketCounts: ['1', '2', '0'],
        },
      },
    ],
    [
      'a histogram of deltas',
      histogram({ bucketCounts: ['3'], explicitBounds: [] }, 1),
      'latency/histogram',
      'DELTA',
      { distributionValue: { count: '3', mean: 2 } },
    ],
    [
      'an exponential histogram of deltas',
      {
        name: 'size',
        exponentialHistogram: { aggregationTemporality: 1, dataPoints: [point({ count: 2, sum: 4, zeroCount: 2 })] },
      },
      'size/histogram',
      'DELTA',
      {
        distributionValue: {
          count: '2',
          mean: 2,
          sumOfSquaredDeviation: 2,
          bucketOptions: { exponentialBuckets: { numFiniteBuckets: 1, growthFactor: 2, scale: 1 } },
          bucketCounts: ['2', '0', '0'],
        },
      },
    ],
    [
      'a histogram of one bucket',
      histogram({ bucketCounts: ['3'], explicitBounds: [] }),
      'latency/histogram',
      'CUMULATIVE',
      { distributionValue: { count: '3', mean: 2 } },
    ],
    [
      'an exponential histogram',
      exponential,
      'size/histogram',
      'CUMULATIVE',
      {
        distributionValue: {
          count: '6',
          mean: 20 / 6,
          sumOfSquaredDeviation: 2 * (3 - 20 / 6) ** 2 + 3 * (6 - 20 / 6) ** 2 + (2 - 20 / 6) ** 2,
          bucketOptions: { exponentialBuckets: { numFiniteBuckets: 2, growthFactor: 2, scale: 2 } },
          bucketCounts: ['1', '2', '3', '0'],
        },
      },
    ],
    ["a summary's quantile", summary, 'latency/summary', 'GAUGE', { doubleValue: 7 }],
    ["a summary's sum", summary, 'latency_sum/summary:counter', 'CUMULATIVE', { doubleValue: 9 }],
    ["a summary's count", summary, 'latency_count/summary', 'CUMULATIVE', { doubleValue: 4 }],
  ]
  for (const [what, metric, type, kind, value] of cases)
    test(`${what}: ${type}`, async (context) => {
      const emulator = await startTestEmulator(context)
      assert.deepEqual(await send(emulator, request([metric])), { rejected: 0, message: '' })
      const [series, ...more] = await read(emulator, type)
      assert.deepEqual(more, [])
      assert.equal(series.metricKind, kind)
      assert.deepEqual(series.points[0].value, value)
    })

  test('an exponential histogram of 320 buckets is joined into 160', async (context) => {
    const emulator = await startTestEmulator(context)
    const dataPoint = point({
      count: 320,
      sum: 1,
      scale: 3,
      positive: { offset: -160, bucketCounts: Array(320).fill(1) },
    })
    const metric = { name: 'size', exponentialHistogram: { aggregationTemporality: 2, dataPoints: [dataPoint] } }
    assert.deepEqual(await send(emulator, request([metric])), { rejected: 0, message: '' })
    const [{ points }] = await read(emulator, 'size/histogram')
    const { bucketOptions, bucketCounts } = points[0].value.distributionValue
    assert.deepEqual(bucketOptions.exponentialBuckets, {
      numFiniteBuckets: 160,
      growthFactor: 2 ** 0.25,
      scale: 2 ** -20,
    })
    assert.deepEqual(bucketCounts, ['0', ...Array(160).fill('2'), '0'])
  })

  test('attributes and the scope are labels; the resource is target_info', async (context) => {
    const emulator = await startTestEmulator(context)
    const values = { 'http.route': '/a', code: 200, ok: { boolValue: true }, _own: 'x' }
    const resource = { ...TARGET, 'service.name': 'shop', 'host.name': 'h' }
    const body = request([gauge('g', point({ attributes: attributes(values) }))], resource, { name: 's', version: '1' })
    assert.deepEqual(await send(emulator, body), { rejected: 0, message: '' })
    const [series] = await read(emulator, 'g/gauge')
    assert.deepEqual(series.metric.labels, {
      'http.route': '/a',
      code: '200',
      ok: 'true',
      _own: 'x',
      otel_scope_name: 's',
      otel_scope_version: '1',
    })
    const [info] = await read(emulator, 'target_info/gauge')
    assert.deepEqual(info.metric.labels, { 'host.name': 'h' })
    assert.deepEqual(info.points[0].value, { doubleValue: 1 })
    const { json } = await requestJson(
      `${emulator.url}/v3/projects/demo-project/metricDescriptors/prometheus.googleapis.com/g/gauge`,
    )
    assert.equal(json.unit, 's')
  })

  test('an exemplar leads to its trace, and keeps the attributes that were filtered', async (context) => {
    const emulator = await startTestEmulator(context)
    const exemplars = [
      {
        timeUnixNano: nanos(-1),
        asDouble: 4,
        traceId: TRACE,
        spanId: SPAN,
        filteredAttributes: attributes({ user: 'u' }),
      },
    ]
    await send(emulator, request([histogram({ exemplars })]))
    const [series] = await read(emulator, 'latency/histogram')
    const [exemplar] = series.points[0].value.distributionValue.exemplars
    assert.equal(exemplar.value, 4)
    assert.deepEqual(exemplar.attachments, [
      {
        '@type': 'type.googleapis.com/google.monitoring.v3.SpanContext',
        spanName: `projects/demo-project/traces/${TRACE}/spans/${SPAN}`,
      },
      { '@type': 'type.googleapis.com/google.monitoring.v3.DroppedLabels', label: { user: 'u' } },
    ])
  })
})

describe('what is refused, the rest being stored', () => {
  const start = nanos(0)
  const cases: [what: string, metric: object, rejected: number, message: RegExp][] = [
    ['a name with a hyphen', gauge('a-b', point(), point()), 2, /The metric name "a-b" does not match/],
    ['a name that begins with a digit', gauge('1a', point()), 1, /"1a" does not match/],
    ['a name of more than ASCII', gauge('größe', point()), 1, /does not match/],
    ['an empty name', gauge('', point()), 1, /The metric name "" does not match/],
    ['a long name', gauge('a'.repeat(300), point()), 1, /at most 200 are allowed/],
    ['a label key with a hyphen', gauge('a', point({ attributes: attributes({ 'a-b': '' }) })), 1, /label key "a-b"/],
    [
      'too many labels',
      gauge(
        'a',
        point({ attributes: attributes(Object.fromEntries(Array.from({ length: 31 }, (_, i) => [`k${i}`, '']))) }),
      ),
      1,
      /It has 31 labels; at most 30/,
    ],
    ['no temporality', sum({ aggregationTemporality: 0 }, point()), 1, /temporality of metric requests must be set/],
    ['a histogram without temporality', histogram({}, 0), 1, /temporality of metric latency must be set/],
    ['a label key with a slash', gauge('a', point({ attributes: attributes({ 'a/b': '' }) })), 1, /label key "a\/b"/],
    [
      'a label key that begins with a digit',
      gauge('a', point({ attributes: attributes({ '1a': '' }) })),
      1,
      /label key "1a"/,
    ],
    [
      'a label key of more than ASCII',
      gauge('a', point({ attributes: attributes({ größe: '' }) })),
      1,
      /label key "größe"/,
    ],
    [
      'deltas that may fall',
      sum({ aggregationTemporality: 1, isMonotonic: false }, point()),
      1,
      /send it as cumulative/,
    ],
    ['a counter without a start', sum({}, point({ startTimeUnixNano: start })), 1, /start time must be before the end/],
    ['a point of yesterday', gauge('a', point({ timeUnixNano: nanos(-100_000) })), 1, /more than 25h10s in the past/],
    ['a point of tomorrow', gauge('a', point({ timeUnixNano: nanos(100_000) })), 1, /more than 5m in the future/],
    ['a histogram whose counts differ', histogram({ count: 9 }), 1, /is not the sum of \|bucket_counts\|/],
    ['bounds that fall', histogram({ explicitBounds: [5, 1] }), 1, /must be strictly increasing/],
  ]
  for (const [what, metric, rejected, message] of cases)
    test(what, async (context) => {
      const emulator = await startTestEmulator(context)
      const answer = await send(emulator, request([metric, gauge('good', point())]))
      assert.equal(answer.rejected, rejected)
      assert.match(answer.message, message)
      assert.equal((await read(emulator, 'good/gauge')).length, 1)
      const { total, refusals } = (await requestJson(`${emulator.url}/api/refusals`)).json
      assert.equal(total, rejected)
      assert.match(refusals[0].message, message)
    })

  test('a point that no value was recorded for is neither stored nor refused', async (context) => {
    const emulator = await startTestEmulator(context)
    assert.deepEqual(await send(emulator, request([gauge('a', point({ flags: 1 }))])), { rejected: 0, message: '' })
    assert.deepEqual(await read(emulator, 'a/gauge'), [])
  })

  test('one kind of a metric after the other, and points too close together', async (context) => {
    const emulator = await startTestEmulator(context)
    await send(emulator, request([sum({}, point())]))
    emulator.setTime(2)
    const close = await send(emulator, request([sum({}, point({ timeUnixNano: nanos(2) }))]))
    assert.match(close.message, /written more frequently than the maximum sampling period/)
    emulator.setTime(60)
    const other = await send(
      emulator,
      request([sum({ aggregationTemporality: 1 }, point({ timeUnixNano: nanos(60) }))]),
    )
    assert.match(other.message, /must be CUMULATIVE, but is DELTA/)
  })
})

test('a counter that is reset begins anew; the change of the whole is that of both parts', async (context) => {
  const emulator = await startTestEmulator(context)
  const at = async (startSeconds: number, seconds: number, asDouble: number): Promise<void> => {
    emulator.setTime(seconds)
    const dataPoint = point({ startTimeUnixNano: nanos(startSeconds), timeUnixNano: nanos(seconds), asDouble })
    assert.deepEqual(await send(emulator, request([sum({}, dataPoint)])), { rejected: 0, message: '' })
  }
  await at(-60, 0, 5)
  await at(-60, 60, 8)
  await at(90, 120, 2)
  const [{ points }] = await read(emulator, 'requests/counter')
  assert.deepEqual(
    points.map(({ value }: { value: { doubleValue: number } }) => value.doubleValue),
    [2, 8, 5],
  )
})

test('an exponential histogram may change its scale from point to point', async (context) => {
  const emulator = await startTestEmulator(context)
  for (const [seconds, scale, offset, bucketCounts] of [
    [0, 3, 8, [1, 2]],
    [60, 1, 2, [3, 4, 5]],
  ] as const) {
    emulator.setTime(seconds)
    const count = bucketCounts.reduce((total, one) => total + one, 0)
    const dataPoint = point({ timeUnixNano: nanos(seconds), count, sum: 1, scale, positive: { offset, bucketCounts } })
    const metric = { name: 'size', exponentialHistogram: { aggregationTemporality: 2, dataPoints: [dataPoint] } }
    assert.deepEqual(await send(emulator, request([metric])), { rejected: 0, message: '' })
  }
  const [{ points }] = await read(emulator, 'size/histogram')
  assert.deepEqual(
    points.map(
      (one: { value: { distributionValue: { bucketCounts: string[] } } }) => one.value.distributionValue.bucketCounts,
    ),
    [
      ['0', '3', '4', '5', '0'],
      ['0', '1', '2', '0'],
    ],
  )
})

describe('a resource that lacks what Google needs', () => {
  const post = async (context: TestContext, strict: 'on' | 'auto', resource: Record<string, unknown>) => {
    const emulator = await startTestEmulator(context, { strict })
    const body = request([gauge('g', point())], resource)
    const answer = await requestJson(`${emulator.url}/v1/metrics`, { body })
    await requestJson(`${emulator.url}/v1/metrics`, { body: request([gauge('h', point())], resource) })
    return { emulator, answer, refusals: (await requestJson(`${emulator.url}/api/refusals`)).json }
  }

  test('on a plaintext port it is stored, and the Writes page says once what Google says', async (context) => {
    const { emulator, answer, refusals } = await post(context, 'auto', { 'service.name': 'shop', 'host.name': 'h' })
    assert.deepEqual(answer.json, {})
    const [series] = await read(emulator, 'g/gauge')
    const { location, job, instance } = series.resource.labels
    assert.deepEqual([location, job, instance], ['global', 'shop', 'h'])
    assert.deepEqual(
      refusals.refusals.map(({ subject, points }: { subject: string; points: number }) => [subject, points]),
      [
        ['metrics of shop', 0],
        ['metrics of shop', 0],
      ],
    )
    assert.match(refusals.refusals[0].message, /must not be empty: location .*, instance .*Google refuses/)
    assert.match(refusals.refusals[1].message, /missing required attribute "gcp\.project_id"/)
  })

  test('strictly, a request without a project is refused as a whole', async (context) => {
    const { emulator, answer } = await post(context, 'on', TARGET)
    assert.equal(answer.status, 400)
    assert.deepEqual(answer.json, { code: 3, message: 'Resource is missing required attribute "gcp.project_id".' })
    assert.equal((await requestJson(`${emulator.url}/api/summary`)).json.points, 0)
  })

  test('strictly, points without location or instance are refused', async (context) => {
    const { answer } = await post(context, 'on', { 'gcp.project_id': 'p', 'host.name': 'h' })
    assert.equal(answer.status, 200)
    assert.equal(answer.json.partialSuccess.rejectedDataPoints, '1')
    assert.match(answer.json.partialSuccess.errorMessage, /must not be empty: location .*, instance/)
  })
})
