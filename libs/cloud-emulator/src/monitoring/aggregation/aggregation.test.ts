import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { distribution, series, valuesOf, WINDOWS } from '../../../test/testing/point-series.ts'
import { RpcError } from '../../api/rpc-error.ts'
import type { MetricKind, ValueType } from '../../contract/metrics.ts'
import { isDistribution } from '../model/point-value.ts'
import { aggregate, aggregatedType, readAggregation } from './aggregation.ts'
import { ALIGNERS } from './aligners.ts'
import { REDUCERS, type Reducer } from './reducers.ts'

describe('reducers', () => {
  const members = [
    series(
      [
        [10, 1],
        [70, 10],
      ],
      { labels: { status: '200', pod: 'a' } },
    ),
    series([[10, 3]], { labels: { status: '200', pod: 'b' } }),
    series([[10, 5]], { labels: { status: '500', pod: 'b' } }),
  ]
  const reduce = (reducer: string, groupByFields: string[] = [], of = members) => {
    const number = Number(Object.entries(REDUCERS).find(([, name]) => name === reducer)?.[0])
    const aggregation = readAggregation({
      alignmentPeriod: { seconds: 60 },
      perSeriesAligner: 4,
      crossSeriesReducer: number,
      groupByFields,
    })
    return aggregate(of, aggregation, WINDOWS)
  }
  const cases: [Reducer, unknown][] = [
    ['REDUCE_MEAN', 3],
    ['REDUCE_MIN', 1],
    ['REDUCE_MAX', 5],
    ['REDUCE_SUM', 9],
    ['REDUCE_COUNT', 3n],
    ['REDUCE_STDDEV', Math.sqrt(8 / 3)],
    ['REDUCE_PERCENTILE_50', 3],
    ['REDUCE_PERCENTILE_95', 4.8],
    ['REDUCE_PERCENTILE_99', 4.96],
    ['REDUCE_PERCENTILE_05', 1.2],
  ]
  for (const [reducer, expected] of cases) {
    test(reducer, () => {
      const [result, ...more] = reduce(reducer)
      assert.equal(more.length, 0)
      assert.deepEqual(result?.metricLabels, {})
      const value = result?.points[0]?.value
      if (typeof expected === 'number') assert.ok(Math.abs(Number(value) - expected) < 1e-9, `${value}`)
      else assert.equal(value, expected)
    })
  }

  test('groups keep the group-by labels', () => {
    const result = reduce('REDUCE_SUM', ['metric.labels.status'])
    assert.deepEqual(
      result.map((one) => [one.metricLabels, valuesOf(one)]),
      [
        [{ status: '200' }, { 60: 4, 120: 10 }],
        [{ status: '500' }, { 60: 5 }],
      ],
    )
    assert.deepEqual(
      reduce('REDUCE_SUM', ['metric.label."pod"', 'resource.labels.project_id']).map((one) => [
        one.metricLabels,
        one.resourceLabels,
      ]),
      [
        [{ pod: 'a' }, { project_id: 'p' }],
        [{ pod: 'b' }, { project_id: 'p' }],
      ],
    )
  })

  for (const field of [
    'metadata.system_labels.region',
    'metadata.user_labels."my-team"',
    'resource.zone',
    'metric.labels.none',
  ])
    test(`a group-by field that no series has is a missing label: ${field}`, () => {
      const [result, ...more] = reduce('REDUCE_SUM', [field])
      assert.deepEqual([result?.metricLabels, result?.resourceLabels, more], [{}, {}, []])
    })

  test('the resource type always separates groups', () => {
    assert.equal(
      reduce('REDUCE_SUM', [], [series([[10, 1]]), series([[10, 1]], { resource: 'generic_node' })]).length,
      2,
    )
  })

  test('booleans and distributions', () => {
    const flags = [series([[10, true]], { type: 'BOOL' }), series([[10, false]], { type: 'BOOL' })]
    assert.equal(reduce('REDUCE_COUNT_TRUE', [], flags)[0]?.points[0]?.value, 1n)
    assert.equal(reduce('REDUCE_COUNT_FALSE', [], flags)[0]?.points[0]?.value, 1n)
    assert.equal(reduce('REDUCE_FRACTION_TRUE', [], flags)[0]?.points[0]?.value, 0.5)
    const histograms = [
      series([[10, distribution([5, 0, 0, 0], 1)]], { type: 'DISTRIBUTION' }),
      series([[10, distribution([0, 0, 5, 0], 3)]], { type: 'DISTRIBUTION' }),
    ]
    assert.equal(reduce('REDUCE_MEAN', [], histograms)[0]?.points[0]?.value, 2)
    assert.equal(reduce('REDUCE_STDDEV', [], histograms)[0]?.points[0]?.value, 1)
    assert.equal(reduce('REDUCE_PERCENTILE_50', [], histograms)[0]?.points[0]?.value, 1)
    const sum = reduce('REDUCE_SUM', [], histograms)[0]?.points[0]?.value
    assert.ok(sum !== undefined && isDistribution(sum))
    assert.deepEqual(Array.from(sum.counts), [5, 0, 5, 0])
  })
})

