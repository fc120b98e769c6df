import type { Aggregation } from '../../../contract/dashboard.ts'
import type { MetricSummary } from '../../../contract/metrics.ts'

/** The settings of a metric's chart in the explorer. */
export interface QueryChoices {
  readonly aligner: string
  readonly reducer: string
  readonly groupBy: readonly string[]
  readonly where: string
  readonly plotType: string
}

const PERCENTILE_ALIGNERS = [99, 95, 50, 5].map((percent) => `ALIGN_PERCENTILE_${String(percent).padStart(2, '0')}`)
const PERCENTILE_REDUCERS = [99, 95, 50, 5].map((percent) => `REDUCE_PERCENTILE_${String(percent).padStart(2, '0')}`)
const GAUGE_ALIGNERS: Readonly<Record<string, readonly string[]>> = {
  BOOL: ['ALIGN_FRACTION_TRUE', 'ALIGN_COUNT_TRUE', 'ALIGN_COUNT_FALSE', 'ALIGN_COUNT', 'ALIGN_NEXT_OLDER'],
  DISTRIBUTION: [...PERCENTILE_ALIGNERS, 'ALIGN_SUM', 'ALIGN_NEXT_OLDER'],
  STRING: ['ALIGN_NEXT_OLDER'],
}
const NUMERIC_ALIGNERS = [
  ...['ALIGN_MEAN', 'ALIGN_MIN', 'ALIGN_MAX', 'ALIGN_SUM', 'ALIGN_COUNT', 'ALIGN_STDDEV'],
  ...['ALIGN_NEXT_OLDER', 'ALIGN_INTERPOLATE', 'ALIGN_PERCENT_CHANGE'],
]
const REDUCERS_BY_TYPE: Readonly<Record<string, readonly string[]>> = {
  BOOL: ['REDUCE_FRACTION_TRUE', 'REDUCE_COUNT_TRUE', 'REDUCE_COUNT_FALSE', 'REDUCE_COUNT'],
  DISTRIBUTION: [...PERCENTILE_REDUCERS, 'REDUCE_MEAN', 'REDUCE_STDDEV', 'REDUCE_SUM', 'REDUCE_COUNT'],
  STRING: ['REDUCE_COUNT'],
}
const NUMERIC_REDUCERS = [
  ...['REDUCE_SUM', 'REDUCE_MEAN', 'REDUCE_MIN', 'REDUCE_MAX', 'REDUCE_STDDEV', 'REDUCE_COUNT'],
  ...PERCENTILE_REDUCERS,
]
/** Aligners that keep the value type. */
const TYPE_KEEPING_ALIGNERS = ['ALIGN_DELTA', 'ALIGN_SUM', 'ALIGN_NEXT_OLDER']

/** The aligners that Cloud Monitoring allows for a metric kind and value type, the default first. */
export function alignersFor(metricKind: string, valueType: string): readonly string[] {
  if (metricKind !== 'GAUGE') return valueType === 'DISTRIBUTION' ? ['ALIGN_DELTA'] : ['ALIGN_RATE', 'ALIGN_DELTA']
  return GAUGE_ALIGNERS[valueType] ?? NUMERIC_ALIGNERS
}

/** The reducers allowed after an aligner; the first is "none". */
export function reducersFor(valueType: string, aligner: string): readonly string[] {
  const fitting = TYPE_KEEPING_ALIGNERS.includes(aligner) ? REDUCERS_BY_TYPE[valueType] : undefined
  return ['REDUCE_NONE', ...(fitting ?? NUMERIC_REDUCERS)]
}

/** Whether a query returns distributions, which only a heatmap can show in full. */
export function givesDistributions(valueType: string, aligner: string, reducer: string): boolean {
  if (valueType !== 'DISTRIBUTION' || !TYPE_KEEPING_ALIGNERS.includes(aligner)) return false
  return reducer === 'REDUCE_NONE' || reducer === 'REDUCE_SUM'
}

/** The chart types for the series of a query, the default first. */
export function plotTypesFor(valueType: string, aligner: string, reducer: string): readonly string[] {
  return givesDistributions(valueType, aligner, reducer) ? ['HEATMAP'] : ['LINE', 'STACKED_AREA', 'STACKED_BAR']
}

/** `REDUCE_PERCENTILE_99` as `percentile 99`, `ALIGN_RATE` as `rate`. */
export function enumText(value: string): string {
  return value
    .replace(/^(ALIGN|REDUCE)_/, '')
    .replaceAll('_', ' ')
    .toLowerCase()
}

/** Reads the settings from the address. Those that are invalid for the metric are replaced by the default. */
export function readChoices(metric: MetricSummary, parameters: Readonly<Record<string, string>>): QueryChoices {
  const aligners = alignersFor(metric.metricKind, metric.valueType)
  const aligner = aligners.find((one) => one === parameters.aligner) ?? aligners[0] ?? 'ALIGN_NONE'
  const reducers = reducersFor(metric.valueType, aligner)
  const usual = metric.valueType === 'DISTRIBUTION' && aligner === 'ALIGN_DELTA' ? 'REDUCE_SUM' : 'REDUCE_NONE'
  const reducer = reducers.find((one) => one === parameters.reducer) ?? usual
  const plots = plotTypesFor(metric.valueType, aligner, reducer)
  return {
    aligner,
    reducer,
    groupBy: reducer === 'REDUCE_NONE' ? [] : (parameters.by ?? '').split(',').filter((field) => field !== ''),
    where: parameters.where ?? '',
    plotType: plots.find((one) => one === parameters.plot) ?? plots[0] ?? 'LINE',
  }
}

/**
 * The unit of a metric's values with these settings, also if the unit is only in the metric's name (`…_seconds`);
 * undefined if the aggregation has its own unit, such as a count.
 */
export function unitOfResult(
  { unit }: Pick<MetricSummary, 'unit'>,
  { aligner, reducer }: QueryChoices,
): string | undefined {
  const hasOwn = [aligner, reducer].some((one) => /_(?:COUNT|FRACTION|PERCENT_CHANGE)/.test(one))
  if (unit === '' || hasOwn) return undefined
  return aligner === 'ALIGN_RATE' ? `${unit}/s` : unit
}

/** The `timeSeriesFilter` for these settings. */
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
