import { plural } from '@node-to-cloud/browser-kit/format/plural'
import type { QueryResult } from '../../../../../contract/charts.ts'
import type { Axis, XyChart } from '../../../../../contract/dashboard.ts'
import { type ChartAxis, TimeChart } from '../../../chart/time-chart.ts'
import { el } from '../../../element.ts'
import { timeshiftMs, timeshiftText } from '../../timeshift.ts'
import { createWidgetMessage } from '../message.ts'
import type { ChartEvents, WidgetView } from '../widget-view.ts'
import { chartSeries } from './chart-series.ts'
import {
  CLOUD_MIN_PERIOD_SECONDS,
  createResolutionMark,
  periodOf,
  plotHost,
  queriesOf,
  undrawnNote,
} from './chart-widget.ts'
import { createHeatmap } from './heatmap-widget.ts'
import { thresholdLines } from './thresholds.ts'
import { isCompared } from './undrawn.ts'

function axisModel(
  axis: Axis | undefined,
  chart: XyChart,
  results: readonly QueryResult[],
  name: 'Y1' | 'Y2',
): ChartAxis {
  const units = (chart.dataSets ?? []).flatMap((dataSet, index) => {
    const isOnAxis = (dataSet.targetAxis === 'Y2') === (name === 'Y2')
    const unit = dataSet.timeSeriesQuery?.unitOverride || results[index]?.unit
    return isOnAxis && unit ? [unit] : []
  })
  return { label: axis?.label, logarithmic: axis?.scale === 'LOG10', unit: units[0] }
}

/** A text that says what a chart does not show. */
function notesOf(results: readonly QueryResult[], missingShift: string | undefined): string {
  const cut = results.map(({ totalSeries = 0, series = [] }) => Math.max(0, totalSeries - series.length))
  const hidden = cut.reduce((sum, one) => sum + one, 0)
  return [
    ...(hidden > 0 ? [`${hidden} more series ${plural(hidden, 'is', 'are')} not shown`] : []),
    ...(missingShift === undefined ? [] : [`no data from ${missingShift}`]),
  ].join(', ')
}

/** A chart of lines, stacked areas or stacked bars, or a heatmap if a data set specifies one. */
export function createXyChart(chart: XyChart, title: string, events: ChartEvents): WidgetView {
  const dataSets = chart.dataSets ?? []
  if (dataSets.some((dataSet) => dataSet.plotType === 'HEATMAP')) return createHeatmap(chart, title, events)

  const host = plotHost(`${title || 'Chart'}: read values with the arrow keys`)
  const legend = el('div', { class: 'legend' })
  const message = createWidgetMessage()
  const fine = createResolutionMark()
  const isPromql = dataSets.every((dataSet) => dataSet.timeSeriesQuery?.prometheusQuery !== undefined)
  const body = el('div', { class: 'widget-chart' }, undrawnNote(chart), host, legend, fine.element, message.element)
  const timeChart = new TimeChart(host, legend, events)
  const shiftMs = isCompared(chart) ? (timeshiftMs(chart.timeshiftDuration) ?? 0) : 0
  const queries = queriesOf(chart, false)
  const earlier = shiftMs > 0 ? queries.map((query) => ({ ...query, shiftMs, partial: false })) : []

  return {
    body,
    queries: [...queries, ...earlier],
    update(results, frame) {
      const series = chartSeries(dataSets, results, shiftMs)
      const lacksEarlierData = shiftMs > 0 && !series.some((one) => one.earlierOf !== undefined)
      const notes = notesOf(results, lacksEarlierData ? timeshiftText(shiftMs) : undefined)
      body.classList.toggle('has-more-series', notes !== '')
      body.dataset.more = notes
      const periodSeconds = periodOf(results)
      // PromQL charts have the resolution that the range allows, both here and in Cloud Monitoring.
      fine.show(isPromql ? CLOUD_MIN_PERIOD_SECONDS : periodSeconds)
      timeChart.update({
        ...frame,
        periodSeconds,
        series,
        thresholds: thresholdLines(chart.thresholds),
        axes: {
          Y1: axisModel(chart.yAxis, chart, results, 'Y1'),
          Y2: axisModel(chart.y2Axis, chart, results, 'Y2'),
        },
      })
      message.show(
        results,
        dataSets.map((dataSet) => dataSet.timeSeriesQuery),
        series.some((one) => one.data.timesMs.length > 0),
      )
    },
    destroy: () => timeChart.destroy(),
  }
}
