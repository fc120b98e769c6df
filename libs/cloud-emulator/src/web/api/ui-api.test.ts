import assert from 'node:assert/strict'
import { test } from 'node:test'
import { metricClient } from '../../../test/testing/metric-client.ts'
import { requestJson, startTestEmulator, writeAt } from '../../../test/testing/running-emulator.ts'
import { counter, distributionJson, START_SECONDS, seriesJson, TEST_TYPE } from '../../../test/testing/time-series.ts'

const HISTOGRAM = 'external.googleapis.com/prometheus/latency'

test('GET /api/metrics: a summary of each type', async (context) => {
  const emulator = await startTestEmulator(context)
  await writeAt(
    emulator,
    0,
    counter('200', 5),
    { type: HISTOGRAM, value: distributionJson([1], [2, 1]) },
    { type: 'custom.googleapis.com/flag', value: { boolValue: true } },
  )
  await writeAt(emulator, 10, counter('200', 7))
  const { json } = await requestJson(`${emulator.url}/api/metrics`)
  const shown = json.metrics.map((metric: Record<string, unknown>) => [
    metric.type,
    metric.series,
    metric.points,
    metric.lastValue,
  ])
  assert.deepEqual(shown, [
    ['custom.googleapis.com/flag', 1, 1, true],
    [HISTOGRAM, 1, 1, { count: 3, mean: 1 }],
    [TEST_TYPE, 1, 2, 7],
  ])
  const { pointsPerSecond, ...rest } = json.metrics[2]
  assert.deepEqual(rest, {
    type: TEST_TYPE,
    metricKind: 'CUMULATIVE',
    valueType: 'INT64',
    unit: '',
    displayName: '',
    description: '',
    labelKeys: ['status'],
    resourceTypes: ['global'],
    series: 1,
    points: 2,
    lastPointMs: (START_SECONDS + 10) * 1000,
    lastValue: 7,
  })
  assert.equal(pointsPerSecond, 0.2)
  assert.deepEqual((await requestJson(`${emulator.url}/api/metrics?project=other`)).json, { metrics: [] })
})

test('GET /api/labels: the values that exist', async (context) => {
  const emulator = await startTestEmulator(context)
  await writeAt(emulator, 0, counter('500', 1), counter('200', 5), { type: HISTOGRAM, labels: { pod: 'a' } })
  const labels = async (query: string) => (await requestJson(`${emulator.url}/api/labels?${query}`)).json
  assert.deepEqual(await labels(`type=${TEST_TYPE}`), {
    metricLabels: { status: ['200', '500'] },
    resourceTypes: ['global'],
    resourceLabels: { project_id: ['demo-project'] },
  })
  assert.deepEqual((await labels('')).metricLabels, { pod: ['a'], status: ['200', '500'] })
})

test('GET /api/summary: totals', async (context) => {
  const emulator = await startTestEmulator(context)
  await writeAt(emulator, 0, counter('200', 5), counter('500', 5))
  await requestJson(`${emulator.url}/v3/projects/demo-project/timeSeries`, {
    body: { timeSeries: [seriesJson({ type: 'x' })] },
  })
  const { json } = await requestJson(`${emulator.url}/api/summary`)
  const { metricTypes, series, points, pointsAccepted, pointsRefused, projects, evicted, endpoints } = json
  assert.deepEqual(
    { metricTypes, series, points, pointsAccepted, pointsRefused, projects, evicted },
    {
      metricTypes: 1,
      series: 2,
      points: 2,
      pointsAccepted: 2,
      pointsRefused: 1,
      projects: ['demo-project'],
      evicted: { points: 0, series: 0, spans: 0, entries: 0 },
    },
  )
  assert.equal(endpoints.http, emulator.url)
})

