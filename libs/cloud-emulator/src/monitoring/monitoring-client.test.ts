import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { MetricServiceClient, protos } from '@google-cloud/monitoring'
import { metricClient } from '../../test/testing/metric-client.ts'
import { startTestEmulator, type TestEmulator } from '../../test/testing/running-emulator.ts'
import { START_SECONDS } from '../../test/testing/time-series.ts'

const NAME = 'projects/demo-project'
const TYPE = 'external.googleapis.com/prometheus/requests_total'

type TimeSeries = protos.google.monitoring.v3.ITimeSeries

async function start(context: TestContext): Promise<{ emulator: TestEmulator; client: MetricServiceClient }> {
  const emulator = await startTestEmulator(context)
  const client = metricClient(context, emulator)
  return { emulator, client }
}

function counter(labels: Record<string, string>, options: { end: number; value: number }): TimeSeries {
  return {
    metric: { type: TYPE, labels },
    resource: {
      type: 'generic_task',
      labels: { location: 'us-central1', namespace: 'default', job: 'j', task_id: 't' },
    },
    metricKind: 'CUMULATIVE',
    points: [
      {
        interval: { startTime: { seconds: START_SECONDS - 60 }, endTime: { seconds: START_SECONDS + options.end } },
        value: { int64Value: options.value },
      },
    ],
  }
}

async function writeMinutes(emulator: TestEmulator, client: MetricServiceClient, minutes: number): Promise<void> {
  for (let minute = 0; minute <= minutes; minute++) {
    emulator.setTime(minute * 60)
    const timeSeries = ['200', '500'].map((status, index) =>
      counter({ status }, { end: minute * 60, value: 10 + minute * 60 * (index + 1) }),
    )
    await client.createTimeSeries({ name: NAME, timeSeries })
  }
}

const interval = (from: number, to: number) => ({
  startTime: { seconds: START_SECONDS + from },
  endTime: { seconds: START_SECONDS + to },
})

