import type { QueryResult } from '../../../../contract/charts.ts'
import type { TimeSeriesQuery } from '../../../../contract/dashboard.ts'
import { el } from '../../element.ts'
import { shortMetricName } from '../legend.ts'

/** The metric types in a query. */
export function metricTypesOf(query: TimeSeriesQuery | undefined): string[] {
  const filters = [
    query?.timeSeriesFilter?.filter,
    query?.timeSeriesFilterRatio?.numerator?.filter,
    query?.timeSeriesFilterRatio?.denominator?.filter,
  ]
  const types = filters.flatMap((filter) =>
    [...(filter ?? '').matchAll(/metric\.type\s*=\s*"([^"]+)"/g)].map((match) => match[1] ?? ''),
  )
  return [...new Set(types)]
}

/** A note in a widget that has nothing to show: an error, or which metric has no data. */
export interface WidgetMessage {
  readonly element: HTMLElement
  show(results: readonly QueryResult[], queries: readonly (TimeSeriesQuery | undefined)[], hasData: boolean): void
}

export function createWidgetMessage(): WidgetMessage {
  const element = el('div', { class: 'widget-message', hidden: true })
  return {
    element,
    show(results, queries, hasData) {
      // 404 means that no point of the metric has ever been written, so the query is not at fault.
      const failures = results.flatMap((result) => (result.error && result.error.code !== 404 ? [result.error] : []))
      const errors = [...new Set(failures.map((error) => error.message))]
      const unwritten = results.length > 0 && results.every((result) => result.error?.code === 404)
      element.hidden = errors.length === 0 && hasData
      if (element.hidden) return
      element.classList.toggle('widget-message-error', errors.length > 0)
      if (errors.length > 0) {
        element.replaceChildren(el('strong', {}, 'This query failed'), ...errors.map((error) => el('span', {}, error)))
      } else {
        const types = [...new Set(queries.flatMap(metricTypesOf))]
        element.replaceChildren(
          el('strong', {}, unwritten ? 'Not written yet' : 'No data in this range'),
          el('span', { title: types.join('\n') }, types.map(shortMetricName).join(', ')),
        )
      }
    },
  }
}