test('GET /api/refusals: newest first, after an ID', async (context) => {
  const emulator = await startTestEmulator(context)
  const refuse = (type: string) =>
    requestJson(`${emulator.url}/v3/projects/demo-project/timeSeries`, {
      body: { timeSeries: [seriesJson({ type, labels: { a: 'b' } })] },
    })
  await refuse('one')
  await refuse('two')
  const { json } = await requestJson(`${emulator.url}/api/refusals`)
  assert.deepEqual(
    json.refusals.map(({ id, metricType }: { id: number; metricType: string }) => [id, metricType]),
    [
      [2, 'two'],
      [1, 'one'],
    ],
  )
  const { message, ...refusal } = json.refusals[0]
  assert.match(message, /metric\.type had an invalid value of "two"/)
  assert.deepEqual(refusal, {
    id: 2,
    timeMs: START_SECONDS * 1000,
    project: 'demo-project',
    reason: 'metric_type',
    code: 3,
    status: 'INVALID_ARGUMENT',
    points: 1,
    metricType: 'two',
    metricLabels: { a: 'b' },
    resourceType: 'global',
    resourceLabels: {},
    metricKind: 'GAUGE',
    valueType: 'DOUBLE',
    point: { startMs: null, endMs: START_SECONDS * 1000, value: 1.5 },
  })
  const after = (await requestJson(`${emulator.url}/api/refusals?after=1&limit=5`)).json
  assert.deepEqual([after.refusals.length, after.total, after.byReason[0].points], [1, 2, 2])
})

test('GET /api/summary: lists a project with only rejected writes', async (context) => {
  const emulator = await startTestEmulator(context)
  const body = { timeSeries: [{ points: [{}] }] }
  assert.equal((await requestJson(`${emulator.url}/v3/projects/mine/timeSeries`, { body })).status, 400)
  assert.equal((await requestJson(`${emulator.url}/v3/projects/a%20b/timeSeries`, { body })).status, 400)
  const { projects } = (await requestJson(`${emulator.url}/api/summary`)).json
  assert.deepEqual(projects, ['demo-project', 'mine'])
})

test('writes to an invalid project are listed as rejected in every project', async (context) => {
  const emulator = await startTestEmulator(context)
  const subscription = emulator.state.changes.subscribe('demo-project')
  const client = metricClient(context, emulator)
  await assert.rejects(client.createTimeSeries({ name: 'demo-project', timeSeries: [{ points: [{}] }] }), { code: 3 })
  const traces = '/v2/projects/demo%20project/traces:batchWrite'
  assert.equal((await requestJson(`${emulator.url}${traces}`, { body: { spans: [{ name: 'x' }] } })).status, 400)
  assert.equal((await requestJson(`${emulator.url}/v2/projects/p/traces:batchWrite`, { body: {} })).status, 400)
  assert.equal(subscription.take()?.refusals, 1)
  const { refusals, byReason, total } = (await requestJson(`${emulator.url}/api/refusals`)).json
  assert.deepEqual(
    refusals.map(({ reason, message }: { reason: string; message: string }) => [reason, message.slice(0, 40)]),
    [
      ['span', '"demo project" is not a project id: lett'],
      ['name', "Name must begin with '{resource_containe"],
    ],
  )
  assert.deepEqual([byReason.length, total], [2, 2])
})

test('GET /metrics: both formats by Accept', async (context) => {
  const emulator = await startTestEmulator(context, { maxSeries: 1 })
  await writeAt(emulator, 0, counter('200', 5))
  await writeAt(emulator, 10, counter('500', 5))
  const metrics = async (accept: string) => {
    const response = await fetch(`${emulator.url}/metrics`, { headers: { accept } })
    return { type: response.headers.get('content-type') ?? '', text: await response.text() }
  }
  const text = await metrics('text/plain')
  const openMetrics = await metrics('application/openmetrics-text; version=1.0.0')
  assert.match(text.type, /^text\/plain; version=0\.0\.4/)
  assert.match(openMetrics.type, /^application\/openmetrics-text/)
  assert.ok(openMetrics.text.endsWith('# EOF\n'))
  for (const line of [
    'cloud_emulator_points_accepted_total 2',
    'cloud_emulator_series 1',
    'cloud_emulator_series_evicted_total 1',
    'cloud_emulator_points_evicted_total{reason="series"} 1',
    'cloud_emulator_call_duration_seconds_count{method="CreateTimeSeries",status="OK"} 2',
  ]) {
    assert.ok(text.text.includes(line), `${line} in\n${text.text}`)
  }
})
