import { invalidField } from '../api/rpc-error.ts'
import { FilterError } from '../monitoring/filter/filter-error.ts'
import { parseFilter } from '../monitoring/filter/parse-filter.ts'
import type { FilterPartMessage, TimeSeriesQueryMessage, WidgetMessage } from './dashboard.ts'

/** Throws INVALID_ARGUMENT, with widget, data set and field, if a query of a widget breaks a rule. */
export function checkWidgetQueries(widget: WidgetMessage, field: string, variables: ReadonlySet<string>): void {
  const { scorecard } = widget
  if (scorecard) checkQuery(scorecard.timeSeriesQuery, `${field}.scorecard.time_series_query`, variables)
  const charts = {
    xy_chart: widget.xyChart,
    time_series_table: widget.timeSeriesTable,
    pie_chart: widget.pieChart,
    treemap: widget.treemap,
  }
  for (const [name, chart] of Object.entries(charts)) {
    const place = `${field}.${name}.data_sets`
    if (chart?.dataSets.length === 0 && name !== 'treemap')
      throw invalidField(place, undefined, 'At least one data set is required.')
    for (const [index, { timeSeriesQuery }] of (chart?.dataSets ?? []).entries())
      checkQuery(timeSeriesQuery, `${place}[${index}].time_series_query`, variables)
  }
}

function checkQuery(
  query: TimeSeriesQueryMessage | null | undefined,
  field: string,
  variables: ReadonlySet<string>,
): void {
  if (!query?.source) throw invalidField(field, undefined, 'A query is required.')
  const { timeSeriesFilter: single, timeSeriesFilterRatio: ratio } = query
  if (single) checkPart(single, `${field}.time_series_filter`, variables)
  if (!ratio) return
  checkPart(ratio.numerator, `${field}.time_series_filter_ratio.numerator`, variables)
  checkPart(ratio.denominator, `${field}.time_series_filter_ratio.denominator`, variables)
}

function checkPart(part: FilterPartMessage | null | undefined, field: string, variables: ReadonlySet<string>): void {
  checkFilter(part?.filter, `${field}.filter`, variables)
  if (part?.secondaryAggregation && !part.aggregation) {
    const reason = 'It can only be specified if aggregation is specified.'
    throw invalidField(`${field}.secondary_aggregation`, undefined, reason)
  }
}

function checkFilter(filter: string | undefined, field: string, variables: ReadonlySet<string>): void {
  try {
    if (filter !== undefined && parseFilter(withoutVariables(filter, variables))) return
  } catch (error) {
    if (error instanceof FilterError) throw invalidField(field, filter, `${error.message}.`)
    throw error
  }
  throw invalidField(field, filter, 'The filter is required.')
}

const VARIABLE = /\$(?:\{(\w+)(\.value)?\}|(\w+))/g

/**
 * Replaces each of the dashboard's variables by something that can be parsed in its place; a variable that is a value,
 * not a comparison, is replaced by the one in `values`.
 */
export function withoutVariables(
  filter: string,
  variables: ReadonlySet<string>,
  values: ReadonlyMap<string, string> = new Map(),
): string {
  return filter.replace(VARIABLE, (whole, braced: string | undefined, value: string | undefined, bare: string) => {
    const name = braced ?? bare
    if (!variables.has(name)) return whole
    return values.get(name) ?? (value === undefined ? 'resource.type:*' : 'x')
  })
}
