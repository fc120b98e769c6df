import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Aggregation } from './documents.ts'
import { readDashboards } from './documents.ts'
import { expressionOf, toPromqlDashboard } from './promql-translation.ts'

const type = (name: string) => `metric.type="prometheus.googleapis.com/${name}" resource.type="prometheus_target"`

/** How a query refers to a filter of the dashboard, and to the distance of a chart's points. */
const [POD, INTERVAL] = ['pod', '__interval'].map((name) => `\${${name}}`)

/** Filters with aggregations, and what they are in PromQL. */
const CASES: readonly (readonly [filter: string, aggregation: Aggregation, expression: string])[] = [
  [
    type('requests_total/counter'),
    { alignmentPeriod: '60s', perSeriesAligner: 'ALIGN_RATE', crossSeriesReducer: 'REDUCE_SUM' },
    `sum (rate(requests_total{${POD}}[${INTERVAL}]))`,
  ],
  [
    `${type('requests_total/counter')} metric.label.status=monitoring.regex.full_match("5..") resource.label.job!="x"`,
    {
      alignmentPeriod: '300s',
      perSeriesAligner: 'ALIGN_RATE',
      crossSeriesReducer: 'REDUCE_SUM',
      groupByFields: ['metric.label.pod', 'resource.label.namespace'],
    },
    `sum by (pod, namespace) (rate(requests_total{status=~"5..", job!="x", ${POD}}[300s]))`,
  ],
  [
    type('up/gauge'),
    { perSeriesAligner: 'ALIGN_MEAN', crossSeriesReducer: 'REDUCE_MIN' },
    `min (avg_over_time(up{${POD}}[${INTERVAL}]))`,
  ],
  [
    type('latency_seconds/histogram'),
    {
      perSeriesAligner: 'ALIGN_DELTA',
      crossSeriesReducer: 'REDUCE_PERCENTILE_99',
      groupByFields: ['metric.label.method'],
    },
    `histogram_quantile(0.99, sum by (le, method) (increase(latency_seconds_bucket{${POD}}[${INTERVAL}])))`,
  ],
  [
    type('latency_seconds/histogram'),
    { perSeriesAligner: 'ALIGN_RATE', crossSeriesReducer: 'REDUCE_SUM' },
    `sum (rate(latency_seconds_count{${POD}}[${INTERVAL}]))`,
  ],
]

describe("a query's twin in PromQL", () => {
  for (const [filter, aggregation, expression] of CASES) {
    it(expression, () => assert.equal(expressionOf({ filter, aggregation }, ['pod']), expression))
  }

  it('is missing for an aggregation without a counterpart', () => {
    const aggregation = { perSeriesAligner: 'ALIGN_PERCENT_CHANGE', crossSeriesReducer: 'REDUCE_SUM' }
    assert.throws(
      () => expressionOf({ filter: type('up/gauge'), aggregation }, []),
      /no PromQL for .*ALIGN_PERCENT_CHANGE/,
    )
  })
})

it('all dashboards have one, in which every tile but heatmaps asks in PromQL and all follow the filters', async () => {
  for (const { document } of await readDashboards()) {
    const twin = toPromqlDashboard(document)
    let asked = 0
    for (const { widget } of twin.mosaicLayout.tiles) {
      const { xyChart, timeSeriesTable, scorecard } = widget
      for (const data of [
        ...(xyChart?.dataSets ?? []),
        ...(timeSeriesTable?.dataSets ?? []),
        ...(scorecard ? [scorecard] : []),
      ]) {
        const { prometheusQuery, timeSeriesFilter } = data.timeSeriesQuery
        const isHeatmap = 'plotType' in data && data.plotType === 'HEATMAP'
        const text = isHeatmap ? timeSeriesFilter?.filter : prometheusQuery
        assert.match(text ?? '', /\$\{namespace\},? \$\{pod\}/)
        asked += 1
      }
    }
    assert.equal(asked, JSON.stringify(document).match(/"timeSeriesQuery"/g)?.length)
    assert.doesNotMatch(JSON.stringify(twin), /external\.googleapis\.com|"legendTemplate":"[^"]*resource/)
    assert.deepEqual(
      twin.dashboardFilters?.map(({ labelKey, templateVariable }) => [labelKey, templateVariable]),
      [
        ['namespace', 'namespace'],
        ['pod', 'pod'],
      ],
    )
  }
})
