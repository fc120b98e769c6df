import {
  createPlotFrame,
  type FrameOptions,
  type PlotFrame,
  shadePartial,
  timeAxis,
} from '@node-to-cloud/browser-kit/browser/chart/plot-frame'
import { createSeriesLegend, type SeriesLegend } from '@node-to-cloud/browser-kit/browser/chart/series-legend'
import type { TooltipContent } from '@node-to-cloud/browser-kit/browser/chart/tooltip'
import type { ThresholdLine } from '@node-to-cloud/browser-kit/browser/chart/value-axis'
import { formatClock } from '@node-to-cloud/browser-kit/format/time'
import { formatExactValue } from '@node-to-cloud/browser-kit/format/value'
import type uPlot from 'uplot'
import { unitOfAxis } from './axis-units.ts'
import { type ChartColumns, toColumns } from './chart-data.ts'
import type { ChartSeries } from './chart-series.ts'
import { type DrawnSeries, drawnSeries, inDrawingOrder, seriesOptions } from './drawn-series.ts'
import { drawThresholds } from './threshold-lines.ts'
import { type ValueAxisModel, valueScale, valueTicks } from './value-scales.ts'

/** The options of an axis besides the unit of its series. */
export interface ChartAxis {
  readonly label?: string | undefined
  readonly logarithmic?: boolean | undefined
  /** The unit while the axis has no series. */
  readonly unit?: string | undefined
}

export interface TimeChartModel {
  readonly startMs: number
  readonly endMs: number
  readonly periodSeconds: number
  readonly series: readonly ChartSeries[]
  readonly thresholds: readonly ThresholdLine[]
  readonly axes: { readonly Y1: ChartAxis; readonly Y2: ChartAxis }
}

const NOTHING: TimeChartModel = {
  startMs: 0,
  endMs: 1000,
  periodSeconds: 60,
  series: [],
  thresholds: [],
  axes: { Y1: {}, Y2: {} },
}

/** A chart of lines, stacked areas or stacked bars over time, with a legend. */
export class TimeChart {
  readonly #frame: PlotFrame
  readonly #legend: SeriesLegend
  readonly #hidden = new Set<string>()
  #model = NOTHING
  #built = ''
  #columns: ChartColumns = { times: [], columns: [] }
  #drawn: readonly DrawnSeries[] = []

  /** Draws the plot in `host` and the names of its series in `legend`. */
  constructor(host: HTMLElement, legend: HTMLElement, events: Pick<FrameOptions, 'onZoom' | 'onZoomReset'>) {
    this.#frame = createPlotFrame(host, { ...events, describe: (_plot, row) => this.#describe(row) })
    this.#legend = createSeriesLegend(legend, {
      onToggle: (name) => this.#toggle(name),
      onIsolate: (name) => this.#isolate(name),
    })
  }

  update(model: TimeChartModel): void {
    this.#model = model
    this.#columns = toColumns(
      model.series.map((one) => one.data),
      model.periodSeconds,
    )
    this.#drawn = drawnSeries(model.series, this.#columns.columns)
    const wanted = signature(model)
    if (wanted === this.#built && this.#frame.plot) {
      this.#frame.plot.setData(this.#data().data)
      return
    }
    this.#built = wanted
    this.#drawLegend()
    this.#rebuild()
  }

  destroy(): void {
    this.#legend.destroy()
    this.#frame.destroy()
  }

  #describe(row: number | null): TooltipContent | undefined {
    const time = row === null ? undefined : this.#columns.times[row]
    if (row === null || time === undefined) return undefined
    const rows = this.#visible()
      .flatMap((one) => {
        const value = one.column[row]
        return value === null || value === undefined ? [] : [{ one, value }]
      })
      .sort((a, b) => b.value - a.value)
      .map(({ one, value }) => ({ color: one.color, name: one.name, value: formatExactValue(value, one.unit) }))
    const { partialAfterMs } = this.#columns
    const partial = partialAfterMs !== undefined && time * 1000 > partialAfterMs
    return {
      heading: formatClock(time * 1000),
      ...(partial ? { note: 'incomplete' } : {}),
      rows: rows.length > 0 ? rows : [{ color: 'transparent', name: 'no data', value: '' }],
    }
  }

  #visible(): readonly DrawnSeries[] {
    return this.#drawn.filter(({ name }) => !this.#hidden.has(name))
  }

  #data(): { readonly order: readonly DrawnSeries[]; readonly data: uPlot.AlignedData } {
    const { order, values } = inDrawingOrder(this.#visible())
    return { order, data: [[...this.#columns.times], ...values.map((column) => [...column])] }
  }

  #unitOf(axis: 'Y1' | 'Y2'): string {
    return unitOfAxis(this.#drawn, axis) ?? this.#model.axes[axis].unit ?? '1'
  }

  #rebuild(): void {
    const { order, data } = this.#data()
    const axis = (name: 'Y1' | 'Y2'): ValueAxisModel => ({
      ...this.#model.axes[name],
      axis: name,
      unit: this.#unitOf(name),
    })
    const thresholds = (): readonly ThresholdLine[] => this.#model.thresholds
    const second = this.#drawn.some((one) => one.axis === 'Y2') ? axis('Y2') : undefined
    this.#frame.rebuild(
      {
        series: [{}, ...order.map((one) => seriesOptions(one, () => this.#model.periodSeconds))],
        scales: {
          x: { time: true, range: () => [this.#model.startMs / 1000, this.#model.endMs / 1000] },
          y: valueScale(axis('Y1'), thresholds),
          ...(second ? { y2: valueScale(second, thresholds) } : {}),
        },
        axes: [timeAxis(), valueTicks(axis('Y1')), ...(second ? [valueTicks(second)] : [])],
        hooks: {
          drawClear: [(plot) => shadePartial(plot, this.#columns.partialAfterMs, this.#model.endMs)],
          draw: [(plot) => drawThresholds(plot, this.#model.thresholds, (name) => this.#unitOf(name))],
        },
      },
      data,
    )
  }

  #drawLegend(): void {
    const [only] = this.#drawn
    const isAlone = this.#drawn.length === 1 && only?.data.metricLabels === undefined
    this.#legend.show(
      this.#drawn.map(({ name, color, earlierOf }) => ({ name, color, dashed: earlierOf !== undefined })),
      { hidden: this.#hidden, invisible: this.#drawn.length === 0 || isAlone },
    )
  }

  #toggle(name: string): void {
    if (!this.#hidden.delete(name)) this.#hidden.add(name)
    this.#legend.press(this.#hidden)
    this.#rebuild()
  }

  #isolate(name: string): void {
    const others = this.#drawn.filter((one) => one.name !== name)
    const isAlone = others.every((one) => this.#hidden.has(one.name))
    this.#hidden.clear()
    if (!isAlone) for (const one of others) this.#hidden.add(one.name)
    this.#legend.press(this.#hidden)
    this.#rebuild()
  }
}

function signature({ series, axes, periodSeconds }: TimeChartModel): string {
  return JSON.stringify([
    series.map((one) => [one.name, one.plotType, one.axis, one.unit, one.earlierOf]),
    axes,
    periodSeconds,
  ])
}
