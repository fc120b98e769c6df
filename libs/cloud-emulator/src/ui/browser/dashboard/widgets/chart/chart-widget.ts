import type { QueryResult } from '../../../../../contract/charts.ts'
import type { DataSet, XyChart } from '../../../../../contract/dashboard.ts'
import { el } from '../../../element.ts'
import type { WidgetQuery } from '../widget-view.ts'
import { undrawnParts } from './undrawn.ts'

/** The most series of a chart: more could not be told apart. */
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

/** A line that says which parts of a chart are not drawn; null if all are. */
export function undrawnNote(chart: XyChart): HTMLElement | null {
  return noteOf(undrawnParts(chart))
}

/** A line that says which parts are not drawn; null if all are. */
export function noteOf(parts: readonly string[]): HTMLElement | null {
  const text = `Not drawn here: ${parts.join('; ')}`
  return parts.length === 0 ? null : el('p', { class: 'widget-note', title: text, 'data-undrawn': '' }, text)
}

/** The place of a plot, which can be read with the keyboard. */
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

/** The shortest alignment period of Cloud Monitoring. */
export const GOOGLE_LEAST_SECONDS = 60

/** Says in the corner of a chart that its points are closer than Cloud Monitoring's. */
export function createFineMark(): { readonly element: HTMLElement; show(periodSeconds: number): void } {
  const element = el('span', { class: 'fine-mark', hidden: true })
  return {
    element,
    show(periodSeconds) {
      element.hidden = periodSeconds >= GOOGLE_LEAST_SECONDS
      element.textContent = `every ${periodSeconds} s`
      element.title = `A point every ${periodSeconds} s, as the data are written. In Cloud Monitoring it is one a minute.`
    },
  }
}
