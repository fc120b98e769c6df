import { barPaths } from '@node-to-cloud/browser-kit/browser/chart/bar-path'
import { chartTheme, mixed, paint } from '@node-to-cloud/browser-kit/browser/chart/chart-theme'
import {
  AXIS_FONT,
  createPlotFrame,
  type FrameOptions,
  shadePartial,
  timeAxis,
  valueAxis,
} from '@node-to-cloud/browser-kit/browser/chart/plot-frame'
import { colorsOf } from '@node-to-cloud/browser-kit/browser/chart/series-colors'
import { createSeriesLegend } from '@node-to-cloud/browser-kit/browser/chart/series-legend'
import {
  byteIncrements,
  logRange,
  type ThresholdLine,
  valueRange,
} from '@node-to-cloud/browser-kit/browser/chart/value-axis'
import { formatClock } from '@node-to-cloud/browser-kit/format/time'
import { formatExactValue, formatValue } from '@node-to-cloud/browser-kit/format/value'
import type uPlot from 'uplot'
import type { QuerySeries } from '../../../contract/charts.ts'
import { type ChartColumns, isolatedRows, stack, toColumns } from './chart-data.ts'

export type PlotType = 'LINE' | 'STACKED_AREA' | 'STACKED_BAR'

export interface ChartSeries {
  readonly name: string
  readonly plotType: PlotType
  readonly axis: 'Y1' | 'Y2'
  readonly unit: string
  readonly data: QuerySeries
  /** The name of the current series that this earlier one is compared with; it is drawn dashed, in the same colour. */
  readonly earlierOf?: string
}

export interface TimeChartModel {
  readonly startMs: number
  readonly endMs: number
  readonly periodSeconds: number
  readonly series: readonly ChartSeries[]
  readonly thresholds: readonly ThresholdLine[]
  /** The unit of axes and thresholds while there is no series. */
  readonly unit?: string
  readonly label?: string
  readonly label2?: string
  readonly logarithmic?: boolean
}

/** A chart of lines, stacked areas or stacked bars over time, with its legend. */
export interface TimeChart {
  update(model: TimeChartModel): void
  destroy(): void
}

interface Drawn extends ChartSeries {
  readonly color: string
  readonly column: readonly (number | null)[]
}

function signature(model: TimeChartModel): string {
  return JSON.stringify([
    model.series.map((one) => [one.name, one.plotType, one.axis, one.unit, one.earlierOf]),
    model.label,
    model.label2,
    model.logarithmic,
    model.periodSeconds,
    model.unit,
  ])
}

