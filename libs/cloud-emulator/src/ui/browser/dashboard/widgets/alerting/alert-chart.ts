import type { AlertPolicy, AlertQuery } from '../../../../../contract/alerting.ts'
import type { RatioPart, TimeSeriesQuery, XyChart } from '../../../../../contract/dashboard.ts'
import { el } from '../../../element.ts'
import { createXyChart } from '../chart/xy-chart.ts'
import type { AlertReader, WidgetEvents, WidgetView } from '../widget-view.ts'

/**
 * The chart of a policy: the query of its first condition, with the threshold as a line. Undefined if it has no filter.
 */
export function chartOfPolicy({ conditions = [] }: AlertPolicy): XyChart | undefined {
  const [condition] = conditions
  const threshold = condition?.conditionThreshold
  const query = threshold ?? condition?.conditionAbsent
  const timeSeriesQuery = query && queryOf(query)
  if (!timeSeriesQuery) return undefined
  return {
    dataSets: [{ plotType: 'LINE', timeSeriesQuery }],
    ...(threshold ? { thresholds: [{ value: threshold.thresholdValue ?? 0, label: 'Threshold' }] } : {}),
  }
}

function queryOf({
  filter = '',
  aggregations,
  denominatorFilter,
  denominatorAggregations,
}: AlertQuery): TimeSeriesQuery | undefined {
  if (filter === '' || filter.trim().startsWith('select_slo_')) return undefined
  const numerator = partOf(filter, aggregations)
  if (!denominatorFilter) {
    const secondaryAggregation = aggregations?.[1]
    return { timeSeriesFilter: { ...numerator, ...(secondaryAggregation ? { secondaryAggregation } : {}) } }
  }
  return { timeSeriesFilterRatio: { numerator, denominator: partOf(denominatorFilter, denominatorAggregations) } }
}

function partOf(filter: string, aggregations: AlertQuery['aggregations']): RatioPart {
  const [aggregation] = aggregations ?? []
  return { filter, ...(aggregation ? { aggregation } : {}) }
}

/** The chart of an alert policy, which is read on every refresh since it may have changed. */
export function createAlertChart(name: string, events: WidgetEvents, alerts: AlertReader): WidgetView {
  const body = el('div', { class: 'widget-alert-chart' })
  let drawn = ''
  let inner: WidgetView | undefined
  const show = (key: string, view: WidgetView | undefined, message?: string): void => {
    if (key === drawn) return
    drawn = key
    inner?.destroy()
    inner = view
    body.replaceChildren(view?.body ?? el('div', { class: 'widget-message' }, el('span', {}, message ?? '')))
  }
  return {
    body,
    get queries() {
      return inner?.queries ?? []
    },
    async prepare(_nowMs, signal) {
      try {
        const chart = chartOfPolicy(await alerts.alertPolicy(name, signal))
        if (chart) {
          const key = JSON.stringify(chart)
          if (key !== drawn) show(key, createXyChart(chart, 'Metric of the alert policy', events))
        } else show('none', undefined, 'This policy has no condition with a filter, so there is nothing to show.')
      } catch (error) {
        if (signal.aborted) throw error
        show('absent', undefined, `There is no alert policy ${name} here.`)
      }
    },
    update: (results, frame) => inner?.update(results, frame),
    destroy: () => inner?.destroy(),
  }
}
