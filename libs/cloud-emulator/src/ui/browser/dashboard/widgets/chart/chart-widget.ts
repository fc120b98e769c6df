import type { QueryResult } from '../../../../../contract/charts.ts'
import type { DataSet, XyChart } from '../../../../../contract/dashboard.ts'
import { el } from '../../../element.ts'
import type { WidgetQuery } from '../widget-view.ts'
import { undrawnParts } from './undrawn.ts'

/** The maximum number of series in a chart: more could not be distinguished. */
export const MAX_SERIES = 50

/** The unit of a data set's values. */
export function unitOf(dataSet: DataSet, result: QueryResult | undefined): string {
  return dataSet.timeSeriesQuery?.unitOverride || result?.unit || '1'
}

/** The queries of a chart's data sets. */
export function queriesOf(chart: XyChart, exemplars: boolean): readonly WidgetQuery[] {
  return (chart.dataSets ?? []).map((dataSet) => ({
    timeSeriesQuery: { ...dataSet.timeSeriesQuery, outputFullDuration: false },
    minAlignmentPeriod: dataSet.minAlignmentPeriod,
    partial: true,
    exemplars,
    maxSeries: MAX_SERIES,
  }))
}

/** A line that says which parts of a chart are not supported; null if all are. */
export function undrawnNote(chart: XyChart): HTMLElement | null {
  return noteOf(undrawnParts(chart))
}

/** A line that says which parts are not supported; null if all are. */
export function noteOf(parts: readonly string[]): HTMLElement | null {
  const text = `Not supported here: ${parts.join('; ')}`
  return parts.length === 0 ? null : el('p', { class: 'widget-note', title: text, 'data-undrawn': '' }, text)
}

/** The element of a plot, which can be read with the keyboard. */
export function plotHost(label: string): HTMLElement {
  return el('div', { class: 'chart', tabindex: '0', role: 'group', 'aria-label': label })
}

/** The longest alignment period of the results that have series. */
export function periodOf(results: readonly QueryResult[]): number {
  const periods = results.flatMap(({ series = [], alignmentPeriodSeconds = 0 }) =>
    series.length > 0 ? [alignmentPeriodSeconds] : [],
  )
  return Math.max(0, ...periods) || 60
}

/** Cloud Monitoring's minimum alignment period. */
export const CLOUD_MIN_PERIOD_SECONDS = 60

/** Shows in the corner of a chart that its resolution is higher than Cloud Monitoring's. */
export function createResolutionMark(): { readonly element: HTMLElement; show(periodSeconds: number): void } {
  const element = el('span', { class: 'fine-mark', hidden: true })
  return {
    element,
    show(periodSeconds) {
      element.hidden = periodSeconds >= CLOUD_MIN_PERIOD_SECONDS
      element.textContent = `every ${periodSeconds} s`
      element.title = `One point every ${periodSeconds} s, the interval of the data. Cloud Monitoring shows one per minute.`
    },
  }
}
