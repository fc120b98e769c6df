import type { QueryAnswer, QuerySeries } from '../../src/contract/charts.ts'

/** A series of a query's result: one without labels, with overrides. */
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

/** A result with gauges, with overrides. */
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
