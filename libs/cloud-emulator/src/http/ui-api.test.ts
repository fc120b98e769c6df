import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { requestJson, startTestEmulator, type TestEmulator } from '../testing/running-emulator.ts'
import { distributionJson, START_SECONDS, seriesJson, TEST_TYPE, type TestSeries } from '../testing/time-series.ts'

const LEVEL = 'custom.googleapis.com/level'
const HISTOGRAM = 'external.googleapis.com/prometheus/latency'

async function write(emulator: TestEmulator, seconds: number, ...series: TestSeries[]): Promise<void> {
  emulator.setTime(seconds)
  const body = { timeSeries: series.map((one) => seriesJson({ end: seconds, ...one })) }
  const { status, json } = await requestJson(`${emulator.url}/v3/projects/demo-project/timeSeries`, { body })
  assert.equal(status, 200, JSON.stringify(json))
}

const counter = (status: string, value: number): TestSeries => ({
  kind: 'CUMULATIVE',
  start: -60,
  labels: { status },
  value: { int64Value: String(value) },
})

const filterQuery = (changes: object = {}, aggregation: object = {}) => ({
  timeSeriesQuery: {
    timeSeriesFilter: {
      filter: `metric.type="${TEST_TYPE}"`,
      aggregation: {
        alignmentPeriod: '60s',
        perSeriesAligner: 'ALIGN_RATE',
        crossSeriesReducer: 'REDUCE_SUM',
        ...aggregation,
      },
    },
  },
  ...changes,
})

const query = async (emulator: TestEmulator, from: number, to: number, ...queries: object[]) =>
  (
    await requestJson(`${emulator.url}/api/query`, {
      body: { startTime: (START_SECONDS + from) * 1000, endTime: (START_SECONDS + to) * 1000, queries },
    })
  ).json.results