/** Creates a chart with its plot in `host` and the names of its series in `legend`. */
export function createTimeChart(
  host: HTMLElement,
  legend: HTMLElement,
  events: Pick<FrameOptions, 'onZoom' | 'onZoomReset'>,
): TimeChart {
  const hidden = new Set<string>()
  let model: TimeChartModel | undefined
  let built = ''
  let columns: ChartColumns = { times: [], columns: [] }
  let drawn: readonly Drawn[] = []

  const frame = createPlotFrame(host, {
    ...events,
    describe: (_plot, row) => {
      const time = row === null ? undefined : columns.times[row]
      if (row === null || time === undefined) return undefined
      const rows = drawn
        .flatMap((one) => {
          const value = hidden.has(one.name) ? null : one.column[row]
          return value === null || value === undefined ? [] : [{ one, value }]
        })
        .sort((a, b) => b.value - a.value)
        .map(({ one, value }) => ({ color: one.color, name: one.name, value: formatExactValue(value, one.unit) }))
      const partial = columns.partialAfterMs !== undefined && time * 1000 > columns.partialAfterMs
      return {
        heading: formatClock(time * 1000),
        ...(partial ? { note: 'not over yet' } : {}),
        rows: rows.length > 0 ? rows : [{ color: 'transparent', name: 'no data', value: '' }],
      }
    },
  })

  const visible = (): Drawn[] => drawn.filter((one) => !hidden.has(one.name))

  /** Lines come first, then stacks from the top down, because a lower part is painted over those above. */
  const dataFor = (): { order: Drawn[]; data: uPlot.AlignedData } => {
    const shown = visible()
    const lines = shown.filter((one) => one.plotType === 'LINE')
    const order: Drawn[] = []
    const values: (readonly (number | null)[])[] = []
    for (const type of ['STACKED_AREA', 'STACKED_BAR'] as const) {
      const parts = shown.filter((one) => one.plotType === type)
      const sums = stack(parts.map((one) => one.column))
      for (let index = parts.length - 1; index >= 0; index--) {
        const part = parts[index]
        if (part === undefined) continue
        order.push(part)
        values.push(sums[index] ?? [])
      }
    }
    for (const line of lines) {
      order.push(line)
      values.push(line.column)
    }
    return { order, data: [[...columns.times], ...values.map((column) => [...column])] }
  }

  const scaleOf = (axis: 'Y1' | 'Y2'): 'y' | 'y2' => (axis === 'Y2' ? 'y2' : 'y')

  const thresholdsOf = (axis: 'Y1' | 'Y2'): ThresholdLine[] =>
    (model?.thresholds ?? []).filter((line) => line.axis === axis)

  const drawThresholds = (plot: uPlot): void => {
    const { ctx, bbox } = plot
    ctx.save()
    ctx.font = AXIS_FONT.replace('11px', `${11 * devicePixelRatio}px`)
    ctx.textAlign = 'right'
    let labelsAbove = 0
    // Thresholds out of range are listed one below the other, the nearest first.
    for (const line of (model?.thresholds ?? []).toSorted((one, other) => one.value - other.value)) {
      const color = line.critical ? chartTheme().critical : chartTheme().warning
      const scale = scaleOf(line.axis)
      if (plot.scales[scale] === undefined) continue
      const raw = plot.valToPos(line.value, scale, true)
      const above = raw < bbox.top
      const y = above ? bbox.top : raw
      if (y > bbox.top + bbox.height) continue
      ctx.strokeStyle = color
      ctx.fillStyle = color
      ctx.lineWidth = devicePixelRatio
      if (!above) {
        ctx.setLineDash([5 * devicePixelRatio, 4 * devicePixelRatio])
        ctx.beginPath()
        ctx.moveTo(bbox.left, y)
        ctx.lineTo(bbox.left + bbox.width, y)
        ctx.stroke()
        ctx.setLineDash([])
      }
      const value = formatValue(
        line.value,
        drawn.find((one) => one.axis === line.axis)?.unit ?? drawn[0]?.unit ?? model?.unit,
      )
      const text = `${above ? '↑ ' : ''}${line.label ? `${line.label} · ` : ''}${value}`
      const high = y - bbox.top < 18 * devicePixelRatio
      const down = above ? labelsAbove++ * 15 * devicePixelRatio : 0
      ctx.textBaseline = high ? 'top' : 'bottom'
      const offset = (high ? 4 : -4) * devicePixelRatio
      const x = bbox.left + bbox.width - 6 * devicePixelRatio
      ctx.lineWidth = 3 * devicePixelRatio
      ctx.strokeStyle = chartTheme().surface
      ctx.strokeText(text, x, y + offset + down)
      ctx.fillText(text, x, y + offset + down)
    }
    ctx.restore()
  }

  const seriesOptions = (one: Drawn): uPlot.Series => {
    const base: uPlot.Series = {
      label: one.name,
      scale: scaleOf(one.axis),
      stroke: one.color,
      width: 1.75,
      points: {
        show: true,
        size: 6,
        fill: one.color,
        filter: (plot, index) => isolatedRows([...(plot.data[index] ?? [])]),
      },
    }
    if (one.earlierOf !== undefined) return { ...base, dash: [3, 4], width: 1.5 }
    // Opaque, because lower parts are painted over upper ones, and lighter than its edge.
    if (one.plotType === 'STACKED_AREA')
      return { ...base, width: 1, fill: mixed(one.color, chartTheme().surface, 0.55) }
    if (one.plotType === 'STACKED_BAR') {
      return {
        ...base,
        width: 0,
        fill: one.color,
        paths: barPaths(() => model?.periodSeconds ?? 60),
        points: { show: false },
      }
    }
    return base
  }

  const rebuild = (): void => {
    const { order, data } = dataFor()
    const units = new Map(drawn.map((one) => [scaleOf(one.axis), one.unit]))
    const hasSecond = drawn.some((one) => one.axis === 'Y2')
    const range =
      (thresholds: () => readonly ThresholdLine[]): uPlot.Scale.Range =>
      (plot, low, high, scale) => {
        if (model?.logarithmic && scale === 'y') {
          let smallest = Number.POSITIVE_INFINITY
          plot.series.forEach((one, index) => {
            if (index === 0 || one.scale !== scale) return
            for (const value of plot.data[index] ?? []) if (value && value > 0) smallest = Math.min(smallest, value)
          })
          return logRange(Number.isFinite(smallest) ? smallest : 0.001, high)
        }
        return valueRange(low, high, thresholds())
      }
    const axisFor = (scale: 'y' | 'y2'): uPlot.Axis => {
      const unit = units.get(scale) ?? model?.unit ?? '1'
      const axis = valueAxis(
        scale,
        (value, digits) => formatValue(value, unit, digits),
        scale === 'y2',
        scale === 'y' ? model?.label : model?.label2,
      )
      return unit.startsWith('By') ? { ...axis, incrs: [...byteIncrements] } : axis
    }
    frame.rebuild(
      {
        series: [{}, ...order.map(seriesOptions)],
        scales: {
          x: { time: true, range: () => [(model?.startMs ?? 0) / 1000, (model?.endMs ?? 1) / 1000] },
          y: { range: range(() => thresholdsOf('Y1')), distr: model?.logarithmic ? 3 : 1 },
          ...(hasSecond ? { y2: { range: range(() => thresholdsOf('Y2')) } } : {}),
        },
        axes: [timeAxis(), axisFor('y'), ...(hasSecond ? [axisFor('y2')] : [])],
        hooks: {
          drawClear: [(plot) => shadePartial(plot, columns.partialAfterMs, model?.endMs ?? 0)],
          draw: [drawThresholds],
        },
      },
      data,
    )
  }

  const drawLegend = (): void => {
    const only = drawn.length === 1 && drawn[0]?.data.metricLabels === undefined
    seriesLegend.show(
      drawn.map(({ name, color, earlierOf }) => ({ name, color, dashed: earlierOf !== undefined })),
      { hidden, invisible: drawn.length === 0 || only },
    )
  }

  const redrawAll = (): void => {
    seriesLegend.press(hidden)
    rebuild()
  }
  const toggle = (name: string): void => {
    if (!hidden.delete(name)) hidden.add(name)
    redrawAll()
  }
  const isolate = (name: string): void => {
    const others = drawn.filter((one) => one.name !== name)
    const alone = others.every((one) => hidden.has(one.name))
    hidden.clear()
    if (!alone) for (const one of others) hidden.add(one.name)
    redrawAll()
  }

  const seriesLegend = createSeriesLegend(legend, { onToggle: toggle, onIsolate: isolate })

  return {
    update(next) {
      model = next
      columns = toColumns(
        next.series.map((one) => one.data),
        next.periodSeconds,
      )
      const current = next.series.filter((one) => one.earlierOf === undefined)
      const colors = colorsOf(current.map(({ name, data }) => ({ name, labels: labelsOf(data) })))
      const colorOf = new Map(current.map((one, index) => [one.name, colors[index]]))
      drawn = next.series.map((one, index) => ({
        ...one,
        color: paint(colorOf.get(one.earlierOf ?? one.name) ?? { token: 'series-1', shade: 0 }),
        column: columns.columns[index] ?? [],
      }))
      const wanted = signature(next)
      if (wanted !== built || !frame.plot) {
        built = wanted
        drawLegend()
        rebuild()
      } else {
        frame.plot.setData(dataFor().data)
      }
    },
    destroy() {
      seriesLegend.destroy()
      frame.destroy()
    },
  }
}

/** All that tells a series from others, whatever its metric. */
function labelsOf({ metricLabels, resourceLabels }: QuerySeries): Readonly<Record<string, string>> {
  return { ...resourceLabels, ...metricLabels }
}
