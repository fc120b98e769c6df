import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { undrawnFields } from './undrawn-fields.ts'

const query = { timeSeriesFilter: { filter: 'x', pickTimeSeriesFilter: {} }, unitOverride: 'By' }
const dataSet = { timeSeriesQuery: query, minAlignmentPeriod: '60s' }

describe('the fields of a widget that are not supported', () => {
  const cases: [what: string, widget: object, undrawn: readonly string[]][] = [
    [
      'none for a chart, which has its own messages',
      { title: 't', xyChart: { dataSets: [{ ...dataSet, sort: [{}] }] } },
      [],
    ],
    ['none for a scorecard', { scorecard: { timeSeriesQuery: query, gaugeView: {}, thresholds: [{}] } }, []],
    [
      'insignificant values',
      { scorecard: { timeSeriesQuery: { ...query, outputFullDuration: false }, dimensions: [] } },
      [],
    ],
    [
      'the full duration of a PromQL query, but not of others',
      {
        timeSeriesTable: {
          dataSets: [
            { timeSeriesQuery: { ...query, outputFullDuration: true } },
            { timeSeriesQuery: { prometheusQuery: 'up', outputFullDuration: true } },
          ],
        },
      },
      ['outputFullDuration: for PromQL the newest value is shown, not one over the whole range'],
    ],
    [
      'breakdowns and measures',
      { scorecard: { breakdowns: [{}], measures: [{ column: 'c' }] } },
      ['breakdowns', 'measures'],
    ],
    [
      'its own range and condition',
      {
        blank: {},
        timeRange: { relativeDuration: '3600s' },
        visibilityCondition: { templateVariableCondition: { a: 1 } },
      },
      ["timeRange: the page's range is shown", 'visibilityCondition: the tile is always shown'],
    ],
    [
      'parts of a table, each once',
      {
        timeSeriesTable: {
          dataSets: [
            { ...dataSet, breakdowns: [{ a: 1 }] },
            { ...dataSet, breakdowns: [{ a: 1 }] },
          ],
          columnSettings: [
            { column: 'c', visible: true, displayName: 'C', alignment: 'CENTER', thresholds: [{ value: 1 }] },
          ],
          displayColumnType: true,
        },
      },
      ['breakdowns', 'thresholds', 'displayColumnType'],
    ],
    [
      'parts of a pie',
      {
        pieChart: {
          dataSets: [{ ...dataSet, sliceNameTemplate: 's' }],
          chartType: 'DONUT',
          sliceAggregatedThreshold: 1,
        },
      },
      ['sliceAggregatedThreshold'],
    ],
    [
      'the source of data',
      { pieChart: { dataSets: [{ timeSeriesQuery: { ...query, apiSource: 'DEFAULT_CLOUD' } }] } },
      ['apiSource'],
    ],
    [
      'the colours of a text',
      { text: { content: 'x', style: { fontSize: 'FS_LARGE', padding: 'P_SMALL', textColor: '#fff' } } },
      ['textColor'],
    ],
    ['of a text, not the style that Google adds', { text: { content: 'x', style: {} } }, []],
    ['of logs, the resources', { logsPanel: { filter: 'x', resourceNames: ['projects/p'] } }, ['resourceNames']],
    ['nothing for a kind that is not supported at all', { treemap: { treemapHierarchy: ['a'] } }, []],
  ]
  for (const [what, widget, undrawn] of cases) test(what, () => assert.deepEqual(undrawnFields(widget), undrawn))
})
