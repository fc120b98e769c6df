import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { QueryResult } from '../../../contract/charts.ts'
import { commonPeriod, mergedResults, newestFrom, queriesFor } from './live-results.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const SERIES = { metricType: 'm', metricLabels: {}, resourceType: 'r', resourceLabels: {} }
const result = (alignmentPeriodSeconds: number, timesMs: readonly number[] = [0]): QueryResult => ({
  metricKind: 'GAUGE',
  valueType: 'DOUBLE',
  unit: '1',
  alignmentPeriodSeconds,
  totalSeries: 1,
  series: timesMs.length === 0 ? [] : [{ ...SERIES, timesMs, values: timesMs.map(() => 1) }],
})

test('the newest minutes start at a whole period, two periods before points that may still change', () => {
  const cases: [range: [number, number], fromMs: number][] = [
    [[0, HOUR_MS], HOUR_MS - 6 * MINUTE_MS],
    [[0, HOUR_MS + 1], HOUR_MS - 6 * MINUTE_MS],
    [[0, 5 * MINUTE_MS], 0],
    [[0, 24 * HOUR_MS], 24 * HOUR_MS - 12 * MINUTE_MS],
  ]
  for (const [[startMs, endMs], fromMs] of cases) assert.equal(newestFrom({ startMs, endMs }), fromMs)
})

test('data sets that are written at different intervals share the longest one', () => {
  assert.equal(commonPeriod([result(10), result(30), result(300, [])]), 30)
  assert.equal(commonPeriod([result(10), result(10)]), 0)
  assert.equal(commonPeriod([]), 0)
})

describe('the queries of a widget', () => {
  const aggregation = { alignmentPeriod: '60s', perSeriesAligner: 'ALIGN_MEAN' }
  const mean = { timeSeriesFilter: { filter: 'metric.type="m"', aggregation } }
  const picked = { timeSeriesFilter: { ...mean.timeSeriesFilter, pickTimeSeriesFilter: {} } }
  const ask = (timeSeriesQuery: object, more: object = {}, parameters: Record<string, string> = {}) =>
    queriesFor([{ timeSeriesQuery, ...more }], {
      filters: [{ labelKey: 'zone', filterType: 'RESOURCE_LABEL' }],
      choices: { zone: 'a' },
      parameters,
      range: { startMs: 0, endMs: HOUR_MS, queryFromMs: 50 * MINUTE_MS },
      minimumSeconds: 10,
    })[0]

  test('have the filters of the dashboard', () =>
    assert.equal(ask(mean)?.timeSeriesQuery.timeSeriesFilter?.filter, '(metric.type="m") AND resource.label.zone="a"'))
  test('have the resolution of all data sets, or that of Cloud Monitoring', () => {
    assert.deepEqual([ask(mean)?.alignment, ask(mean)?.finestSeconds], ['auto', 10])
    assert.equal(ask(mean, {}, { alignment: '60s' })?.alignment, undefined)
  })
  test('are for the newest minutes, which are in the request', () => assert.equal(ask(mean)?.startTime, undefined))
  test('are for the whole range if series are ranked over it', () =>
    assert.deepEqual([ask(picked)?.startTime, ask(picked)?.endTime], [0, HOUR_MS]))
  test('are for an earlier time if that is compared', () =>
    assert.deepEqual(
      [ask(mean, { shiftMs: HOUR_MS })?.startTime, ask(mean, { shiftMs: HOUR_MS })?.endTime],
      [-10 * MINUTE_MS, 0],
    ))
  test('have at least the period of their widget', () =>
    assert.equal(
      ask(mean, { minAlignmentPeriod: '300s' })?.timeSeriesQuery.timeSeriesFilter?.aggregation?.alignmentPeriod,
      '300s',
    ))
})

describe('merging the newest minutes', () => {
  const query = { timeSeriesQuery: { timeSeriesFilter: { filter: 'm' } } }
  const promql = { timeSeriesQuery: { prometheusQuery: 'up' } }
  const range = { startMs: 0, queryFromMs: 10 * MINUTE_MS }
  const timesOf = ([one]: readonly QueryResult[]) => one?.series?.[0]?.timesMs.map((time) => time / MINUTE_MS)
  const known = [
    result(
      60,
      [9, 10, 11, 12].map((minute) => minute * MINUTE_MS),
    ),
  ]
  const fresh = [
    result(
      60,
      [10, 11, 12, 13].map((minute) => minute * MINUTE_MS),
    ),
  ]

  test('leaves out the first period of the new result', () => {
    const { results, isOutdated } = mergedResults(known, fresh, [query], range)
    assert.deepEqual([timesOf(results), isOutdated], [[9, 10, 11, 12, 13], false])
  })
  test('invalidates the old result if the resolution has changed', () =>
    assert.equal(mergedResults(known, [result(10)], [query], range).isOutdated, true))
  test('returns the new result at first, and for PromQL', () => {
    assert.equal(mergedResults([], fresh, [query], range).results[0], fresh[0])
    assert.equal(mergedResults(known, fresh, [promql], range).results[0], fresh[0])
  })
})
