import type { DashboardFilter, TimeSeriesQuery } from '../../../contract/dashboard.ts'

/** The chosen values of a dashboard's filters by filter key; a missing key filters nothing. */
export type FilterChoices = Readonly<Record<string, string>>

/** The key of a dashboard filter in the address and its name on the page. */
export function filterKey(filter: DashboardFilter): string {
  return filter.templateVariable || filter.labelKey || ''
}

/** The selector of the filter's label; undefined for kinds that have no data here (groups, metadata). */
export function filterSelector(filter: DashboardFilter): string | undefined {
  if (!filter.labelKey) return undefined
  if (filter.filterType === 'RESOURCE_LABEL') return `resource.label.${quoteKey(filter.labelKey)}`
  if (filter.filterType === 'METRIC_LABEL') return `metric.label.${quoteKey(filter.labelKey)}`
  return undefined
}

function quoteKey(key: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(key) ? key : quote(key)
}

function escaped(value: string): string {
  return value.replace(/["\\]/g, '\\$&')
}

/** Quotes a value for the filter language. */
export function quote(value: string): string {
  return `"${escaped(value)}"`
}

/** `${name}`, `${name.value}` or `$name`. */
const VARIABLE = /\$(?:\{(\w+)(\.value)?\}|(\w+))/g
/** A comparison that matches every series, used for a variable without a value. */
const MATCH_ALL = 'resource.type:*'

/** The chosen or default value; undefined if it is empty or `*`, which match everything. */
export function chosenValue(filter: DashboardFilter, choices: FilterChoices): string | undefined {
  const value = choices[filterKey(filter)] ?? filter.stringValue
  return value === undefined || value === '' || value === '*' ? undefined : value
}

function narrow(text: string, filters: readonly DashboardFilter[], choices: FilterChoices): string {
  let result = text
  for (const filter of filters) {
    const selector = filterSelector(filter)
    const value = chosenValue(filter, choices)
    if (filter.templateVariable) {
      // As in the console, a filter with a variable applies only to widgets that use the variable.
      const name = filter.templateVariable
      const whole = selector === undefined || value === undefined ? MATCH_ALL : `${selector}=${quote(value)}`
      result = result.replace(VARIABLE, (match, braced: string | undefined, dot: string | undefined, bare: string) => {
        if ((braced ?? bare) !== name) return match
        if (isValueOnly(filter)) return value ?? ''
        return dot === undefined ? whole : escaped(value ?? '')
      })
    } else if (selector !== undefined && value !== undefined) {
      result = result.trim() === '' ? `${selector}=${quote(value)}` : `(${result}) AND ${selector}=${quote(value)}`
    }
  }
  return result
}

/**
 * Whether the filter's variable is an arbitrary string, such as a duration, that is inserted into queries unchanged.
 */
export function isValueOnly({ filterType }: DashboardFilter): boolean {
  return filterType === 'VALUE_ONLY'
}

/** Applies the dashboard's filters to a query. */
export function applyFilters(
  query: TimeSeriesQuery,
  filters: readonly DashboardFilter[],
  choices: FilterChoices,
): TimeSeriesQuery {
  if (query.timeSeriesFilter) {
    const { timeSeriesFilter } = query
    return {
      ...query,
      timeSeriesFilter: { ...timeSeriesFilter, filter: narrow(timeSeriesFilter.filter, filters, choices) },
    }
  }
  if (query.timeSeriesFilterRatio) {
    const { numerator, denominator, ...rest } = query.timeSeriesFilterRatio
    return {
      ...query,
      timeSeriesFilterRatio: {
        ...rest,
        ...(numerator ? { numerator: { ...numerator, filter: narrow(numerator.filter, filters, choices) } } : {}),
        ...(denominator
          ? { denominator: { ...denominator, filter: narrow(denominator.filter, filters, choices) } }
          : {}),
      },
    }
  }
  if (query.prometheusQuery) {
    return { ...query, prometheusQuery: narrowPromql(query.prometheusQuery, filters, choices) }
  }
  return query
}

/**
 * Replaces the variables in a PromQL query: `${name}` is a matcher for the filter's label, `${name.value}` its value.
 * Without a chosen value, any value matches.
 */
function narrowPromql(text: string, filters: readonly DashboardFilter[], choices: FilterChoices): string {
  const byName = new Map(filters.map((filter) => [filter.templateVariable, filter]))
  return text.replace(VARIABLE, (match, braced: string | undefined, dot: string | undefined, bare: string) => {
    const filter = byName.get(braced ?? bare)
    if (filter === undefined) return match
    const value = chosenValue(filter, choices)
    if (isValueOnly(filter)) return value ?? ''
    if (dot !== undefined) return escaped(value ?? '.*')
    const label = filter.labelKey ?? ''
    return value === undefined || label === '' ? `${label || 'project_id'}=~".*"` : `${label}=${quote(value)}`
  })
}
