import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { QueryAnswer, QueryResult, QuerySeries } from '../../../../../contract/charts.ts'
import type { DataSet } from '../../../../../contract/dashboard.ts'
import { chartSeries } from './chart-series.ts'
import { periodOf, queriesOf, unitOf } from './chart-widget.ts'

const series = (metricLabels: Record<string, string>): QuerySeries => ({
  metricType: 'custom.googleapis.com/x',
  metricLabels,
  resourceType: 'global',
  resourceLabels: {},
  timesMs: [0],
  values: [1],
})
const result = (changes: Partial<QueryAnswer>): QueryResult => ({
  metricKind: 'GAUGE',
  valueType: 'DOUBLE',
  unit: 's',
  alignmentPeriodSeconds: 60,
  totalSeries: 0,
  series: [],
  ...changes,
})
const aligned = (perSeriesAligner: string, crossSeriesReducer?: string): DataSet => ({
  timeSeriesQuery: {
    timeSeriesFilter: {
      filter: 'metric.type="custom.googleapis.com/x"',
      aggregation: { perSeriesAligner, ...(crossSeriesReducer ? { crossSeriesReducer } : {}) },
    },
  },
})

describe('the series of a chart', () => {
  const shown = (dataSets: readonly DataSet[], results: readonly QueryResult[], shiftMs = 0) =>
    chartSeries(dataSets, results, shiftMs).map(({ name, plotType, axis, unit }) =>
      [name, plotType, axis, unit].join(' '),
    )

  test('are named by their labels, in the order of numbers', () =>
    assert.deepEqual(shown([{}], [result({ series: [series({ code: '10' }), series({ code: '9' })] })]), [
      '9 LINE Y1 s',
      '10 LINE Y1 s',
    ]))

  test('are named by the percentile of their data set if they have no labels', () =>
    assert.deepEqual(
      shown(
        [aligned('ALIGN_PERCENTILE_50'), aligned('ALIGN_DELTA', 'REDUCE_PERCENTILE_05'), { plotType: 'STACKED_BAR' }],
        [1, 2, 3].map(() => result({ series: [series({})] })),
      ).slice(0, 2),
      ['50th percentile LINE Y1 s', '5th percentile LINE Y1 s'],
    ))

  test('a ratio among others is named ratio', () =>
    assert.deepEqual(
      shown(
        [{ timeSeriesQuery: { timeSeriesFilterRatio: {} } }, aligned('ALIGN_PERCENTILE_99')],
        [1, 2].map(() => result({ unit: '1', series: [series({})] })),
      ),
      ['ratio LINE Y1 1', '99th percentile LINE Y1 1'],
    ))

  test('have the axis, the plot and the unit of their data set', () =>
    assert.deepEqual(
      shown(
        [{ plotType: 'STACKED_AREA' }, { targetAxis: 'Y2', timeSeriesQuery: { unitOverride: 'By' } }],
        [result({ series: [series({ a: 'x' })] }), result({ series: [series({ a: 'y' })] })],
      ),
      ['x STACKED_AREA Y1 s', 'y LINE Y2 By'],
    ))

  test('earlier series follow with their time', () =>
    assert.deepEqual(
      chartSeries(
        [{}],
        [result({ series: [series({ a: 'x' })] }), result({ series: [series({ a: 'x' })] })],
        3_600_000,
      ).map(({ name, earlierOf }) => [name, earlierOf]),
      [
        ['x', undefined],
        ['x (1 hour before)', 'x'],
      ],
    ))
})

test('the period of a chart is the longest one of results with series', () => {
  const some = [series({})]
  const cases: [results: readonly QueryResult[], seconds: number][] = [
    [[], 60],
    [[result({ alignmentPeriodSeconds: 300 })], 60],
    [[result({ series: some, alignmentPeriodSeconds: 10 }), result({ series: some, alignmentPeriodSeconds: 30 })], 30],
  ]
  for (const [results, seconds] of cases) assert.equal(periodOf(results), seconds)
})

test('an explicit unit takes precedence', () => {
  assert.equal(unitOf({ timeSeriesQuery: { unitOverride: 'ms' } }, result({})), 'ms')
  assert.equal(unitOf({}, result({})), 's')
  assert.equal(unitOf({}, undefined), '1')
})

test('each data set is a query of at most fifty series, never one value over the whole range', () => {
  const timeSeriesFilter = { filter: 'x' }
  const timeSeriesQuery = { timeSeriesFilter, outputFullDuration: true }
  assert.deepEqual(queriesOf({ dataSets: [{ timeSeriesQuery, minAlignmentPeriod: '60s' }] }, true), [
    {
      timeSeriesQuery: { timeSeriesFilter, outputFullDuration: false },
      minAlignmentPeriod: '60s',
      partial: true,
      exemplars: true,
      maxSeries: 50,
    },
  ])
  assert.deepEqual(queriesOf({}, false), [])
})
