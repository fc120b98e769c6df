import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { MetricKind, MetricSummary, ValueType } from '../../../contract/metrics.ts'
import {
  alignersFor,
  enumText,
  readChoices,
  reducersFor,
  timeSeriesFilter,
  unitOfResult,
} from './aggregation-choices.ts'

const metric = (metricKind: MetricKind, valueType: ValueType): MetricSummary => ({
  type: 'custom.googleapis.com/x',
  metricKind,
  valueType,
  unit: '1',
  displayName: '',
  description: '',
  labelKeys: [],
  resourceTypes: [],
  series: 1,
  points: 1,
  pointsPerSecond: 0,
  lastPointMs: null,
  lastValue: null,
})

describe('the default aligner', () => {
  for (const [kind, type, aligner] of [
    ['GAUGE', 'DOUBLE', 'ALIGN_MEAN'],
    ['CUMULATIVE', 'DOUBLE', 'ALIGN_RATE'],
    ['CUMULATIVE', 'INT64', 'ALIGN_RATE'],
    ['CUMULATIVE', 'DISTRIBUTION', 'ALIGN_DELTA'],
    ['GAUGE', 'DISTRIBUTION', 'ALIGN_PERCENTILE_99'],
    ['GAUGE', 'BOOL', 'ALIGN_FRACTION_TRUE'],
    ['GAUGE', 'STRING', 'ALIGN_NEXT_OLDER'],
  ] as const) {
    it(`of ${kind} ${type} is ${aligner}`, () => assert.equal(alignersFor(kind, type)[0], aligner))
  }
})

describe('settings from the address', () => {
  it('fall back to the default if they are invalid', () => {
    const choices = readChoices(metric('CUMULATIVE', 'DOUBLE'), {
      aligner: 'ALIGN_MEAN',
      reducer: 'NONSENSE',
      plot: 'PIE',
    })
    assert.deepEqual(choices, {
      aligner: 'ALIGN_RATE',
      reducer: 'REDUCE_NONE',
      groupBy: [],
      where: '',
      plotType: 'LINE',
    })
  })

  it('draw distributions as a heatmap, and their percentiles as lines', () => {
    const distribution = metric('CUMULATIVE', 'DISTRIBUTION')
    assert.equal(readChoices(distribution, {}).plotType, 'HEATMAP')
    assert.equal(readChoices(distribution, { reducer: 'REDUCE_PERCENTILE_99' }).plotType, 'LINE')
  })

  it('group only with a reducer', () => {
    const by = { by: 'metric.label.a,resource.label.b' }
    assert.deepEqual(readChoices(metric('GAUGE', 'DOUBLE'), by).groupBy, [])
    assert.deepEqual(readChoices(metric('GAUGE', 'DOUBLE'), { ...by, reducer: 'REDUCE_SUM' }).groupBy, [
      'metric.label.a',
      'resource.label.b',
    ])
  })
})

describe('the filter to copy', () => {
  it('has the metric and the complete aggregation', () => {
    const choices = readChoices(metric('CUMULATIVE', 'DOUBLE'), {
      reducer: 'REDUCE_SUM',
      by: 'metric.label.status',
      where: 'metric.label.status!="200" OR metric.label.method="PUT"',
    })
    assert.deepEqual(timeSeriesFilter('custom.googleapis.com/x', choices), {
      filter: 'metric.type="custom.googleapis.com/x" AND (metric.label.status!="200" OR metric.label.method="PUT")',
      aggregation: {
        alignmentPeriod: '60s',
        perSeriesAligner: 'ALIGN_RATE',
        crossSeriesReducer: 'REDUCE_SUM',
        groupByFields: ['metric.label.status'],
      },
    })
  })
})

it('percentiles of a distribution come from the reducer', () => {
  assert.ok(reducersFor('DISTRIBUTION', 'ALIGN_DELTA').includes('REDUCE_PERCENTILE_99'))
  assert.ok(!reducersFor('STRING', 'ALIGN_NEXT_OLDER').includes('REDUCE_SUM'))
})

it('enum values read as words', () => {
  assert.equal(enumText('REDUCE_PERCENTILE_99'), 'percentile 99')
  assert.equal(enumText('ALIGN_NEXT_OLDER'), 'next older')
})

describe('the unit of a result', () => {
  for (const [unit, aligner, reducer, of] of [
    ['s', 'ALIGN_MEAN', 'REDUCE_NONE', 's'],
    ['s', 'ALIGN_RATE', 'REDUCE_SUM', 's/s'],
    ['10^2.%', 'ALIGN_PERCENTILE_99', 'REDUCE_MEAN', '10^2.%'],
    ['s', 'ALIGN_COUNT', 'REDUCE_NONE', undefined],
    ['s', 'ALIGN_MEAN', 'REDUCE_COUNT', undefined],
    ['1', 'ALIGN_FRACTION_TRUE', 'REDUCE_NONE', undefined],
    ['By', 'ALIGN_PERCENT_CHANGE', 'REDUCE_NONE', undefined],
    ['', 'ALIGN_RATE', 'REDUCE_NONE', undefined],
  ] as const)
    it(`${aligner} and ${reducer} of ${JSON.stringify(unit)}`, () =>
      assert.equal(unitOfResult({ unit }, { aligner, reducer, groupBy: [], where: '', plotType: 'LINE' }), of))
})
