import { paint } from '@node-to-cloud/browser-kit/browser/chart/chart-theme'
import { colorsOf } from '@node-to-cloud/browser-kit/browser/chart/series-colors'
import { nothing, render } from '@node-to-cloud/browser-kit/browser/view'
import type { PieChart } from '../../../../../contract/dashboard.ts'
import { el } from '../../../element.ts'
import { MAX_SERIES } from '../chart/chart-widget.ts'
import { createWidgetMessage } from '../message.ts'
import type { WidgetView } from '../widget-view.ts'
import { slicesOf } from './pie-slices.ts'
import { pieView } from './pie-view.ts'

/** A pie or a donut of the newest values, with a list of them. */
export function createPieChart(pie: PieChart, title: string): WidgetView {
  const message = createWidgetMessage()
  const host = el('div', { class: 'pie-host', tabindex: '0', role: 'group', 'aria-label': title || 'Pie' })
  const dataSets = pie.dataSets ?? []
  return {
    body: el('div', { class: 'widget-pie' }, host, message.element),
    queries: dataSets.map(({ timeSeriesQuery = {}, minAlignmentPeriod }) => ({
      timeSeriesQuery,
      minAlignmentPeriod,
      maxSeries: MAX_SERIES,
    })),
    update(results) {
      const slices = slicesOf(pie, results)
      const unit = dataSets[0]?.timeSeriesQuery?.unitOverride || results[0]?.unit || '1'
      const options = { title, unit, isDonut: pie.chartType === 'DONUT', showLabels: pie.showLabels === true }
      render(slices.length === 0 ? nothing : pieView(slices, colorsOf(slices).map(paint), options), host)
      message.show(
        results,
        dataSets.map(({ timeSeriesQuery }) => timeSeriesQuery),
        slices.length > 0,
      )
    },
    destroy: () => {},
  }
}
