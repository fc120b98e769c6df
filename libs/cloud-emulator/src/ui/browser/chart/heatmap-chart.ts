import { chartTheme } from '@node-to-cloud/browser-kit/browser/chart/chart-theme'
import {
  createPlotFrame,
  type FrameOptions,
  type PlotFrame,
  shadePartial,
  timeAxis,
  valueAxis,
} from '@node-to-cloud/browser-kit/browser/chart/plot-frame'
import type { TooltipContent } from '@node-to-cloud/browser-kit/browser/chart/tooltip'
import { html, nothing, render } from '@node-to-cloud/browser-kit/browser/view'
import { formatClock } from '@node-to-cloud/browser-kit/format/time'
import { formatCount, formatExactValue, formatValue } from '@node-to-cloud/browser-kit/format/value'
import type uPlot from 'uplot'
import type { QuerySeries } from '../../../contract/charts.ts'
import { axisLabel } from './axis-units.ts'
import { isAbove } from './card-place.ts'
import { bucketName, cellAt, columnAt, type HeatmapCell } from './heatmap-cells.ts'
import { type HeatmapData, toHeatmap } from './heatmap-data.ts'
import { cellView, colorScaleView } from './heatmap-legend.ts'
import { cellColor, exemplarAtCursor, paintHeatmap } from './heatmap-painter.ts'

export interface HeatmapModel {
  readonly startMs: number
  readonly endMs: number
  readonly periodSeconds: number
  readonly unit: string
  readonly label?: string | undefined
  readonly series: readonly QuerySeries[]
}

interface HeatmapEvents extends Pick<FrameOptions, 'onZoom' | 'onZoomReset'> {
  /** Called with the trace of a chosen exemplar. */
  readonly onTrace: (traceId: string) => void
  readonly traceLink: (traceId: string) => string
}

/** The maximum number of bucket labels on the axis. */
const MAX_TICKS = 8

/**
 * Shows how often each range of values occurred over time, with exemplars as points; a click on a cell shows its
 * exemplars.
 */
export class HeatmapChart {
  readonly #events: HeatmapEvents
  readonly #frame: PlotFrame
  /** The area below the plot: the colour scale, and the card of the selected cell. */
  readonly #below: HTMLElement
  #model: HeatmapModel = { startMs: 0, endMs: 1000, periodSeconds: 60, unit: '1', series: [] }
  #data: HeatmapData = toHeatmap([])
  #built = ''
  #cell: HeatmapCell | undefined
  /** Whether the card of the cell is over the chart. */
  #above = false

