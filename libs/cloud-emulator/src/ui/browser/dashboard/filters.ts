import type { DashboardFilter, TimeSeriesQuery } from '../../../contract/dashboard.ts'

/** What a person chose for a dashboard's filters: filter key to value; a key that is absent filters nothing. */
export type FilterChoices = Readonly<Record<string, string>>

/** How a dashboard filter is named in the address and on the page. */
export function filterKey(filter: DashboardFilter): string {
  return filter.templateVariable || filter.labelKey || ''
}

/** The part of a monitoring filter that stands for the label, or undefined for a kind that has no data here (groups, metadata). */
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

/** A value as a quoted string of the filter language. */
export function quote(value: string): string {
  return `"${escaped(value)}"`
}

/** `${name}`, `${name.value}` or `$name`. */
const variable = /\$(?:\{(\w+)(\.value)?\}|(\w+))/g
/** A comparison that holds for every series: a filter stays one where nothing is chosen. */
const everything = 'resource.type:*'

/** The value a filter has: what was chosen, else its default; empty and `*` mean everything. */
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
      // As in the console: a widget that names the variable gets it; one that doesn't is left alone.
      const name = filter.templateVariable
      const whole = selector === undefined || value === undefined ? everything : `${selector}=${quote(value)}`
      result = result.replace(variable, (match, braced: string | undefined, dot: string | undefined, bare: string) => {
        if ((braced ?? bare) !== name) return match
        return dot === undefined ? whole : escaped(value ?? '')
      })
    } else if (selector !== undefined && value !== undefined) {
      result = result.trim() === '' ? `${selector}=${quote(value)}` : `(${result}) AND ${selector}=${quote(value)}`
    }
  }
  return result
}

/** The query with the dashboard's filters in it. */
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
  return query
}
