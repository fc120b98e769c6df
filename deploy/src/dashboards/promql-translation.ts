import type { Dashboard, FilterQuery, TimeSeriesQuery } from './documents.ts'
import { toGmpDashboard } from './gmp-translation.ts'

/** The window of a rate: the interval between the chart's points, as the console fills it in. */
const INTERVAL = reference('__interval')

const REDUCERS: Readonly<Record<string, string>> = {
  REDUCE_SUM: 'sum',
  REDUCE_MEAN: 'avg',
  REDUCE_MIN: 'min',
  REDUCE_MAX: 'max',
  REDUCE_COUNT: 'count',
}
const ALIGNERS: Readonly<Record<string, string>> = {
  ALIGN_RATE: 'rate',
  ALIGN_DELTA: 'increase',
  ALIGN_MEAN: 'avg_over_time',
  ALIGN_MIN: 'min_over_time',
  ALIGN_MAX: 'max_over_time',
  ALIGN_SUM: 'sum_over_time',
}

/** Translates a dashboard to one for Managed Service for Prometheus that asks in PromQL; heatmaps keep their filters. */
export function toPromqlDashboard(dashboard: Dashboard): Dashboard {
  const gmp = toGmpDashboard(dashboard)
  const filters = (gmp.dashboardFilters ?? []).map((filter) => ({ ...filter, templateVariable: filter.labelKey }))
  const variables = filters.map(({ templateVariable }) => templateVariable)
  const copy: Dashboard = JSON.parse(JSON.stringify(gmp), (key, value: unknown) => {
    if (key === 'legendTemplate' || key === 'columnId') return inPromql(value)
    return hasQuery(value) ? withPromql(value, variables) : value
  })
  return filters.length > 0 ? { ...copy, dashboardFilters: filters } : copy
}

/** In PromQL all labels are those of the metric. */
function inPromql(text: unknown): unknown {
  return typeof text === 'string' ? text.replaceAll('resource.labels.', 'metric.labels.') : text
}

interface Queried {
  readonly timeSeriesQuery: TimeSeriesQuery
  readonly plotType?: string
}

function hasQuery(value: unknown): value is Queried {
  return typeof value === 'object' && value !== null && 'timeSeriesQuery' in value
}

function withPromql(data: Queried, variables: readonly string[]): Queried {
  const { timeSeriesFilter, timeSeriesFilterRatio, ...rest } = data.timeSeriesQuery
  const asked = (query: object) => ({ ...data, timeSeriesQuery: { ...rest, ...query } })
  // PromQL has no distributions for a heatmap.
  if (timeSeriesFilter && data.plotType === 'HEATMAP') {
    const filter = [timeSeriesFilter.filter, ...variables.map(reference)].join(' ')
    return asked({ timeSeriesFilter: { ...timeSeriesFilter, filter } })
  }
  if (timeSeriesFilter) return asked({ prometheusQuery: expressionOf(timeSeriesFilter, variables) })
  if (!timeSeriesFilterRatio) return data
  const { numerator, denominator } = timeSeriesFilterRatio
  return asked({ prometheusQuery: `${expressionOf(numerator, variables)} / ${expressionOf(denominator, variables)}` })
}

/** What stands for the matcher of a dashboard's filter. */
function reference(variable: string): string {
  return `\${${variable}}`
}

/** The expression of one filter with its aggregation. Throws for what has no counterpart. */
export function expressionOf({ filter, aggregation = {} }: FilterQuery, variables: readonly string[]): string {
  const { alignmentPeriod = '60s', perSeriesAligner = '', crossSeriesReducer = '', groupByFields = [] } = aggregation
  const [, name = '', kind = ''] = /metric\.type="prometheus\.googleapis\.com\/([^"]+)\/(\w+)"/.exec(filter) ?? []
  const align = ALIGNERS[perSeriesAligner]
  if (name === '' || align === undefined) throw new Error(`no PromQL for ${filter} ${perSeriesAligner}`)
  const window = alignmentPeriod === '60s' ? INTERVAL : alignmentPeriod
  const labels = groupByFields.map((field) => field.replace(/^(?:metric|resource)\.labels?\./, ''))
  const matchers = [...matchersOf(filter), ...variables.map(reference)]
  const aligned = (part: string) => `${align}(${name}${part}{${matchers.join(', ')}}[${window}])`
  const quantile = /^REDUCE_PERCENTILE_(\d+)$/.exec(crossSeriesReducer)?.[1]
  const isHistogram = kind === 'histogram'
  if (quantile !== undefined && isHistogram) {
    const grouped = `sum by (${['le', ...labels].join(', ')}) (${aligned('_bucket')})`
    return `histogram_quantile(0.${quantile}, ${grouped})`
  }
  const reduce = REDUCERS[crossSeriesReducer]
  if (reduce === undefined) throw new Error(`no PromQL for ${crossSeriesReducer} of ${name}`)
  const by = labels.length > 0 ? ` by (${labels.join(', ')})` : ''
  return `${reduce}${by} (${aligned(isHistogram ? '_count' : '')})`
}

/** The filter's conditions on labels, as matchers. */
function matchersOf(filter: string): string[] {
  const conditions = filter.matchAll(
    /(?:metric|resource)\.labels?\.(\w+)\s*(!?=)\s*(monitoring\.regex\.full_match\()?("(?:[^"\\]|\\.)*")/g,
  )
  return [...conditions].map(([, label, operator, regex, text]) => {
    return `${label}${regex === undefined ? operator : operator === '=' ? '=~' : '!~'}${text}`
  })
}