describe('POST /api/query', () => {
  async function written(emulator: TestEmulator): Promise<void> {
    for (let minute = 0; minute <= 5; minute += 0.5)
      await write(emulator, minute * 60, counter('200', minute * 600), counter('500', minute * 60))
  }

  test('columns of aligned values, whole minutes only', async (context) => {
    const emulator = await startTestEmulator(context)
    await written(emulator)
    const [result] = await query(emulator, 0, 150, filterQuery())
    assert.deepEqual(result, {
      metricKind: 'GAUGE',
      valueType: 'DOUBLE',
      unit: '1/s',
      alignmentPeriodSeconds: 60,
      totalSeries: 1,
      series: [
        {
          metricType: TEST_TYPE,
          metricLabels: {},
          resourceType: 'global',
          resourceLabels: {},
          timesMs: [(START_SECONDS + 60) * 1000, (START_SECONDS + 120) * 1000],
          values: [11, 11],
        },
      ],
    })
  })

  test('the period that is not over is added and marked', async (context) => {
    const emulator = await startTestEmulator(context)
    await written(emulator)
    const [{ series }] = await query(emulator, 0, 150, filterQuery({ partial: true }))
    assert.deepEqual(
      [series[0].values, series[0].partialFrom, series[0].timesMs.at(-1)],
      [[11, 11, 11], 2, (START_SECONDS + 150) * 1000],
    )
  })

  test('maxPoints widens the period, maxSeries keeps the first', async (context) => {
    const emulator = await startTestEmulator(context)
    await written(emulator)
    const [wide, few] = await query(
      emulator,
      0,
      300,
      filterQuery({ maxPoints: 2 }),
      filterQuery({ maxSeries: 1 }, { crossSeriesReducer: 'REDUCE_NONE' }),
    )
    assert.equal(wide.alignmentPeriodSeconds, 180)
    assert.ok(wide.series[0].values.length <= 2)
    assert.deepEqual([few.totalSeries, few.series.length], [2, 1])
  })

  test('a ratio, series by series or by the one denominator', async (context) => {
    const emulator = await startTestEmulator(context)
    await written(emulator)
    const part = (crossSeriesReducer: string, groupByFields: string[] = [], more = '') => ({
      filter: `metric.type="${TEST_TYPE}" ${more}`,
      aggregation: { alignmentPeriod: '60s', perSeriesAligner: 'ALIGN_RATE', crossSeriesReducer, groupByFields },
    })
    const ratio = (numerator: object, denominator: object) => ({
      timeSeriesQuery: { timeSeriesFilterRatio: { numerator, denominator } },
    })
    const [errors, same] = await query(
      emulator,
      0,
      120,
      ratio(part('REDUCE_SUM', ['metric.labels.status'], 'metric.labels.status="500"'), part('REDUCE_SUM')),
      ratio(part('REDUCE_SUM', ['metric.labels.status']), part('REDUCE_SUM', ['metric.labels.status'])),
    )
    assert.deepEqual(
      [errors.unit, errors.series[0].metricLabels, errors.series[0].values],
      ['1', { status: '500' }, [1 / 11, 1 / 11]],
    )
    assert.deepEqual(
      same.series.map(({ values }: { values: number[] }) => values),
      [
        [1, 1],
        [1, 1],
      ],
    )
  })

  test('picks the greatest', async (context) => {
    const emulator = await startTestEmulator(context)
    await written(emulator)
    const { timeSeriesQuery } = filterQuery({}, { crossSeriesReducer: 'REDUCE_NONE' })
    const picked = (direction: string) => ({
      timeSeriesQuery: {
        timeSeriesFilter: {
          ...timeSeriesQuery.timeSeriesFilter,
          pickTimeSeriesFilter: { rankingMethod: 'METHOD_MEAN', numTimeSeries: 1, direction },
        },
      },
    })
    const [top, bottom] = await query(emulator, 0, 120, picked('TOP'), picked('BOTTOM'))
    assert.deepEqual(
      [top.series.length, top.series[0].metricLabels, bottom.series[0].metricLabels],
      [1, { status: '200' }, { status: '500' }],
    )
  })

  describe('picks series', () => {
    const levels: Readonly<Record<string, readonly number[]>> = { a: [1, 9, 2], b: [5, 5, 5], c: [8, 0, 7.5], d: [7] }
    const picked = (pickTimeSeriesFilter: object, aggregation?: object) => ({
      timeSeriesQuery: {
        timeSeriesFilter: {
          filter: `metric.type="${LEVEL}"`,
          ...(aggregation ? { aggregation } : {}),
          pickTimeSeriesFilter,
        },
      },
      partial: true,
    })
    const namesOf = (result: { series: { metricLabels: { name: string } }[] }): string =>
      result.series.map(({ metricLabels }) => metricLabels.name).join(' ')

    for (const [rankingMethod, top, bottom] of [
      ['METHOD_MEAN', 'd c', 'a b'],
      ['METHOD_MAX', 'a c', 'b d'],
      ['METHOD_MIN', 'd b', 'c a'],
      ['METHOD_SUM', 'c b', 'd a'],
      ['METHOD_LATEST', 'c d', 'a b'],
    ] as const) {
      test(`by ${rankingMethod}, the greatest and the least first`, async (context) => {
        const emulator = await startTestEmulator(context)
        for (const index of [0, 1, 2]) {
          const values = Object.entries(levels).flatMap(([name, all]) => {
            const value = all[index]
            return value === undefined ? [] : [{ type: LEVEL, labels: { name }, value: { doubleValue: value } }]
          })
          await write(emulator, 10 + index * 10, ...values)
        }
        const [greatest, least] = await query(
          emulator,
          0,
          50,
          picked({ rankingMethod, numTimeSeries: 2, direction: 'TOP' }),
          picked({ rankingMethod, numTimeSeries: 2, direction: 'BOTTOM' }),
        )
        assert.deepEqual([namesOf(greatest), namesOf(least)], [top, bottom])
        assert.deepEqual([greatest.totalSeries, least.totalSeries], [2, 2])
      })
    }

    test('by whole periods: the running one has not had its time', async (context) => {
      const emulator = await startTestEmulator(context)
      const up = (name: string, value: number): TestSeries => ({
        ...{ type: LEVEL, kind: 'CUMULATIVE', start: -60, labels: { name } },
        value: { doubleValue: value },
      })
      await write(emulator, 0, up('steady', 0), up('late', 0))
      await write(emulator, 60, up('steady', 50), up('late', 10))
      await write(emulator, 90, up('steady', 51), up('late', 500))
      const aggregation = { alignmentPeriod: '60s', perSeriesAligner: 'ALIGN_DELTA' }
      const [latest] = await query(
        emulator,
        0,
        90,
        picked({ rankingMethod: 'METHOD_LATEST', numTimeSeries: 1 }, aggregation),
      )
      assert.equal(namesOf(latest), 'steady')
    })
  })

  test('a query may have an interval of its own', async (context) => {
    const emulator = await startTestEmulator(context)
    await written(emulator)
    const at = (seconds: number): number => (START_SECONDS + seconds) * 1000
    const [whole, early, wrong] = await query(
      emulator,
      180,
      300,
      filterQuery(),
      filterQuery({ startTime: at(0), endTime: at(120) }),
      filterQuery({ startTime: at(120), endTime: at(60) }),
    )
    assert.deepEqual(
      [whole.series[0].timesMs, early.series[0].timesMs],
      [
        [at(240), at(300)],
        [at(60), at(120)],
      ],
    )
    assert.match(wrong.error.message, /queries\[2\]\.startTime/)
  })

  test('distributions with bounds and exemplars', async (context) => {
    const emulator = await startTestEmulator(context)
    const exemplars = [
      {
        value: 1.5,
        timestamp: '2026-01-02T03:04:30Z',
        attachments: [
          {
            '@type': 'type.googleapis.com/google.monitoring.v3.SpanContext',
            spanName: `projects/p/traces/${'a'.repeat(32)}/spans/${'b'.repeat(16)}`,
          },
          { '@type': 'type.googleapis.com/google.monitoring.v3.DroppedLabels', label: { user: 'x' } },
          { '@type': 'type.googleapis.com/google.monitoring.v3.SpanContext.Broken', value: '/w==' },
        ],
      },
    ]
    await write(emulator, 0, {
      type: HISTOGRAM,
      kind: 'CUMULATIVE',
      start: -60,
      value: distributionJson([1, 2], [1, 1, 1]),
    })
    await write(emulator, 60, {
      type: HISTOGRAM,
      kind: 'CUMULATIVE',
      start: -60,
      value: distributionJson([1, 2], [1, 4, 2], { exemplars }),
    })
    const aggregation = { alignmentPeriod: '60s', perSeriesAligner: 'ALIGN_DELTA', crossSeriesReducer: 'REDUCE_SUM' }
    const [{ valueType, series }] = await query(emulator, 0, 60, {
      exemplars: true,
      timeSeriesQuery: { timeSeriesFilter: { filter: `metric.type="${HISTOGRAM}"`, aggregation } },
    })
    assert.equal(valueType, 'DISTRIBUTION')
    assert.deepEqual(series[0].bounds, [1, 2])
    assert.deepEqual(series[0].distributions, [{ count: 4, mean: 1, counts: [0, 3, 1] }])
    assert.deepEqual(series[0].exemplars, [
      {
        timeMs: (START_SECONDS + 30) * 1000,
        value: 1.5,
        traceId: 'a'.repeat(32),
        spanId: 'b'.repeat(16),
        labels: { user: 'x' },
      },
    ])
  })

  test('a query that is wrong has its error, the others stand', async (context) => {
    const emulator = await startTestEmulator(context)
    await written(emulator)
    const results = await query(
      emulator,
      0,
      60,
      filterQuery({}, { perSeriesAligner: 'ALIGN_MEAN' }),
      { timeSeriesQuery: { prometheusQuery: 'up' } },
      { timeSeriesQuery: { timeSeriesQueryLanguage: 'fetch x' } },
      { timeSeriesQuery: {} },
      { timeSeriesQuery: { timeSeriesFilterRatio: {} } },
      filterQuery({ maxPoints: 0 }),
      filterQuery(),
      { timeSeriesQuery: { timeSeriesFilter: { filter: 'x', statisticalTimeSeriesFilter: {} } } },
      { timeSeriesQuery: { timeSeriesFilter: { filter: 'x', pickTimeSeriesFilter: { interval: {} } } } },
    )
    assert.deepEqual(
      results.map((result: { error?: { code: number } }) => result.error?.code),
      [400, 501, 501, 400, 400, 400, undefined, 501, 501],
    )
    assert.match(results[1].error.message, /prometheusQuery is not supported by this emulator; use timeSeriesFilter/)
    assert.match(results[7].error.message, /use pickTimeSeriesFilter/)
    assert.match(results[8].error.message, /leave it out/)
  })

  test('requests that are wrong', async (context) => {
    const { url } = await startTestEmulator(context)
    const bodies = [
      [],
      { startTime: 1 },
      { startTime: 2, endTime: 1, queries: [] },
      { startTime: 'x', queries: [] },
      { startTime: 1, queries: Array(101).fill({}) },
      { startTime: 1, queries: [], project: 'a/b' },
    ]
    for (const body of bodies)
      assert.equal((await requestJson(`${url}/api/query`, { body })).status, 400, JSON.stringify(body).slice(0, 60))
  })
})