describe('invalid aggregations', () => {
  const fails = (run: () => unknown, message: string) =>
    assert.throws(
      run,
      (error) =>
        error instanceof RpcError &&
        error.code === 'INVALID_ARGUMENT' &&
        assert.equal(error.message, message) === undefined,
    )
  const read = (changes: object) =>
    readAggregation({
      alignmentPeriod: { seconds: 60 },
      perSeriesAligner: 12,
      crossSeriesReducer: 0,
      groupByFields: [],
      ...changes,
    })

  test('no period', () =>
    fails(
      () => read({ alignmentPeriod: null }),
      'Field aggregation.alignmentPeriod had an invalid value of "0s": It must be at least 60s with the aligner ALIGN_MEAN.',
    ))
  test('a period of 59 s', () =>
    fails(
      () => read({ alignmentPeriod: { seconds: 59 } }),
      'Field aggregation.alignmentPeriod had an invalid value of "59s": It must be at least 60s with the aligner ALIGN_MEAN.',
    ))
  test('a period of 105 weeks', () =>
    fails(
      () => read({ alignmentPeriod: { seconds: 105 * 7 * 86_400 } }),
      'Field aggregation.alignmentPeriod had an invalid value of "63504000s": It must be at most 104 weeks.',
    ))
  test('a reducer without an aligner', () =>
    fails(
      () => read({ perSeriesAligner: 0, crossSeriesReducer: 4 }),
      'Field aggregation.perSeriesAligner had an invalid value of "ALIGN_NONE": An aligner other than ALIGN_NONE is required with the reducer REDUCE_SUM.',
    ))
  test('an unknown aligner', () =>
    fails(
      () => read({ perSeriesAligner: 5 }),
      'Field aggregation.perSeriesAligner had an invalid value of "5": Unknown aligner.',
    ))
  test('an unknown reducer', () =>
    fails(
      () => read({ crossSeriesReducer: 99 }),
      'Field aggregation.crossSeriesReducer had an invalid value of "99": Unknown reducer.',
    ))
  test('an unknown field to group by', () =>
    fails(
      () => read({ groupByFields: ['status'] }),
      'Field aggregation.groupByFields had an invalid value of "status": Known fields are metric.labels.KEY, resource.labels.KEY, metadata.system_labels.KEY, metadata.user_labels.KEY, resource.type and project.',
    ))
  test("an aligner that can't be applied to the kind", () =>
    fails(
      () => aggregatedType(read({ perSeriesAligner: 2 }), { metricKind: 'GAUGE', valueType: 'DOUBLE' }),
      'Field aggregation.perSeriesAligner had an invalid value of "ALIGN_RATE": The aligner cannot be applied to metrics with kind GAUGE and value type DOUBLE.',
    ))
  test("a reducer that can't be applied to the value type", () =>
    fails(
      () =>
        aggregatedType(read({ perSeriesAligner: 1, crossSeriesReducer: 2 }), {
          metricKind: 'CUMULATIVE',
          valueType: 'DISTRIBUTION',
        }),
      'Field aggregation.crossSeriesReducer had an invalid value of "REDUCE_MIN": The reducer cannot be applied to aligned series with kind DELTA and value type DISTRIBUTION.',
    ))
})

test('the kinds and value types of each aligner', () => {
  const takes = (metricKind: MetricKind, valueType: ValueType): string[] =>
    Object.entries(ALIGNERS).flatMap(([number, name]) => {
      try {
        aggregatedType(
          readAggregation({
            alignmentPeriod: { seconds: 60 },
            perSeriesAligner: Number(number),
            crossSeriesReducer: 0,
            groupByFields: [],
          }),
          { metricKind, valueType },
        )
        return [name.replace('ALIGN_', '')]
      } catch {
        return []
      }
    })
  const percentiles = ['PERCENTILE_99', 'PERCENTILE_95', 'PERCENTILE_50', 'PERCENTILE_05']
  const numeric = ['MIN', 'MAX', 'MEAN', 'COUNT', 'SUM', 'STDDEV', 'PERCENT_CHANGE']
  assert.deepEqual(takes('CUMULATIVE', 'INT64'), ['NONE', 'DELTA', 'RATE'])
  assert.deepEqual(takes('CUMULATIVE', 'DISTRIBUTION'), ['NONE', 'DELTA'])
  assert.deepEqual(takes('DELTA', 'DISTRIBUTION'), ['NONE', 'DELTA', 'SUM', ...percentiles])
  assert.deepEqual(takes('GAUGE', 'DISTRIBUTION'), ['NONE', 'NEXT_OLDER', 'SUM', ...percentiles])
  assert.deepEqual(takes('GAUGE', 'DOUBLE'), ['NONE', 'INTERPOLATE', 'NEXT_OLDER', ...numeric])
  assert.deepEqual(takes('DELTA', 'DOUBLE'), ['NONE', 'DELTA', 'RATE', ...numeric])
  assert.deepEqual(takes('GAUGE', 'BOOL'), [
    'NONE',
    'NEXT_OLDER',
    'COUNT',
    'COUNT_TRUE',
    'FRACTION_TRUE',
    'COUNT_FALSE',
  ])
})