  constructor(host: HTMLElement, below: HTMLElement, events: HeatmapEvents) {
    this.#events = events
    this.#below = below
    this.#frame = createPlotFrame(host, {
      ...events,
      onZoomReset: () => {
        if (this.#cell === undefined) events.onZoomReset()
        else this.#choose(undefined)
      },
      onChoose: (plot) => this.#open(plot),
      describe: (plot) => this.#describe(plot),
    })
  }

  update(model: HeatmapModel): void {
    this.#model = model
    this.#data = toHeatmap(model.series)
    this.#drawBelow()
    const times = this.#data.timesMs.map((time) => time / 1000)
    const plotData: uPlot.AlignedData = [times, times.map(() => null)]
    const wanted = JSON.stringify([this.#data.edges, model.unit, model.label])
    if (wanted === this.#built && this.#frame.plot) {
      this.#frame.plot.setData(plotData)
      return
    }
    this.#built = wanted
    this.#rebuild(plotData)
  }

  destroy(): void {
    this.#frame.destroy()
  }

  #open(plot: uPlot): void {
    const exemplar = exemplarAtCursor(plot, this.#data)
    if (exemplar?.traceId !== undefined) this.#events.onTrace(exemplar.traceId)
    else this.#choose(this.#cellAtCursor(plot))
  }

  #choose(cell: HeatmapCell | undefined): void {
    this.#cell = cell === undefined || cell.count === 0 ? undefined : cell
    this.#above = false
    this.#drawBelow()
    this.#placeCard()
  }

  /** Brings the card to where there is room for it. */
  #placeCard(): void {
    const card = this.#below.querySelector('.heat-cell')
    const chart = this.#below.parentElement?.getBoundingClientRect()
    if (card === null || chart === undefined) return
    this.#above = isAbove({
      chartTop: chart.top,
      chartBottom: chart.bottom,
      cardHeight: card.getBoundingClientRect().height,
      screenTop: document.querySelector('header.top')?.getBoundingClientRect().bottom ?? 0,
      screenBottom: window.innerHeight,
    })
    if (this.#above) this.#drawBelow()
    else card.scrollIntoView({ block: 'nearest' })
  }

  #cellAtCursor(plot: uPlot): HeatmapCell | undefined {
    const { left = -1, top = -1 } = plot.cursor
    if (left < 0) return undefined
    const { periodSeconds, unit } = this.#model
    const timeMs = plot.posToVal(left, 'x') * 1000
    return cellAt(this.#data, { timeMs, position: plot.posToVal(top, 'y'), periodSeconds, unit })
  }

  #describe(plot: uPlot): TooltipContent | undefined {
    const { unit, periodSeconds } = this.#model
    const exemplar = exemplarAtCursor(plot, this.#data)
    plot.over.classList.toggle('over-exemplar', exemplar !== undefined)
    if (exemplar) {
      const value = formatExactValue(exemplar.value, unit)
      const name = `trace ${exemplar.traceId?.slice(0, 8)}…`
      return {
        heading: formatClock(exemplar.timeMs),
        note: 'click to open the trace',
        rows: [{ color: chartTheme().exemplar, name, value }],
      }
    }
    const column = columnAt(this.#data, plot.posToVal(plot.cursor.left ?? -1, 'x') * 1000, periodSeconds)
    const time = this.#data.timesMs[column]
    const counts = this.#data.counts[column]
    if (time === undefined || counts === undefined) return undefined
    const bucket = Math.floor(plot.posToVal(plot.cursor.top ?? -1, 'y'))
    const count = counts[bucket] ?? 0
    const total = counts.reduce((sum, one) => sum + one, 0)
    const { partialAfterMs, largest } = this.#data
    const isPartial = partialAfterMs !== undefined && time > partialAfterMs
    return {
      heading: `${formatClock(time - periodSeconds * 1000)} – ${formatClock(time)}`,
      note: isPartial ? 'incomplete' : 'click for exemplars',
      rows: [
        { color: cellColor(count, largest), name: bucketName(this.#data, bucket, unit), value: formatCount(count) },
        { color: 'transparent', name: 'all', value: formatCount(total) },
      ],
    }
  }

  #drawBelow(): void {
    const { unit } = this.#model
    const { traceLink } = this.#events
    const cell = this.#cell
    render(
      html`${colorScaleView(this.#data.largest)}
      ${cell === undefined ? nothing : cellView(cell, { unit, above: this.#above, traceLink, onClose: () => this.#choose(undefined) })}`,
      this.#below,
    )
  }

  #rebuild(plotData: uPlot.AlignedData): void {
    const { edges } = this.#data
    const every = Math.max(1, Math.ceil((edges.length - 1) / MAX_TICKS))
    const splits = edges.map((_, index) => index).filter((index) => index % every === 0)
    const { unit, label } = this.#model
    const name = (index: number): string => {
      const edge = this.#data.edges[index] ?? 0
      return Number.isFinite(edge) ? formatValue(edge, unit) : ''
    }
    this.#frame.rebuild(
      {
        series: [{}, { scale: 'y', points: { show: false } }],
        scales: {
          x: { time: true, range: () => [this.#model.startMs / 1000, this.#model.endMs / 1000] },
          y: { range: () => [0, Math.max(1, this.#data.edges.length - 1)] },
        },
        axes: [timeAxis(), { ...valueAxis('y', name, false, axisLabel(label, unit)), splits: () => splits }],
        hooks: {
          drawClear: [(plot) => shadePartial(plot, this.#data.partialAfterMs, this.#model.endMs)],
          draw: [(plot) => paintHeatmap(plot, this.#data, this.#model.periodSeconds)],
        },
      },
      plotData,
    )
  }
}
