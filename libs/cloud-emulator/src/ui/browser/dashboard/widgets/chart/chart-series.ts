import type { QueryResult } from '../../../../../contract/charts.ts'
import type { DataSet } from '../../../../../contract/dashboard.ts'
import { axesOf } from '../../../chart/axis-units.ts'
import type { ChartSeries, PlotType } from '../../../chart/chart-series.ts'
import { distinctNames } from '../../distinct-names.ts'
import { nameSeries } from '../../legend.ts'
import { timeshiftText } from '../../timeshift.ts'
import { unitOf } from './chart-widget.ts'

function plotTypeOf(dataSet: DataSet): PlotType {
  return dataSet.plotType === 'STACKED_AREA' || dataSet.plotType === 'STACKED_BAR' ? dataSet.plotType : 'LINE'
}

/** The name of a data set whose series have no labels. */
function dataSetName(dataSet: DataSet, many: boolean): string {
  const { perSeriesAligner, crossSeriesReducer } = dataSet.timeSeriesQuery?.timeSeriesFilter?.aggregation ?? {}
  const percentile =
    /PERCENTILE_(\d+)$/.exec(crossSeriesReducer ?? '') ?? /PERCENTILE_(\d+)$/.exec(perSeriesAligner ?? '')
  if (percentile) return `${Number(percentile[1])}th percentile`
  return many && dataSet.timeSeriesQuery?.timeSeriesFilterRatio ? 'ratio' : ''
}

/** The series of one data set, sorted by name, so that a series keeps its position from one refresh to the next. */
function seriesOf(dataSet: DataSet, result: QueryResult | undefined, many: boolean): readonly ChartSeries[] {
  const series = result?.series ?? []
  const names = nameSeries(series, dataSet.legendTemplate, dataSetName(dataSet, many))
  return series
    .map((data, index) => ({
      name: names[index] ?? '',
      plotType: plotTypeOf(dataSet),
      axis: dataSet.targetAxis === 'Y2' ? ('Y2' as const) : ('Y1' as const),
      unit: unitOf(dataSet, result),
      data,
    }))
    .sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
}

/**
 * The series of a chart, each with a unique name and an axis for its unit. The results of the data sets are followed by
 * those of the same data sets `shiftMs` earlier, if there are any.
 */
export function chartSeries(
  dataSets: readonly DataSet[],
  results: readonly QueryResult[],
  shiftMs: number,
): readonly ChartSeries[] {
  const of = (offset: number): readonly ChartSeries[] => {
    const series = dataSets.flatMap((dataSet, index) => seriesOf(dataSet, results[offset + index], dataSets.length > 1))
    const names = distinctNames(series)
    return series.map((one, index) => ({ ...one, name: names[index] ?? one.name }))
  }
  const earlier = of(dataSets.length).map((one) => ({
    ...one,
    name: `${one.name} (${timeshiftText(shiftMs)})`,
    earlierOf: one.name,
  }))
  const all = [...of(0), ...earlier]
  const axes = axesOf(all)
  return all.map((one, index) => ({ ...one, axis: axes[index] ?? one.axis }))
}
