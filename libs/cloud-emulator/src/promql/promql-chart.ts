import { type MatrixSeries, METRIC_NAME, ParseError, QueryError } from '@node-to-cloud/promql'
import { RpcError } from '../api/rpc-error.ts'
import type { QueryAnswer, QuerySeries } from '../contract/charts.ts'
import type { ProjectPromql } from './promql-engine.ts'

/** A chart's PromQL query, with its range and resolution. */
export interface PromqlChartQuery {
  readonly query: string
  readonly unitOverride: string
  readonly startMs: number
  readonly endMs: number
  readonly maxPoints: number
  readonly maxSeries: number
}

/** The possible steps of charts, in seconds. */
const STEPS = [10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400]
/** More points than this can't be distinguished in a tile. */
const ENOUGH_POINTS = 400
/** The minimum range that has two points of metrics written once a minute. */
const MIN_INTERVAL_SECONDS = 60

/** The step of a chart, in seconds. */
export function chartStep(rangeMs: number, maxPoints: number): number {
  const points = Math.min(ENOUGH_POINTS, maxPoints)
  const least = rangeMs / 1000 / points
  return STEPS.find((step) => step >= least) ?? Math.ceil(least / 86_400) * 86_400
}

/** Replaces the console's variable for the step in a query. */
export function withInterval(query: string, stepSeconds: number): string {
  return query.replaceAll(/\$\{__interval\}|\$__interval\b/g, `${Math.max(stepSeconds, MIN_INTERVAL_SECONDS)}s`)
}

/** Evaluates a chart's PromQL query; its points are at multiples of the step. Throws INVALID_ARGUMENT. */
export function answerPromqlChart(promql: ProjectPromql, chart: PromqlChartQuery): QueryAnswer {
  const { startMs, endMs, maxPoints, maxSeries, unitOverride } = chart
  const stepSeconds = chartStep(endMs - startMs, maxPoints)
  const stepMs = stepSeconds * 1000
  const first = Math.ceil(startMs / stepMs) * stepMs
  const { result } = orInvalid(() => promql.range(withInterval(chart.query, stepSeconds), first, endMs, stepMs))
  const { value } = result
  const series = value.type === 'matrix' ? value.series : []
  return {
    metricKind: 'GAUGE',
    valueType: 'DOUBLE',
    unit: unitOverride || '1',
    alignmentPeriodSeconds: stepSeconds,
    totalSeries: series.length,
    series: series.slice(0, maxSeries).map(toQuerySeries),
  }
}

function orInvalid<T>(evaluate: () => T): T {
  try {
    return evaluate()
  } catch (error) {
    if (error instanceof ParseError || error instanceof QueryError) {
      throw new RpcError('INVALID_ARGUMENT', `prometheusQuery: ${error.message}`, { cause: error })
    }
    throw error
  }
}

/** Only floats: a native histogram can't be drawn as a line. */
function toQuerySeries({ labels, floats }: MatrixSeries): QuerySeries {
  const { [METRIC_NAME]: metricType = '', ...metricLabels } = labels.toJSON()
  return {
    metricType,
    metricLabels,
    resourceType: '',
    resourceLabels: {},
    timesMs: floats.times,
    values: floats.values.map((value) => (Number.isFinite(value) ? value : null)),
  }
}
