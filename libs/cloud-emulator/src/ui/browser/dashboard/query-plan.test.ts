import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { queryAnswer, querySeries } from '../../../../test/testing/query-answer.ts'
import type { QueryResult } from '../../../contract/charts.ts'
import { alignmentPeriodSeconds, fitPeriod, isMergeable, mergeResults } from './query-plan.ts'

describe('the alignment period', () => {
  for (const [asked, rangeSeconds, period] of [
    [undefined, 900, 60],
    [60, 3600, 60],
    [300, 3600, 300],
    [30, 900, 60],
    [60, 21_600, 60],
    [60, 86_400, 240],
  ] as const) {
    it(`is ${period} s if ${asked ?? 'no'} s are requested over ${rangeSeconds} s`, () => {
      assert.equal(alignmentPeriodSeconds(asked, rangeSeconds), period)
    })
  }

  it('is written into the query, at least the minimum of the data set', () => {
    const query = { timeSeriesFilter: { filter: 'f', aggregation: { perSeriesAligner: 'ALIGN_RATE' } } }
    assert.deepEqual(fitPeriod(query, 900, '120s').timeSeriesFilter?.aggregation, {
      perSeriesAligner: 'ALIGN_RATE',
      alignmentPeriod: '120s',
    })
  })

  it('is not added to a query without an aligner', () => {
    const query = { timeSeriesFilter: { filter: 'f' } }
    assert.equal(fitPeriod(query, 900, undefined), query)
  })

  it('applies to both halves of a ratio', () => {
    const ratio = fitPeriod(
      { timeSeriesFilterRatio: { numerator: { filter: 'n' }, denominator: { filter: 'd' } } },
      86_400,
      undefined,
    ).timeSeriesFilterRatio
    assert.equal(ratio?.numerator?.aggregation?.alignmentPeriod, '240s')
    assert.equal(ratio?.denominator?.aggregation?.alignmentPeriod, '240s')
    const pickTimeSeriesFilter = { numTimeSeries: 1 }
    const picked = fitPeriod({ timeSeriesFilterRatio: { pickTimeSeriesFilter } }, 86_400, undefined)
    assert.deepEqual(picked.timeSeriesFilterRatio, { pickTimeSeriesFilter })
  })
})

describe('a live update', () => {
  it('can be merged unless series are ranked over the whole range', () => {
    const pickTimeSeriesFilter = { numTimeSeries: 1 }
    assert.equal(isMergeable({ timeSeriesFilter: { filter: 'f' } }), true)
    assert.equal(isMergeable({ timeSeriesFilterRatio: {} }), true)
    assert.equal(isMergeable({ prometheusQuery: 'up' }), false)
    assert.equal(isMergeable({ timeSeriesFilter: { filter: 'f' }, outputFullDuration: true }), false)
    assert.equal(isMergeable({ timeSeriesFilter: { filter: 'f', pickTimeSeriesFilter } }), false)
    assert.equal(isMergeable({ timeSeriesFilterRatio: { pickTimeSeriesFilter } }), false)
  })

  const known: QueryResult = queryAnswer({
    alignmentPeriodSeconds: 60,
    series: [
      querySeries({ metricLabels: { a: '1' }, timesMs: [60, 120, 180, 200], values: [1, 2, 3, 9], partialFrom: 3 }),
      querySeries({ metricLabels: { a: 'gone' }, timesMs: [60, 120], values: [7, 8] }),
    ],
  })

  it('replaces newer points, appends new ones, and drops those that left the range', () => {
    const update: QueryResult = queryAnswer({
      alignmentPeriodSeconds: 60,
      series: [
        querySeries({
          metricLabels: { a: '1' },
          timesMs: [120, 180, 240, 250],
          values: [0, 30, 40, 5],
          partialFrom: 3,
        }),
      ],
    })
    const [one, gone] = mergeResults(known, update, 180, 120).series ?? []
    assert.deepEqual(one?.timesMs, [120, 180, 240, 250])
    assert.deepEqual(one?.values, [2, 30, 40, 5])
    assert.equal(one?.partialFrom, 3)
    assert.deepEqual(gone?.timesMs, [120])
  })

  it('adds new series, and drops those without points', () => {
    const update: QueryResult = queryAnswer({
      alignmentPeriodSeconds: 60,
      series: [querySeries({ metricLabels: { a: 'new' }, timesMs: [240], values: [1] })],
    })
    const merged = mergeResults(known, update, 180, 150).series ?? []
    assert.deepEqual(
      merged.map((series) => series.metricLabels?.a),
      ['new'],
    )
  })

  it('uses only the update after an error or a change of period', () => {
    const failed: QueryResult = { error: { code: 400, status: 'INVALID_ARGUMENT', message: 'no' } }
    const fresh = queryAnswer({ alignmentPeriodSeconds: 120 })
    assert.equal(mergeResults(failed, known, 0, 0), known)
    assert.equal(mergeResults(known, failed, 0, 0), failed)
    assert.equal(mergeResults(known, fresh, 0, 0), fresh)
  })

  it('keeps distributions with their points', () => {
    const point = (count: number) => ({ count, mean: 1, counts: [count] })
    const merged = mergeResults(
      queryAnswer({
        alignmentPeriodSeconds: 60,
        series: [querySeries({ timesMs: [60, 120], bounds: [1], distributions: [point(1), point(2)] })],
      }),
      queryAnswer({
        alignmentPeriodSeconds: 60,
        series: [querySeries({ timesMs: [120, 180], bounds: [1], distributions: [point(5), point(6)] })],
      }),
      120,
      60,
    )
    assert.deepEqual(
      merged.series?.[0]?.distributions?.map((distribution) => distribution?.count),
      [1, 5, 6],
    )
  })
})
