import { chartTheme, seriesColor, translucent } from '@node-to-cloud/browser-kit/browser/chart/chart-theme'
import {
  createPlotFrame,
  type FrameOptions,
  type PlotFrame,
  timeAxis,
  valueAxis,
} from '@node-to-cloud/browser-kit/browser/chart/plot-frame'
import type { TooltipContent } from '@node-to-cloud/browser-kit/browser/chart/tooltip'
import { logRange } from '@node-to-cloud/browser-kit/browser/chart/value-axis'
import { formatClock } from '@node-to-cloud/browser-kit/format/time'
import { formatDurationMs } from '@node-to-cloud/browser-kit/format/value'
import type uPlot from 'uplot'
import { durationTick } from '../format/duration-tick.ts'

/** A point, which represents a trace. */
export interface ScatterPoint {
  readonly id: string
  readonly name: string
  readonly timeMs: number
  readonly durationMs: number
  readonly error: boolean
}

export interface ScatterModel {
  readonly startMs: number
  readonly endMs: number
  readonly points: readonly ScatterPoint[]
}

interface ScatterEvents extends Pick<FrameOptions, 'onZoom' | 'onZoomReset'> {
  /** Called with the ID of a chosen point. */
  readonly onOpen: (id: string) => void
}

const REACH = 16
const MIN_DURATION_MS = 0.001
const DOT_RADIUS = 3.5

function durationOf({ durationMs }: ScatterPoint): number {
  return Math.max(durationMs, MIN_DURATION_MS)
}

function colorOf({ error }: ScatterPoint): string {
  return error ? chartTheme().critical : seriesColor(0)
}

/** Durations over time as points, on a logarithmic axis. */
export class ScatterChart {
  readonly #host: HTMLElement
  readonly #frame: PlotFrame
  #ends = { startMs: 0, endMs: 1000 }
  #points: readonly ScatterPoint[] = []

  constructor(host: HTMLElement, events: ScatterEvents) {
    this.#host = host
    this.#frame = createPlotFrame(host, {
      ...events,
      onChoose: (plot) => {
        const point = this.#nearest(plot)
        if (point) events.onOpen(point.id)
      },
      describe: (plot) => this.#describe(plot),
    })
  }

  update({ startMs, endMs, points }: ScatterModel): void {
    this.#ends = { startMs, endMs }
    this.#points = points.toSorted((a, b) => a.timeMs - b.timeMs)
    const data: uPlot.AlignedData = [this.#points.map(({ timeMs }) => timeMs / 1000), this.#points.map(durationOf)]
    if (this.#frame.plot) {
      this.#frame.plot.setData(data)
      return
    }
    this.#frame.rebuild(
      {
        series: [{}, { scale: 'y', paths: () => null, points: { show: false } }],
        scales: {
          x: { time: true, range: () => [this.#ends.startMs / 1000, this.#ends.endMs / 1000] },
          y: { distr: 3, range: (_plot, low, high) => logRange(low ?? 1, high ?? 100) },
        },
        axes: [timeAxis(), valueAxis('y', durationTick, false, undefined)],
        hooks: { draw: [(plot) => this.#draw(plot)] },
      },
      data,
    )
  }

  destroy(): void {
    this.#frame.destroy()
  }

  /**
   * The point at the pointer. The keyboard moves the cursor only along the time axis, so the time determines the point.
   */
  #nearest(plot: uPlot): ScatterPoint | undefined {
    const { left = -1, top = -1 } = plot.cursor
    const byTime = document.activeElement === this.#host && !this.#host.matches(':hover')
    let best: { readonly point: ScatterPoint; readonly distance: number } | undefined
    for (const point of this.#points) {
      const x = plot.valToPos(point.timeMs / 1000, 'x') - left
      const y = plot.valToPos(durationOf(point), 'y') - top
      const distance = byTime ? Math.hypot(x * 1000, y) : Math.hypot(x, y)
      if ((byTime || distance <= REACH) && distance < (best?.distance ?? Number.POSITIVE_INFINITY))
        best = { point, distance }
    }
    return best?.point
  }

  #describe(plot: uPlot): TooltipContent | undefined {
    const point = this.#nearest(plot)
    plot.over.classList.toggle('over-exemplar', point !== undefined)
    if (!point) return undefined
    return {
      heading: formatClock(point.timeMs),
      note: 'click to open',
      rows: [{ color: colorOf(point), name: point.name, value: formatDurationMs(point.durationMs) }],
    }
  }

  #draw(plot: uPlot): void {
    const { ctx, bbox } = plot
    ctx.save()
    ctx.beginPath()
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
    ctx.clip()
    // Failed ones last, so that they are not hidden by others.
    for (const point of this.#points.toSorted((a, b) => Number(a.error) - Number(b.error))) {
      const x = plot.valToPos(point.timeMs / 1000, 'x', true)
      const y = plot.valToPos(durationOf(point), 'y', true)
      ctx.beginPath()
      ctx.arc(x, y, DOT_RADIUS * devicePixelRatio, 0, 2 * Math.PI)
      ctx.fillStyle = translucent(colorOf(point), point.error ? 0.9 : 0.55)
      ctx.fill()
    }
    ctx.restore()
  }
}