test('GET /api/metrics: what is known of each type', async (context) => {
  const emulator = await startTestEmulator(context)
  await write(
    emulator,
    0,
    counter('200', 5),
    { type: HISTOGRAM, value: distributionJson([1], [2, 1]) },
    { type: 'custom.googleapis.com/flag', value: { boolValue: true } },
  )
  await write(emulator, 10, counter('200', 7))
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
  await write(emulator, 0, counter('500', 1), counter('200', 5), { type: HISTOGRAM, labels: { pod: 'a' } })
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
  await write(emulator, 0, counter('200', 5), counter('500', 5))
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
      evicted: { points: 0, series: 0, spans: 0 },
    },
  )
  assert.equal(endpoints.http, emulator.url)
})

test('GET /api/refusals: newest first, after an id', async (context) => {
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

test('GET /api/events: says what was written', async (context) => {
  const emulator = await startTestEmulator(context)
  const response = await fetch(`${emulator.url}/api/events`)
  assert.equal(response.headers.get('content-type'), 'text/event-stream')
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  assert.ok(reader)
  await write(emulator, 0, counter('200', 5))
  await requestJson(`${emulator.url}/v3/projects/demo-project/timeSeries`, {
    body: { timeSeries: [seriesJson({ type: 'x' })] },
  })
  let text = ''
  while (!text.includes('event: change')) {
    const { value, done } = await reader.read()
    assert.ok(!done)
    text += value
  }
  await reader.cancel()
  const data = JSON.parse(/data: (.*)/.exec(text)?.[1] ?? '')
  assert.deepEqual(data, { seq: 1, metricTypes: [TEST_TYPE], spans: 0, refusals: 1, dashboards: 0 })
})

test('GET /metrics: both formats by Accept', async (context) => {
  const emulator = await startTestEmulator(context, { maxSeries: 1 })
  await write(emulator, 0, counter('200', 5))
  await write(emulator, 10, counter('500', 5))
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
