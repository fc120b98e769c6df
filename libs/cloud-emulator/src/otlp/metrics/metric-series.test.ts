import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import {
  attributes,
  exponentialHistogram,
  gauge,
  histogram,
  nanos,
  point,
  read,
  request,
  send,
  sum,
  TARGET,
} from '../../../test/testing/otlp-metrics.ts'
import { requestJson, startTestEmulator, writeAt } from '../../../test/testing/running-emulator.ts'
import { SPAN, TRACE } from '../../../test/testing/spans.ts'

describe('the series of a metric', () => {
  const summary = {
    name: 'latency',
    summary: { dataPoints: [point({ count: 4, sum: 9, quantileValues: [{ quantile: 0.99, value: 7 }] })] },
  }
  const exponential = exponentialHistogram({
    count: 6,
    sum: 20,
    scale: 0,
    zeroCount: 1,
    positive: { offset: 1, bucketCounts: [2, 3] },
  })
  const cases: [what: string, metric: object, type: string, kind: string, value: unknown][] = [
    ['a gauge', gauge('a.b', point()), 'a.b/gauge', 'GAUGE', { doubleValue: 1.5 }],
    ['an integer', gauge('a', point({ asDouble: undefined, asInt: '7' })), 'a/gauge', 'GAUGE', { doubleValue: 7 }],
    [
      "a gauge of Prometheus' unknown type",
      { ...gauge('a', point()), metadata: attributes({ 'prometheus.type': 'unknown' }) },
      'a/unknown',
      'GAUGE',
      { doubleValue: 1.5 },
    ],
    [
      'a name with all allowed characters',
      gauge('a.b:c/d_1-e', point()),
      'a.b:c/d_1-e/gauge',
      'GAUGE',
      { doubleValue: 1.5 },
    ],
    [
      'a name with the Prometheus domain',
      gauge('prometheus.googleapis.com/a.b', point()),
      'a.b/gauge',
      'GAUGE',
      { doubleValue: 1.5 },
    ],
    [
      'a sum, whose name gets neither its unit nor _total',
      { ...sum({}, point()), unit: 's' },
      'requests/counter',
      'CUMULATIVE',
      { doubleValue: 1.5 },
    ],
    [
      'a sum of integers',
      sum({}, point({ asDouble: undefined, asInt: '7' })),
      'requests/counter',
      'CUMULATIVE',
      { doubleValue: 7 },
    ],
    ['a delta sum', sum({ aggregationTemporality: 1 }, point()), 'requests/delta', 'DELTA', { doubleValue: 1.5 }],
    ['a non-monotonic sum', sum({ isMonotonic: false }, point()), 'requests/gauge', 'GAUGE', { doubleValue: 1.5 }],
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
      'a delta histogram',
      histogram({ bucketCounts: ['3'], explicitBounds: [] }, 1),
      'latency/histogram:delta',
      'DELTA',
      { distributionValue: { count: '3', mean: 2 } },
    ],
    [
      'a delta exponential histogram',
      exponentialHistogram({ count: 2, sum: 4, zeroCount: 2 }, 1),
      'size/histogram:delta',
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
      'a histogram with one bucket',
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

  test('an exponential histogram with 320 buckets is merged into 160', async (context) => {
    const emulator = await startTestEmulator(context)
    const metric = exponentialHistogram({
      count: 320,
      sum: 1,
      scale: 3,
      positive: { offset: -160, bucketCounts: Array(320).fill(1) },
    })
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

  test('attributes and the scope are labels', async (context) => {
    const emulator = await startTestEmulator(context)
    const values = { 'http.route': '/a', code: 200, ok: { boolValue: true }, _own: 'x' }
    const metric = gauge('g', point({ attributes: attributes(values) }))
    assert.equal((await send(emulator, request([metric], TARGET, { name: 's', version: '1' }))).rejected, 0)
    const [series] = await read(emulator, 'g/gauge')
    const labels = { 'http.route': '/a', code: '200', ok: 'true', _own: 'x' }
    assert.deepEqual(series.metric.labels, { ...labels, otel_scope_name: 's', otel_scope_version: '1' })
    const { json } = await requestJson(
      `${emulator.url}/v3/projects/demo-project/metricDescriptors/prometheus.googleapis.com/g/gauge`,
    )
    assert.equal(json.unit, 's')
  })

  test('a scope without a name and a version has no labels', async (context) => {
    const emulator = await startTestEmulator(context)
    await send(emulator, request([gauge('g', point())], TARGET, { name: '', version: '' }))
    const [series] = await read(emulator, 'g/gauge')
    assert.deepEqual(series.metric.labels ?? {}, {})
  })

  test('200 labels, as many as a metric may have', async (context) => {
    const emulator = await startTestEmulator(context)
    const keys = Array.from({ length: 200 }, (_, index) => `k${index}`)
    const values = Object.fromEntries(keys.map((key) => [key, key]))
    const body = request([gauge('g', point({ attributes: attributes(values) }))])
    assert.deepEqual(await send(emulator, body), { rejected: 0, message: '' })
    const [series] = await read(emulator, 'g/gauge')
    assert.deepEqual(series.metric.labels, values)
  })

  test('an exemplar links to its trace, and keeps the filtered attributes', async (context) => {
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

describe('target_info', () => {
  const infoOf = async (context: TestContext, ...resources: Record<string, unknown>[]) => {
    const emulator = await startTestEmulator(context)
    for (const resource of resources) await send(emulator, request([gauge('g', point())], resource))
    return read(emulator, 'target_info/gauge')
  }

  test('has the attributes of a resource, except for the three that identify a service', async (context) => {
    const identity = { 'service.name': 'shop', 'service.namespace': 'n', 'service.instance.id': '1' }
    const [info] = await infoOf(context, { ...identity, location: 'us-east1', 'host.name': 'h', 'process.pid': 7 })
    assert.deepEqual(info.metric.labels, { location: 'us-east1', 'host.name': 'h', 'process.pid': '7' })
    assert.deepEqual(info.points[0].value, { doubleValue: 1 })
    assert.equal(info.resource.labels.job, 'n/shop')
  })

  test('exists once for each resource', async (context) => {
    const resources = ['a', 'b', 'a'].map((instance) => ({ ...TARGET, instance, 'host.name': `host of ${instance}` }))
    const hosts = (await infoOf(context, ...resources)).map(({ metric }) => metric.labels['host.name'])
    assert.deepEqual(hosts.sort(), ['host of a', 'host of b'])
  })

  test('does not exist for a resource without other attributes', async (context) => {
    assert.deepEqual(await infoOf(context, { 'service.name': 'shop', 'service.instance.id': '1' }), [])
  })

  test('conflicts with one that was written as integers, and is rejected without an error for the caller', async (context) => {
    const emulator = await startTestEmulator(context)
    const type = 'prometheus.googleapis.com/target_info/gauge'
    await writeAt(emulator, -60, { type, value: { int64Value: '1' } })
    emulator.setTime(0)
    const resource = { ...TARGET, 'host.name': 'h' }
    assert.deepEqual(await send(emulator, request([gauge('g', point())], resource)), { rejected: 0, message: '' })
    const { refusals } = (await requestJson(`${emulator.url}/api/refusals`)).json
    const collision = refusals.find(({ reason }: { reason: string }) => reason === 'value_type')
    assert.match(collision.message, /conflicts with the existing value type \(INT64\)/)
    const descriptor = `${emulator.url}/v3/projects/demo-project/metricDescriptors/${type}`
    assert.equal((await requestJson(descriptor, { method: 'DELETE' })).status, 200)
    emulator.setTime(60)
    await send(emulator, request([gauge('g', point({ timeUnixNano: nanos(60) }))], resource))
    assert.equal((await read(emulator, 'target_info/gauge')).length, 1)
  })
})
