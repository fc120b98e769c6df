import type { QueryAnswer, QuerySeries } from '../../src/contract/charts.ts'

/** A series of a query's answer: one without labels, except for what is given. */
export function querySeries(parts: Partial<QuerySeries>): QuerySeries {
  return {
    metricType: 'custom.googleapis.com/x',
    metricLabels: {},
    resourceType: 'global',
    resourceLabels: {},
    timesMs: [],
    ...parts,
  }
}

/** An answer of gauges, except for what is given. */
export function queryAnswer(parts: Partial<QueryAnswer>): QueryAnswer {
  return {
    metricKind: 'GAUGE',
    valueType: 'DOUBLE',
    unit: '',
    alignmentPeriodSeconds: 60,
    totalSeries: parts.series?.length ?? 0,
    series: [],
    ...parts,
  }
}
