import type { QueryResult } from '../../../../contract/charts.ts'
import type { DataSet, XyChart } from '../../../../contract/dashboard.ts'
import { createHeatmapChart } from '../../chart/heatmap-chart.ts'
import { type ChartSeries, createTimeChart, type PlotType } from '../../chart/time-chart.ts'
import { el } from '../../element.ts'
import { nameSeries } from '../legend.ts'
import { timeshiftMs, timeshiftText } from '../timeshift.ts'
import { createWidgetMessage } from './message.ts'
import { thresholdLines } from './thresholds.ts'
import { isCompared, undrawnParts } from './undrawn.ts'
import type { ChartEvents, TimeFrame, WidgetQuery, WidgetView } from './widget-view.ts'

const MAX_SERIES = 50

function plotTypeOf(dataSet: DataSet): PlotType {
  return dataSet.plotType === 'STACKED_AREA' || dataSet.plotType === 'STACKED_BAR' ? dataSet.plotType : 'LINE'
}

/** The name of a data set whose series have no labels. */
function dataSetName(dataSet: DataSet, many: boolean): string {
  const reducer = dataSet.timeSeriesQuery?.timeSeriesFilter?.aggregation?.crossSeriesReducer
  const aligner = dataSet.timeSeriesQuery?.timeSeriesFilter?.aggregation?.perSeriesAligner
  const percentile = /PERCENTILE_(\d+)$/.exec(reducer ?? '') ?? /PERCENTILE_(\d+)$/.exec(aligner ?? '')
  if (percentile) return `${Number(percentile[1])}th percentile`
  return many && dataSet.timeSeriesQuery?.timeSeriesFilterRatio ? 'ratio' : ''
}

function unitOf(dataSet: DataSet, result: QueryResult | undefined): string {
  return dataSet.timeSeriesQuery?.unitOverride || result?.unit || '1'
}

function unique(names: readonly string[]): string[] {
  const seen = new Map<string, number>()
  return names.map((name) => {
    const count = (seen.get(name) ?? 0) + 1
    seen.set(name, count)
    return count === 1 ? name : `${name} (${count})`
  })
}

function queriesOf(chart: XyChart, exemplars: boolean): WidgetQuery[] {
  return (chart.dataSets ?? []).map((dataSet) => ({
    timeSeriesQuery: dataSet.timeSeriesQuery ?? {},
    minAlignmentPeriod: dataSet.minAlignmentPeriod,
    partial: true,
    exemplars,
    maxSeries: MAX_SERIES,
  }))
}

/** A line that says which parts of a chart are not drawn; null if all are. */
function undrawnNote(chart: XyChart): HTMLElement | null {
  const parts = undrawnParts(chart)
  const text = `Not drawn here: ${parts.join('; ')}`
  return parts.length === 0 ? null : el('p', { class: 'widget-note', title: text, 'data-undrawn': '' }, text)
}

/** A chart of lines, stacked areas or stacked bars, or a heatmap if a data set asks for one. */
export function createXyChart(chart: XyChart, title: string, events: ChartEvents): WidgetView {
  const dataSets = chart.dataSets ?? []
  if (dataSets.some((dataSet) => dataSet.plotType === 'HEATMAP')) return createHeatmap(chart, title, events)

  const host = el('div', {
    class: 'chart',
    tabindex: '0',
    role: 'group',
    'aria-label': `${title || 'Chart'}: read values with the arrow keys`,
  })
  const legend = el('div', { class: 'legend' })
  const message = createWidgetMessage()
  const body = el('div', { class: 'widget-chart' }, undrawnNote(chart), host, legend, message.element)
  const timeChart = createTimeChart(host, legend, events)
  const shiftMs = isCompared(chart) ? (timeshiftMs(chart.timeshiftDuration) ?? 0) : 0
  const queries = queriesOf(chart, false)
  const earlier = shiftMs > 0 ? queries.map((query) => ({ ...query, shiftMs, partial: false })) : []

  return {
    body,
    queries: [...queries, ...earlier],
    update(results, frame: TimeFrame) {
      const series: ChartSeries[] = []
      let periodSeconds = 60
      results.forEach((result, index) => {
        const dataSet = dataSets[index % dataSets.length]
        if (!dataSet || !result.series) return
        const isEarlier = index >= dataSets.length
        periodSeconds = Math.max(periodSeconds, result.alignmentPeriodSeconds)
        const names = nameSeries(result.series, dataSet.legendTemplate, dataSetName(dataSet, dataSets.length > 1))
        // Sorted by name, so that a series keeps its colour from one refresh to the next.
        const named = result.series.map((data, position) => ({ data, name: names[position] ?? '' }))
        named.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
        named.forEach(({ data, name }) => {
          series.push({
            name: isEarlier ? `${name} (${timeshiftText(shiftMs)})` : name,
            ...(isEarlier ? { earlierOf: name } : {}),
            plotType: plotTypeOf(dataSet),
            axis: dataSet.targetAxis === 'Y2' ? 'Y2' : 'Y1',
            unit: unitOf(dataSet, result),
            data,
          })
        })
      })
      const names = unique(series.map((one) => one.name))
      const hidden = results.reduce(
        (sum, one) => sum + Math.max(0, (one.totalSeries ?? 0) - (one.series?.length ?? 0)),
        0,
      )
      const notes = [
        ...(hidden > 0 ? [`${hidden} more series are not shown`] : []),
        ...(shiftMs > 0 && !series.some((one) => one.earlierOf !== undefined)
          ? [`no data from ${timeshiftText(shiftMs)}`]
          : []),
      ]
      body.classList.toggle('has-more-series', notes.length > 0)
      body.dataset.more = notes.join(', ')
      timeChart.update({
        ...frame,
        periodSeconds,
        series: series.map((one, index) => ({ ...one, name: names[index] ?? one.name })),
        thresholds: thresholdLines(chart.thresholds),
        unit: unitOf(dataSets[0] ?? {}, results[0]),
        ...(chart.yAxis?.label ? { label: chart.yAxis.label } : {}),
        ...(chart.y2Axis?.label ? { label2: chart.y2Axis.label } : {}),
        logarithmic: chart.yAxis?.scale === 'LOG10',
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

function createHeatmap(chart: XyChart, title: string, events: ChartEvents): WidgetView {
  const dataSets = chart.dataSets ?? []
  const index = dataSets.findIndex((dataSet) => dataSet.plotType === 'HEATMAP')
  const dataSet = dataSets[index] ?? {}
  const host = el('div', {
    class: 'chart',
    tabindex: '0',
    role: 'group',
    'aria-label': `${title || 'Heatmap'}: a heatmap, whose dots are exemplars; each opens its trace`,
  })
  const message = createWidgetMessage()
  const heatmap = createHeatmapChart(host, events)
  return {
    body: el('div', { class: 'widget-chart' }, undrawnNote(chart), host, message.element),
    queries: queriesOf(chart, true),
    update(results, frame) {
      const result = results[index]
      const series = (result?.series ?? []).filter((one) => one.distributions !== undefined)
      heatmap.update({
        ...frame,
        periodSeconds: result?.alignmentPeriodSeconds ?? 60,
        unit: unitOf(dataSet, result),
        ...(chart.yAxis?.label ? { label: chart.yAxis.label } : {}),
        series,
      })
      message.show(
        results,
        [dataSet.timeSeriesQuery],
        series.some((one) => one.distributions?.some((point) => (point?.count ?? 0) > 0)),
      )
    },
    destroy: () => heatmap.destroy(),
  }
}
