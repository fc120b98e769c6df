import { chartTheme, seriesColor, translucent } from '@node-to-cloud/browser-kit/browser/chart/chart-theme'
import {
  createPlotFrame,
  type FrameOptions,
  timeAxis,
  valueAxis,
} from '@node-to-cloud/browser-kit/browser/chart/plot-frame'
import { logRange } from '@node-to-cloud/browser-kit/browser/chart/value-axis'
import { formatClock } from '@node-to-cloud/browser-kit/format/time'
import { formatDurationMs } from '@node-to-cloud/browser-kit/format/value'
import type uPlot from 'uplot'

/** A dot, which stands for a trace. */
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

/** Durations over time as dots, on a logarithmic axis. */
export interface ScatterChart {
  update(model: ScatterModel): void
  destroy(): void
}

const REACH = 16
const MIN_DURATION_MS = 0.001

/** Creates a scatter chart in `host`; `onOpen` is called with a chosen dot. */
export function createScatterChart(
  host: HTMLElement,
  events: Pick<FrameOptions, 'onZoom' | 'onZoomReset'> & { readonly onOpen: (id: string) => void },
): ScatterChart {
  let model: ScatterModel | undefined
  let points: readonly ScatterPoint[] = []

  const nearest = (plot: uPlot): ScatterPoint | undefined => {
    const { left = -1, top = -1 } = plot.cursor
    let best: ScatterPoint | undefined
    // The keyboard moves the cursor along the time axis only, so the row picks the dot.
    let distance = document.activeElement === host && !host.matches(':hover') ? Number.POSITIVE_INFINITY : REACH
    for (const point of points) {
      const x = plot.valToPos(point.timeMs / 1000, 'x') - left
      const y = plot.valToPos(Math.max(point.durationMs, MIN_DURATION_MS), 'y') - top
      const away = Math.hypot(x * (distance === Number.POSITIVE_INFINITY ? 1000 : 1), y)
      if (away < distance || best === undefined) {
        if (away > REACH && distance === REACH) continue
        best = point
        distance = away
      }
    }
    return best
  }

  const frame = createPlotFrame(host, {
    ...events,
    onChoose: (plot) => {
      const point = nearest(plot)
      if (point) events.onOpen(point.id)
    },
    describe: (plot) => {
      const point = nearest(plot)
      plot.over.classList.toggle('over-exemplar', point !== undefined)
      if (!point) return undefined
      return {
        heading: formatClock(point.timeMs),
        note: 'click to open',
        rows: [{ color: colorOf(point), name: point.name, value: formatDurationMs(point.durationMs) }],
      }
    },
  })

  const colorOf = (point: ScatterPoint): string => (point.error ? chartTheme().critical : seriesColor(0))

  const draw = (plot: uPlot): void => {
    const { ctx, bbox } = plot
    ctx.save()
    ctx.beginPath()
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
    ctx.clip()
    for (const pass of [false, true]) {
      for (const point of points) {
        if (point.error !== pass) continue
        const x = plot.valToPos(point.timeMs / 1000, 'x', true)
        const y = plot.valToPos(Math.max(point.durationMs, MIN_DURATION_MS), 'y', true)
        ctx.beginPath()
        ctx.arc(x, y, 3.5 * devicePixelRatio, 0, 2 * Math.PI)
        ctx.fillStyle = translucent(colorOf(point), point.error ? 0.9 : 0.55)
        ctx.fill()
      }
    }
    ctx.restore()
  }

  return {
    update(next) {
      model = next
      points = [...next.points].sort((a, b) => a.timeMs - b.timeMs)
      const data: uPlot.AlignedData = [
        points.map((point) => point.timeMs / 1000),
        points.map((point) => Math.max(point.durationMs, MIN_DURATION_MS)),
      ]
      if (frame.plot) {
        frame.plot.setData(data)
        return
      }
      frame.rebuild(
        {
          series: [{}, { scale: 'y', paths: () => null, points: { show: false } }],
          scales: {
            x: { time: true, range: () => [(model?.startMs ?? 0) / 1000, (model?.endMs ?? 1) / 1000] },
            y: {
              distr: 3,
              range: (_plot, low, high) => logRange(low ?? 1, high ?? 100),
            },
          },
          axes: [timeAxis(), valueAxis('y', formatDurationMs, false, undefined)],
          hooks: { draw: [draw] },
        },
        data,
      )
    },
    destroy: () => frame.destroy(),
  }
}
