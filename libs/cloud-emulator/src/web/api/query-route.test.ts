import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { requestJson, startTestEmulator, type TestEmulator, writeAt } from '../../../test/testing/running-emulator.ts'
import {
  counter,
  distributionJson,
  START_SECONDS,
  TEST_TYPE,
  type TestSeries,
} from '../../../test/testing/time-series.ts'
import type { QueryResult } from '../../contract/charts.ts'

const LEVEL = 'custom.googleapis.com/level'
const HISTOGRAM = 'external.googleapis.com/prometheus/latency'

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
      await writeAt(emulator, minute * 60, counter('200', minute * 600), counter('500', minute * 60))
  }

  test('one value over the whole range (outputFullDuration)', async (context) => {
    const emulator = await startTestEmulator(context)
    await written(emulator)
    const overAll = (timeSeriesQuery: object) => ({
      timeSeriesQuery: { ...timeSeriesQuery, outputFullDuration: true },
      partial: true,
      alignment: 'auto',
    })
    const part = (filter: string) => ({
      filter,
      aggregation: { alignmentPeriod: '60s', perSeriesAligner: 'ALIGN_DELTA', crossSeriesReducer: 'REDUCE_SUM' },
    })
    const all = `metric.type="${TEST_TYPE}"`
    const results = await query(
      emulator,
      30,
      285,
      overAll(filterQuery().timeSeriesQuery),
      overAll({
        timeSeriesFilterRatio: {
          numerator: part(`${all} AND metric.labels.status="500"`),
          denominator: part(all),
          secondaryAggregation: { alignmentPeriod: '60s', perSeriesAligner: 'ALIGN_MEAN' },
        },
      }),
    )
    const shown = results.map(({ series = [], alignmentPeriodSeconds }: QueryResult) => [
      series.map(({ timesMs }) => timesMs),
      series.map(({ values = [] }) => values.map((value) => Math.round(Number(value) * 1e6) / 1e6)),
      alignmentPeriodSeconds,
    ])
    const end = [(START_SECONDS + 285) * 1000]
    assert.deepEqual(shown, [
      [[end], [[11]], 255],
      [[end], [[Math.round(1e6 / 11) / 1e6]], 255],
    ])
  })

  test('columns of aligned values, only for whole minutes', async (context) => {
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

  describe('alignment auto has the resolution of the data if values do not change', () => {
    const auto = { alignment: 'auto' }
    for (const [what, changes, aggregation, seconds] of [
      ['a rate', auto, {}, 30],
      ['the minimum period is kept', { ...auto, finestSeconds: 45 }, {}, 60],
      ['without it', {}, {}, 60],
      ['a longer requested period', auto, { alignmentPeriod: '120s' }, 120],
      ['a change, which grows with the period', auto, { perSeriesAligner: 'ALIGN_DELTA' }, 60],
    ] as const) {
      test(what, async (context) => {
        const emulator = await startTestEmulator(context)
        await written(emulator)
        const [result] = await query(emulator, 0, 300, filterQuery(changes, aggregation))
        assert.equal(result.alignmentPeriodSeconds, seconds)
        const times: number[] = result.series[0].timesMs
        assert.equal((times[1] ?? 0) - (times[0] ?? 0), seconds * 1000)
        if (!('perSeriesAligner' in aggregation))
          assert.ok(result.series[0].values.every((value: number) => value === 11))
      })
    }

    test('other values and periods are rejected', async (context) => {
      const emulator = await startTestEmulator(context)
      await written(emulator)
      for (const changes of [{ alignment: 'fine' }, { ...auto, finestSeconds: 0 }]) {
        const [result] = await query(emulator, 0, 300, filterQuery(changes))
        assert.equal(result.error.code, 400)
      }
    })
  })

  test('the unfinished period is added and marked', async (context) => {
    const emulator = await startTestEmulator(context)
    await written(emulator)
    const [{ series }] = await query(emulator, 0, 150, filterQuery({ partial: true }))
    assert.deepEqual(
      [series[0].values, series[0].partialFrom, series[0].timesMs.at(-1)],
      [[11, 11, 11], 2, (START_SECONDS + 150) * 1000],
    )
  })

  test('maxPoints lengthens the period, maxSeries keeps the first series', async (context) => {
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

  test('a ratio by series, or by a single denominator', async (context) => {
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
      // A part of a metric divided by the metric is a percentage.
      ['10^2.%', { status: '500' }, [1 / 11, 1 / 11]],
    )
    assert.deepEqual(
      same.series.map(({ values }: { values: number[] }) => values),
      [
        [1, 1],
        [1, 1],
      ],
    )
  })

  test('picks the largest', async (context) => {
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
      test(`by ${rankingMethod}, the largest and the smallest first`, async (context) => {
        const emulator = await startTestEmulator(context)
        for (const index of [0, 1, 2]) {
          const values = Object.entries(levels).flatMap(([name, all]) => {
            const value = all[index]
            return value === undefined ? [] : [{ type: LEVEL, labels: { name }, value: { doubleValue: value } }]
          })
          await writeAt(emulator, 10 + index * 10, ...values)
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

    test('ranks by complete periods', async (context) => {
      const emulator = await startTestEmulator(context)
      const up = (name: string, value: number): TestSeries => ({
        ...{ type: LEVEL, kind: 'CUMULATIVE', start: -60, labels: { name } },
        value: { doubleValue: value },
      })
      await writeAt(emulator, 0, up('steady', 0), up('late', 0))
      await writeAt(emulator, 60, up('steady', 50), up('late', 10))
      await writeAt(emulator, 90, up('steady', 51), up('late', 500))
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

  test('a query may have its own interval', async (context) => {
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
    await writeAt(emulator, 0, {
      type: HISTOGRAM,
      kind: 'CUMULATIVE',
      start: -60,
      value: distributionJson([1, 2], [1, 1, 1]),
    })
    await writeAt(emulator, 60, {
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

  test('an exemplar may have its trace only in a label', async (context) => {
    const emulator = await startTestEmulator(context)
    const traceId = '0af7651916cd43dd8448eb211c80319c'
    const dropped = (label: Record<string, string>) => ({
      value: 1.5,
      attachments: [{ '@type': 'type.googleapis.com/google.monitoring.v3.DroppedLabels', label }],
    })
    const exemplars = [dropped({ trace_id: traceId }), dropped({ trace_id: 'x', other: 'y' })]
    await writeAt(emulator, 0, { type: HISTOGRAM, value: distributionJson([1, 2], [0, 2, 0], { exemplars }) })
    const timeSeriesFilter = { filter: `metric.type="${HISTOGRAM}"` }
    const [result] = await query(emulator, -60, 0, { exemplars: true, timeSeriesQuery: { timeSeriesFilter } })
    assert.deepEqual(
      result.series[0].exemplars.map((one: { traceId?: string; labels: object }) => [one.traceId, one.labels]),
      [
        [traceId, { trace_id: traceId }],
        [undefined, { trace_id: 'x', other: 'y' }],
      ],
    )
  })

  test('an exemplar without a timestamp has that of its point, aligned or not', async (context) => {
    const emulator = await startTestEmulator(context)
    const exemplars = [{ value: 1.5 }]
    const histogram = { type: HISTOGRAM, kind: 'CUMULATIVE', start: -60 } as const
    await writeAt(emulator, 10, { ...histogram, value: distributionJson([1, 2], [0, 2, 0], { exemplars }) })
    await writeAt(emulator, 60, { ...histogram, value: distributionJson([1, 2], [0, 3, 0]) })
    const filter = `metric.type="${HISTOGRAM}"`
    const aggregation = { alignmentPeriod: '60s', perSeriesAligner: 'ALIGN_DELTA' }
    const ask = (timeSeriesFilter: object) => ({ exemplars: true, timeSeriesQuery: { timeSeriesFilter } })
    const results = await query(emulator, 0, 60, ask({ filter }), ask({ filter, aggregation }))
    for (const { series } of results)
      assert.deepEqual(series[0].exemplars, [{ timeMs: (START_SECONDS + 10) * 1000, value: 1.5, labels: {} }])
  })

  test('queries from the epoch or far into the future are fast', async (context) => {
    const emulator = await startTestEmulator(context)
    await written(emulator)
    const minute = { alignmentPeriod: '60s', perSeriesAligner: 'ALIGN_MEAN' }
    const [{ timeSeriesQuery }] = [filterQuery()]
    const { timeSeriesFilter: part } = timeSeriesQuery
    const queries = [
      { timeSeriesQuery: { timeSeriesFilter: { ...part, secondaryAggregation: minute } } },
      {
        timeSeriesQuery: {
          timeSeriesFilterRatio: { numerator: part, denominator: part, secondaryAggregation: minute },
        },
      },
    ]
    for (const [from, to] of [
      [-START_SECONDS, 300],
      [0, 69 * 86_400],
    ] as const) {
      const startMs = performance.now()
      for (const { series } of await query(emulator, from, to, ...queries)) assert.equal(series.length, 1)
      assert.ok(performance.now() - startMs < 1000)
    }
  })

  test('all queries of a request share one limit', async (context) => {
    const emulator = await startTestEmulator(context, { maxQuerySamples: 15 })
    await written(emulator)
    const [first, second] = await query(emulator, 0, 300, filterQuery(), filterQuery())
    assert.equal(first.series.length, 1)
    assert.equal(
      second.error.message,
      'Field aggregation.alignmentPeriod results in too many points: 2 series with 5 alignment periods each, after 10 points for others; at most 15 points may be computed. Use a narrower filter, a shorter interval or a longer alignment period.',
    )
  })

  test('PromQL is evaluated at multiples of the step', async (context) => {
    const emulator = await startTestEmulator(context)
    await written(emulator)
    const name = 'external_googleapis_com:prometheus_test'
    const prometheusQuery = `sum by (status) (rate(${name}[\${__interval}]))`
    const chart = { timeSeriesQuery: { prometheusQuery, unitOverride: '1/s' }, maxPoints: 5 }
    const [result] = await query(emulator, 0, 290, chart)
    const { series, ...rest } = result
    assert.deepEqual(rest, {
      metricKind: 'GAUGE',
      valueType: 'DOUBLE',
      unit: '1/s',
      alignmentPeriodSeconds: 60,
      totalSeries: 2,
    })
    assert.deepEqual(series[0], {
      metricType: '',
      metricLabels: { status: '200' },
      resourceType: '',
      resourceLabels: {},
      timesMs: [1, 2, 3, 4].map((minute) => (START_SECONDS + minute * 60) * 1000),
      values: [10, 10, 10, 10],
    })
  })

  test("an invalid query doesn't affect the others", async (context) => {
    const emulator = await startTestEmulator(context)
    await written(emulator)
    const results = await query(
      emulator,
      0,
      60,
      filterQuery({}, { perSeriesAligner: 'ALIGN_MEAN' }),
      { timeSeriesQuery: { prometheusQuery: 'sum(' } },
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
      [400, 400, 501, 400, 400, 400, undefined, 501, 501],
    )
    assert.match(results[1].error.message, /^prometheusQuery: 1:5: parse error: unclosed left parenthesis$/)
    assert.match(results[7].error.message, /use pickTimeSeriesFilter/)
    assert.match(results[8].error.message, /omit it/)
  })

  test('invalid requests', async (context) => {
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
