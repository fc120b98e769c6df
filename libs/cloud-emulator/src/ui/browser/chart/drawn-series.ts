import { barPaths } from '@node-to-cloud/browser-kit/browser/chart/bar-path'
import { chartTheme, mixed, paint } from '@node-to-cloud/browser-kit/browser/chart/chart-theme'
import { colorsOf } from '@node-to-cloud/browser-kit/browser/chart/series-colors'
import type uPlot from 'uplot'
import type { QuerySeries } from '../../../contract/charts.ts'
import { isolatedRows, stack } from './chart-data.ts'
import type { ChartSeries } from './chart-series.ts'

/** A series with its style. */
export interface DrawnSeries extends ChartSeries {
  readonly color: string
  readonly column: readonly (number | null)[]
}

/** Colours the series by their meaning; an earlier series has the colour of the current one. */
export function drawnSeries(
  series: readonly ChartSeries[],
  columns: readonly (readonly (number | null)[])[],
): readonly DrawnSeries[] {
  const current = series.filter((one) => one.earlierOf === undefined)
  const colors = colorsOf(current.map(({ name, data }) => ({ name, labels: labelsOf(data) })))
  const colorOf = new Map(current.map((one, index) => [one.name, colors[index]]))
  return series.map((one, index) => ({
    ...one,
    color: paint(colorOf.get(one.earlierOf ?? one.name) ?? { token: 'series-1', shade: 0 }),
    column: columns[index] ?? [],
  }))
}

/** Everything that distinguishes a series from others except its metric. */
function labelsOf({ metricLabels, resourceLabels }: QuerySeries): Readonly<Record<string, string>> {
  return { ...resourceLabels, ...metricLabels }
}

/**
 * The series in drawing order, with their values: stacks from the top down, because a lower part is painted over those
 * above, then lines.
 */
export function inDrawingOrder(series: readonly DrawnSeries[]): {
  readonly order: readonly DrawnSeries[]
  readonly values: readonly (readonly (number | null)[])[]
} {
  const stacked = (['STACKED_AREA', 'STACKED_BAR'] as const).flatMap((type) => {
    const parts = series.filter(({ plotType }) => plotType === type)
    const sums = stack(parts.map(({ column }) => column))
    return parts.map((part, index) => ({ part, values: sums[index] ?? [] })).reverse()
  })
  const lines = series.filter(({ plotType }) => plotType === 'LINE')
  return {
    order: [...stacked.map(({ part }) => part), ...lines],
    values: [...stacked.map(({ values }) => values), ...lines.map(({ column }) => column)],
  }
}

/** How uPlot draws a series. */
export function seriesOptions(one: DrawnSeries, periodSeconds: () => number): uPlot.Series {
  const points: uPlot.Series.Points = {
    show: true,
    size: 6,
    fill: one.color,
    filter: (plot, index) => isolatedRows([...(plot.data[index] ?? [])]),
  }
  const scale = one.axis === 'Y2' ? 'y2' : 'y'
  const base: uPlot.Series = { label: one.name, scale, stroke: one.color, width: 1.75, points }
  if (one.earlierOf !== undefined) return { ...base, dash: [3, 4], width: 1.5 }
  // Opaque, because lower parts are painted over upper ones, and lighter than its edge.
  if (one.plotType === 'STACKED_AREA') return { ...base, width: 1, fill: mixed(one.color, chartTheme().surface, 0.55) }
  if (one.plotType === 'LINE') return base
  return { ...base, width: 0, fill: one.color, paths: barPaths(periodSeconds), points: { show: false } }
}
