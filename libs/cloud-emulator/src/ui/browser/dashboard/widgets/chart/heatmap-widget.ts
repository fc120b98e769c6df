import type { XyChart } from '../../../../../contract/dashboard.ts'
import { HeatmapChart } from '../../../chart/heatmap-chart.ts'
import { el } from '../../../element.ts'
import { createWidgetMessage } from '../message.ts'
import type { ChartEvents, WidgetView } from '../widget-view.ts'
import { createResolutionMark, plotHost, queriesOf, undrawnNote, unitOf } from './chart-widget.ts'

/** The first heatmap of a chart. */
export function createHeatmap(chart: XyChart, title: string, events: ChartEvents): WidgetView {
  const dataSets = chart.dataSets ?? []
  const index = dataSets.findIndex((dataSet) => dataSet.plotType === 'HEATMAP')
  const dataSet = dataSets[index] ?? {}
  const host = plotHost(`${title || 'Heatmap'}: a heatmap whose points are exemplars; each opens its trace`)
  const below = el('div', { class: 'heat-legend' })
  const message = createWidgetMessage()
  const fine = createResolutionMark()
  const heatmap = new HeatmapChart(host, below, events)
  return {
    body: el('div', { class: 'widget-chart' }, undrawnNote(chart), host, below, fine.element, message.element),
    queries: queriesOf(chart, true),
    update(results, frame) {
      const result = results[index]
      const series = (result?.series ?? []).filter((one) => one.distributions !== undefined)
      const periodSeconds = result?.alignmentPeriodSeconds ?? 60
      fine.show(periodSeconds)
      heatmap.update({ ...frame, periodSeconds, unit: unitOf(dataSet, result), label: chart.yAxis?.label, series })
      message.show(
        results,
        [dataSet.timeSeriesQuery],
        series.some((one) => one.distributions?.some((point) => (point?.count ?? 0) > 0)),
      )
    },
    destroy: () => heatmap.destroy(),
  }
}