describe("Google's own client", () => {
  test('writes, and lists descriptors and series', async (context) => {
    const { emulator, client } = await start(context)
    await writeMinutes(emulator, client, 3)
    const [descriptors] = await client.listMetricDescriptors({ name: NAME })
    assert.deepEqual(
      descriptors.map(({ name, type, metricKind, valueType, labels }) => ({
        name,
        type,
        metricKind,
        valueType,
        labels: labels?.map(({ key }) => key),
      })),
      [
        {
          name: `${NAME}/metricDescriptors/${TYPE}`,
          type: TYPE,
          metricKind: 'CUMULATIVE',
          valueType: 'INT64',
          labels: ['status'],
        },
      ],
    )
    const [series] = await client.listTimeSeries({
      name: NAME,
      filter: `metric.type = "${TYPE}" AND metric.labels.status = "500"`,
      interval: interval(0, 120),
      view: 'FULL',
    })
    assert.equal(series.length, 1)
    assert.equal(series[0]?.resource?.labels?.project_id, 'demo-project')
    assert.deepEqual(
      series[0]?.points?.map((point) => [
        Number(point.interval?.endTime?.seconds) - START_SECONDS,
        Number(point.value?.int64Value),
      ]),
      [
        [120, 250],
        [60, 130],
      ],
    )
  })

  test('aligns and reduces', async (context) => {
    const { emulator, client } = await start(context)
    await writeMinutes(emulator, client, 3)
    const [series] = await client.listTimeSeries({
      name: NAME,
      filter: `metric.type = "${TYPE}"`,
      interval: interval(0, 180),
      aggregation: {
        alignmentPeriod: { seconds: 60 },
        perSeriesAligner: 'ALIGN_RATE',
        crossSeriesReducer: 'REDUCE_SUM',
      },
    })
    assert.deepEqual(
      series.map((one) => [one.metricKind, one.valueType, one.metric?.labels]),
      [['GAUGE', 'DOUBLE', {}]],
    )
    assert.deepEqual(
      series[0]?.points?.map((point) => point.value?.doubleValue),
      [3, 3, 3],
    )
  })

  test('has pages of points, also within a series, or of series if only headers are requested', async (context) => {
    const { emulator, client } = await start(context)
    await writeMinutes(emulator, client, 3)
    const request = { name: NAME, filter: `metric.type = "${TYPE}"`, interval: interval(-1, 180), pageSize: 3 }
    const sizes: number[] = []
    let pageToken = ''
    const seen: number[] = []
    do {
      const [series, , response] = await client.listTimeSeries({ ...request, pageToken }, { autoPaginate: false })
      const points = series.flatMap((one) => one.points ?? [])
      sizes.push(points.length)
      seen.push(...points.map((point) => Number(point.value?.int64Value)))
      pageToken = response.nextPageToken ?? ''
    } while (pageToken !== '')
    assert.deepEqual(sizes, [3, 3, 2])
    const first = [190, 130, 70, 10]
    const second = [370, 250, 130, 10]
    assert.deepEqual(seen, seen[0] === first[0] ? [...first, ...second] : [...second, ...first])
    const [headers] = await client.listTimeSeries({ ...request, view: 'HEADERS', pageSize: 1 })
    assert.deepEqual(headers.map((one) => [one.metric?.labels?.status, one.points?.length]).sort(), [
      ['200', 0],
      ['500', 0],
    ])
    await assert.rejects(client.listTimeSeries({ ...request, pageToken: 'p3-xyz' }, { autoPaginate: false }), {
      code: 3,
      message: /Field pageToken had an invalid value/,
    })
  })

  test('gets rejected points from the status details', async (context) => {
    const { client } = await start(context)
    await client.createTimeSeries({ name: NAME, timeSeries: [counter({ status: '200' }, { end: 0, value: 1 })] })
    const again = client.createTimeSeries({
      name: NAME,
      timeSeries: [counter({ status: '200' }, { end: 0, value: 1 }), counter({ status: '500' }, { end: 0, value: 1 })],
    })
    await assert.rejects(again, (error: Error & { code: number; statusDetails: unknown[] }) => {
      assert.equal(error.code, 3)
      assert.match(
        error.message,
        /^3 INVALID_ARGUMENT: One or more TimeSeries could not be written: timeSeries\[0\]: write for resource=generic_task\{/,
      )
      const message =
        'Points must be written in order. One or more of the points specified had an older end time than the most recent point.'
      assert.deepEqual(JSON.parse(JSON.stringify(error.statusDetails)), [
        { totalPointCount: 2, successPointCount: 1, errors: [{ status: { code: 3, message }, pointCount: 1 }] },
      ])
      return true
    })
  })

  test('gets rejected points for any number of reasons: the response fits into its headers', async (context) => {
    const { client } = await start(context)
    const timeSeries = Array.from({ length: 200 }, (_, index) => {
      const { resource, ...series } = counter({}, { end: 0, value: 1 })
      const labels = { ...resource?.labels, task_id: `${index} é ${'x'.repeat(200)}` }
      return { ...series, resource: { type: 'generic_task', labels } }
    })
    await client.createTimeSeries({ name: NAME, timeSeries })
    const wrong = Array.from({ length: 100 }, (_, index) => ({
      ...counter({}, { end: 0, value: 1 }),
      metric: { type: `custom.googleapis.com/${index}:${'x'.repeat(150)}` },
    }))
    for (const [series, errors] of [
      [timeSeries, 1],
      [[...timeSeries.slice(0, 100), ...wrong], 2],
      [wrong, 2],
    ] as const) {
      await assert.rejects(
        client.createTimeSeries({ name: NAME, timeSeries: [...series] }),
        (error: Error & { code: number; statusDetails: { errors: { pointCount: number }[] }[] }) => {
          assert.equal(error.code, 3, error.message)
          assert.match(error.message, /could not be written: .*…$/)
          assert.ok(Buffer.byteLength(encodeURI(error.message)) < 5_200, `${error.message.length} characters`)
          const [summary] = error.statusDetails
          assert.ok(summary && summary.errors.length >= errors)
          const points = summary.errors.reduce((sum, { pointCount }) => sum + pointCount, 0)
          assert.equal(points, series.length)
          assert.ok(JSON.stringify(summary).length < 3_000, 'the summary fits too')
          return true
        },
      )
    }
  })

  test('keeps distributions with their exemplars', async (context) => {
    const { client } = await start(context)
    const value = {
      distributionValue: {
        count: 3,
        mean: 2,
        sumOfSquaredDeviation: 0.5,
        bucketOptions: { explicitBuckets: { bounds: [1, 2] } },
        bucketCounts: [1, 1, 1],
        exemplars: [{ value: 1.5, timestamp: { seconds: START_SECONDS } }],
      },
    }
    const type = 'custom.googleapis.com/latency'
    const points = [{ interval: { endTime: { seconds: START_SECONDS } }, value }]
    await client.createTimeSeries({
      name: NAME,
      timeSeries: [{ metric: { type }, resource: { type: 'global' }, points }],
    })
    const [[series]] = await client.listTimeSeries({
      name: NAME,
      filter: `metric.type = "${type}"`,
      interval: interval(-1, 0),
    })
    const read = series?.points?.[0]?.value?.distributionValue
    assert.deepEqual([Number(read?.count), read?.mean, read?.sumOfSquaredDeviation], [3, 2, 0.5])
    assert.deepEqual(read?.bucketOptions?.explicitBuckets?.bounds, [1, 2])
    assert.deepEqual(read?.bucketCounts?.map(Number), [1, 1, 1])
    assert.equal(read?.exemplars?.[0]?.value, 1.5)
  })

  test('creates, changes, gets and deletes a descriptor', async (context) => {
    const { client } = await start(context)
    const type = 'custom.googleapis.com/temperature'
    const name = `${NAME}/metricDescriptors/${type}`
    const metricDescriptor: protos.google.api.IMetricDescriptor = {
      type,
      metricKind: 'GAUGE',
      valueType: 'DOUBLE',
      unit: 'Cel',
      labels: [{ key: 'room' }],
    }
    const [created] = await client.createMetricDescriptor({ name: NAME, metricDescriptor })
    assert.equal(created.name, name)
    await client.createMetricDescriptor({
      name: NAME,
      metricDescriptor: {
        ...metricDescriptor,
        description: 'How warm',
        labels: [{ key: 'floor', valueType: 'INT64' }],
      },
    })
    const [changed] = await client.getMetricDescriptor({ name })
    assert.equal(changed.description, 'How warm')
    assert.deepEqual(
      changed.labels?.map(({ key, valueType }) => [key, valueType]),
      [
        ['floor', 'INT64'],
        ['room', 'STRING'],
      ],
      'labels are never removed, and are in order',
    )
    await assert.rejects(
      client.createMetricDescriptor({
        name: NAME,
        metricDescriptor: { ...metricDescriptor, metricKind: 'CUMULATIVE' },
      }),
      { code: 3 },
    )
    await client.deleteMetricDescriptor({ name })
    await assert.rejects(client.getMetricDescriptor({ name }), {
      code: 5,
      message: /Could not find descriptor for metric/,
    })
    await assert.rejects(client.deleteMetricDescriptor({ name }), { code: 5 })
  })

  const wrongDescriptors: [string, object, RegExp][] = [
    ['a bad type', { type: 'x' }, /metricDescriptor\.type had an invalid value of "x"/],
    ['a kind of DELTA', { metricKind: 'DELTA' }, /User-defined metrics must be GAUGE or CUMULATIVE/],
    [
      'a value type of STRING',
      { valueType: 'STRING' },
      /User-defined metrics must be BOOL, INT64, DOUBLE or DISTRIBUTION/,
    ],
    ['a cumulative BOOL', { metricKind: 'CUMULATIVE', valueType: 'BOOL' }, /A BOOL metric must be GAUGE/],
    ['a bad label', { labels: [{ key: 'a-b' }] }, /metricDescriptor\.labels\[0\]\.key had an invalid value of "a-b"/],
    ['a label twice', { labels: [{ key: 'a' }, { key: 'a' }] }, /The label is given more than once/],
    [
      '31 labels',
      { labels: Array.from({ length: 31 }, (_, index) => ({ key: `l${index}` })) },
      /There would be 31 labels; at most 30/,
    ],
  ]
  test('gets errors for an invalid descriptor', async (context) => {
    const { client } = await start(context)
    for (const [what, changes, message] of wrongDescriptors) {
      const metricDescriptor = {
        type: 'custom.googleapis.com/x',
        metricKind: 'GAUGE',
        valueType: 'DOUBLE',
        ...changes,
      } as const
      await assert.rejects(client.createMetricDescriptor({ name: NAME, metricDescriptor }), { code: 3, message }, what)
    }
  })

  test('lists and gets monitored resources', async (context) => {
    const { client } = await start(context)
    const [resources] = await client.listMonitoredResourceDescriptors({
      name: NAME,
      filter: 'resource.type = starts_with("k8s_")',
    })
    assert.deepEqual(
      resources.map(({ type }) => type),
      ['k8s_cluster', 'k8s_container', 'k8s_node', 'k8s_pod', 'k8s_service'],
    )
    const [container] = await client.getMonitoredResourceDescriptor({
      name: `${NAME}/monitoredResourceDescriptors/k8s_container`,
    })
    assert.deepEqual(
      container.labels?.map(({ key }) => key),
      ['project_id', 'location', 'cluster_name', 'namespace_name', 'pod_name', 'container_name'],
    )
    await assert.rejects(
      client.getMonitoredResourceDescriptor({ name: `${NAME}/monitoredResourceDescriptors/toaster` }),
      { code: 5 },
    )
  })

  const wrongReads: [string, protos.google.monitoring.v3.IListTimeSeriesRequest, number, RegExp][] = [
    ['no type', { filter: '' }, 3, /The filter must specify a single metric type/],
    [
      'an unknown type',
      { filter: 'metric.type = "custom.googleapis.com/none"' },
      5,
      /Cannot find metric\(s\) that match type = "custom\.googleapis\.com\/none"/,
    ],
    ['a broken filter', { filter: 'metric.type = ' }, 3, /Expected a value, but found the end \(at position 14\)/],
    [
      'no end',
      { interval: { startTime: { seconds: START_SECONDS } } },
      3,
      /interval\.end_time had an invalid value: The end time is required/,
    ],
    [
      'an interval that ends before it starts',
      { interval: interval(10, 0) },
      3,
      /The start time must not be after the end time/,
    ],
    ['an order', { orderBy: 'x' }, 3, /Field orderBy had an invalid value of "x"/],
    ['a negative page size', { pageSize: -1 }, 3, /The page size must not be negative/],
    ['an aligner without a period', { aggregation: { perSeriesAligner: 'ALIGN_RATE' } }, 3, /It must be at least 60s/],
    ['another name', { name: 'demo-project' }, 3, /Name must begin with/],
  ]
  test('gets errors for an invalid read', async (context) => {
    const { emulator, client } = await start(context)
    await writeMinutes(emulator, client, 0)
    for (const [what, changes, code, message] of wrongReads) {
      const request = { name: NAME, filter: `metric.type = "${TYPE}"`, interval: interval(0, 60), ...changes }
      await assert.rejects(client.listTimeSeries(request, { autoPaginate: false }), { code, message }, what)
    }
  })
})
