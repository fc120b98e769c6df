import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { markupOf } from '@node-to-cloud/browser-kit/testing/view-text'
import type { QueryAnswer, QuerySeries } from '../../../../../contract/charts.ts'
import type { Scorecard } from '../../../../../contract/dashboard.ts'
import { pictureView, pointsOf, queriesOf, shownValue } from './scorecard-view.ts'

const series: QuerySeries = {
  metricType: 'm/x',
  metricLabels: {},
  resourceType: 'global',
  resourceLabels: {},
  timesMs: [0, 30_000, 60_000],
  values: [1, null, 3],
}
const answer = (changes: Partial<QueryAnswer> = {}): QueryAnswer => ({
  metricKind: 'GAUGE',
  valueType: 'DOUBLE',
  unit: 's',
  alignmentPeriodSeconds: 60,
  totalSeries: 1,
  series: [series],
  ...changes,
})
const atMs = new Date(2026, 0, 2, 14, 4, 5).getTime()
const latest = { value: 0.25, timeMs: atMs, partial: false }

it('a spark line with a value over the whole range has its own query', () => {
  const full = { timeSeriesFilter: { filter: 'x' }, outputFullDuration: true }
  const durations = (scorecard: Scorecard) =>
    queriesOf(scorecard).map(({ timeSeriesQuery }) => timeSeriesQuery.outputFullDuration)
  assert.deepEqual(durations({ timeSeriesQuery: full }), [true])
  assert.deepEqual(durations({ timeSeriesQuery: full, sparkChartView: {} }), [true, false])
  assert.deepEqual(durations({ timeSeriesQuery: {}, sparkChartView: {} }), [undefined])
})

describe('the value of a scorecard', () => {
  for (const [what, scorecard, result, newest, shown] of [
    ['has the unit of its query', {}, answer(), latest, { text: '250 ms', note: 'at 14:04:05', verdict: 'ok' }],
    ['has the unit of the widget', { timeSeriesQuery: { unitOverride: '10^2.%' } }, answer(), latest, { text: '25 %' }],
    [
      'is one over the whole range',
      { timeSeriesQuery: { outputFullDuration: true } },
      answer({ alignmentPeriodSeconds: 3600 }),
      latest,
      { text: '250 ms', note: 'over the whole range' },
    ],
    ['has none', {}, answer({ unit: '' }), latest, { text: '0.25' }],
    [
      'is rated',
      { thresholds: [{ value: 0.2 }] },
      answer(),
      latest,
      { title: '250 ms, past its critical threshold', verdict: 'critical' },
    ],
    ['is of an unfinished minute', {}, answer(), { ...latest, partial: true }, { note: 'this minute, so far' }],
    [
      'is of seconds',
      {},
      answer({ alignmentPeriodSeconds: 10 }),
      { ...latest, partial: true },
      { note: 'the last 10 s' },
    ],
    ['is one of several', {}, answer({ totalSeries: 3 }), latest, { note: 'at 14:04:05, the first of 3 series' }],
  ] as const)
    it(what, () => assert.partialDeepStrictEqual(shownValue(scorecard, result, newest), shown))

  it('has the values of the range, without gaps', () =>
    assert.deepEqual(pointsOf(series, { startMs: 0, endMs: 120_000 }), [
      { x: 0, y: 1 },
      { x: 0.5, y: 3 },
    ]))
})

describe('the picture of a scorecard', () => {
  const end = (value: number, gaugeView: { lowerBound?: number; upperBound?: number }): string =>
    /gauge-value" d=(.*?)>/.exec(markupOf(pictureView({ gaugeView }, [], value)))?.[1] ?? ''
  it('is a gauge between its bounds', () => {
    assert.match(end(5, { upperBound: 10 }), / 60 10$/)
    assert.match(end(15, { lowerBound: 10, upperBound: 20 }), / 60 10$/)
  })
  it('is full beyond its bounds', () => assert.equal(end(99, { upperBound: 10 }), end(10, { upperBound: 10 })))
  it('is an empty gauge without a value', () =>
    assert.doesNotMatch(markupOf(pictureView({ gaugeView: {} }, [], undefined)), /gauge-value/))
  it('is a line', () =>
    assert.match(
      markupOf(
        pictureView(
          { sparkChartView: {} },
          [
            { x: 0, y: 1 },
            { x: 1, y: 2 },
          ],
          2,
        ),
      ),
      /spark-line" d=M/,
    ))
  it('is empty, if none is requested', () => assert.equal(markupOf(pictureView({}, [], 1)), ''))
})
