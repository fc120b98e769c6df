import { valueAxis } from '@node-to-cloud/browser-kit/browser/chart/plot-frame'
import {
  byteIncrements,
  logRange,
  type ThresholdLine,
  valueRange,
} from '@node-to-cloud/browser-kit/browser/chart/value-axis'
import { formatValue } from '@node-to-cloud/browser-kit/format/value'
import type uPlot from 'uplot'
import { axisLabel } from './axis-units.ts'

/** One of a chart's two value axes. */
export interface ValueAxisModel {
  readonly axis: 'Y1' | 'Y2'
  readonly unit: string
  readonly label?: string | undefined
  readonly logarithmic?: boolean | undefined
}

/** The scale of an axis; its thresholds are read each time it is computed. */
export function valueScale(
  { axis, logarithmic = false }: ValueAxisModel,
  thresholds: () => readonly ThresholdLine[],
): uPlot.Scale {
  const range: uPlot.Scale.Range = (plot, low, high, scale) => {
    if (logarithmic) return logRange(smallestPositive(plot, scale), high)
    const own = thresholds().filter((line) => line.axis === axis)
    return valueRange(low, high, own)
  }
  return { range, distr: logarithmic ? 3 : 1 }
}

function smallestPositive(plot: uPlot, scale: string): number {
  let smallest = Number.POSITIVE_INFINITY
  plot.series.forEach((one, index) => {
    if (index === 0 || one.scale !== scale) return
    for (const value of plot.data[index] ?? []) if (value && value > 0) smallest = Math.min(smallest, value)
  })
  return Number.isFinite(smallest) ? smallest : 0.001
}

/** The ticks and the label of an axis. */
export function valueTicks({ axis, unit, label }: ValueAxisModel): uPlot.Axis {
  const format = (value: number, digits: number): string => formatValue(value, unit, digits)
  const ticks = valueAxis(axis === 'Y2' ? 'y2' : 'y', format, axis === 'Y2', axisLabel(label, unit))
  return unit.startsWith('By') ? { ...ticks, incrs: [...byteIncrements] } : ticks
}
