import type { Aggregation } from '../../../contract/dashboard.ts'
import type { MetricSummary } from '../../../contract/metrics.ts'

/** What a person chose for a metric in the explorer. */
export interface QueryChoices {
  readonly aligner: string
  readonly reducer: string
  readonly groupBy: readonly string[]
  readonly where: string
  readonly plotType: string
}

const percentileAligners = [99, 95, 50, 5].map((percent) => `ALIGN_PERCENTILE_${String(percent).padStart(2, '0')}`)
const percentileReducers = [99, 95, 50, 5].map((percent) => `REDUCE_PERCENTILE_${String(percent).padStart(2, '0')}`)
const gaugeAligners: Readonly<Record<string, readonly string[]>> = {
  BOOL: ['ALIGN_FRACTION_TRUE', 'ALIGN_COUNT_TRUE', 'ALIGN_COUNT_FALSE', 'ALIGN_COUNT', 'ALIGN_NEXT_OLDER'],
  DISTRIBUTION: [...percentileAligners, 'ALIGN_SUM', 'ALIGN_NEXT_OLDER'],
  STRING: ['ALIGN_NEXT_OLDER'],
}
const numericAligners = [
  ...['ALIGN_MEAN', 'ALIGN_MIN', 'ALIGN_MAX', 'ALIGN_SUM', 'ALIGN_COUNT', 'ALIGN_STDDEV'],
  ...['ALIGN_NEXT_OLDER', 'ALIGN_INTERPOLATE', 'ALIGN_PERCENT_CHANGE'],
]
const reducers: Readonly<Record<string, readonly string[]>> = {
  BOOL: ['REDUCE_FRACTION_TRUE', 'REDUCE_COUNT_TRUE', 'REDUCE_COUNT_FALSE', 'REDUCE_COUNT'],
  DISTRIBUTION: [...percentileReducers, 'REDUCE_MEAN', 'REDUCE_STDDEV', 'REDUCE_SUM', 'REDUCE_COUNT'],
  STRING: ['REDUCE_COUNT'],
}
const numericReducers = [
  ...['REDUCE_SUM', 'REDUCE_MEAN', 'REDUCE_MIN', 'REDUCE_MAX', 'REDUCE_STDDEV', 'REDUCE_COUNT'],
  ...percentileReducers,
]
/** Aligners whose result is of the type that went in, whatever it is. */
const keepingAligners = ['ALIGN_DELTA', 'ALIGN_SUM', 'ALIGN_NEXT_OLDER']

/** The aligners that Cloud Monitoring takes for a kind and a value type, the usual one first. */
export function alignersFor(metricKind: string, valueType: string): readonly string[] {
  if (metricKind !== 'GAUGE') return valueType === 'DISTRIBUTION' ? ['ALIGN_DELTA'] : ['ALIGN_RATE', 'ALIGN_DELTA']
  return gaugeAligners[valueType] ?? numericAligners
}

/** The reducers that fit what an aligner makes of a value type; the first is "none". */
export function reducersFor(valueType: string, aligner: string): readonly string[] {
  const fitting = keepingAligners.includes(aligner) ? reducers[valueType] : undefined
  return ['REDUCE_NONE', ...(fitting ?? numericReducers)]
}

/** Whether the answer to a query holds distributions, which only a heatmap can draw whole. */
export function givesDistributions(valueType: string, aligner: string, reducer: string): boolean {
  if (valueType !== 'DISTRIBUTION' || !keepingAligners.includes(aligner)) return false
  return reducer === 'REDUCE_NONE' || reducer === 'REDUCE_SUM'
}

/** How `REDUCE_PERCENTILE_99` and `ALIGN_RATE` are written in a list: `percentile 99`, `rate`. */
export function enumText(value: string): string {
  return value
    .replace(/^(ALIGN|REDUCE)_/, '')
    .replaceAll('_', ' ')
    .toLowerCase()
}

/** Choices out of the address, with what does not fit the metric replaced by the usual. */
export function readChoices(metric: MetricSummary, parameters: Readonly<Record<string, string>>): QueryChoices {
  const aligners = alignersFor(metric.metricKind, metric.valueType)
  const aligner = aligners.find((one) => one === parameters.aligner) ?? aligners[0] ?? 'ALIGN_NONE'
  const reducers = reducersFor(metric.valueType, aligner)
  const usual = metric.valueType === 'DISTRIBUTION' && aligner === 'ALIGN_DELTA' ? 'REDUCE_SUM' : 'REDUCE_NONE'
  const reducer = reducers.find((one) => one === parameters.reducer) ?? usual
  const plots = givesDistributions(metric.valueType, aligner, reducer)
    ? ['HEATMAP']
    : ['LINE', 'STACKED_AREA', 'STACKED_BAR']
  return {
    aligner,
    reducer,
    groupBy: reducer === 'REDUCE_NONE' ? [] : (parameters.by ?? '').split(',').filter((field) => field !== ''),
    where: parameters.where ?? '',
    plotType: plots.find((one) => one === parameters.plot) ?? plots[0] ?? 'LINE',
  }
}

/** The `timeSeriesFilter` of a dashboard for the choices. */
export function timeSeriesFilter(
  metricType: string,
  choices: QueryChoices,
): { filter: string; aggregation: Aggregation } {
  const filter = `metric.type="${metricType}"`
  const where = choices.where.trim()
  return {
    filter: where === '' ? filter : `${filter} AND (${where})`,
    aggregation: {
      alignmentPeriod: '60s',
      perSeriesAligner: choices.aligner,
      ...(choices.reducer === 'REDUCE_NONE' ? {} : { crossSeriesReducer: choices.reducer }),
      ...(choices.groupBy.length > 0 ? { groupByFields: choices.groupBy } : {}),
    },
  }
}
