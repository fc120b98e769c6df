import { chartTheme, translucent } from '@node-to-cloud/browser-kit/browser/chart/chart-theme'
import {
  createPlotFrame,
  type FrameOptions,
  shadePartial,
  timeAxis,
  valueAxis,
} from '@node-to-cloud/browser-kit/browser/chart/plot-frame'
import { formatClock } from '@node-to-cloud/browser-kit/format/time'
import { formatCount, formatExactValue, formatValue } from '@node-to-cloud/browser-kit/format/value'
import type uPlot from 'uplot'
import type { Exemplar, QuerySeries } from '../../../contract/charts.ts'
import { bucketPosition, type HeatmapData, intensity, toHeatmap } from './heatmap-data.ts'

export interface HeatmapModel {
  readonly startMs: number
  readonly endMs: number
  readonly periodSeconds: number
  readonly unit: string
  readonly label?: string
  readonly series: readonly QuerySeries[]
}

/** Shows how often each range of values occurred over time, with exemplars as dots. */
export interface HeatmapChart {
  update(model: HeatmapModel): void
  destroy(): void
}

const EXEMPLAR_RADIUS = 4
const EXEMPLAR_REACH = 9

/** Creates a heatmap in `host`. `onTrace` is called with the trace of a chosen exemplar. */
export function createHeatmapChart(
  host: HTMLElement,
  events: Pick<FrameOptions, 'onZoom' | 'onZoomReset'> & { readonly onTrace: (traceId: string) => void },
): HeatmapChart {
  let model: HeatmapModel | undefined
  let data: HeatmapData = toHeatmap([])
  let built = ''

  const place = (plot: uPlot, exemplar: Exemplar): { x: number; y: number } | undefined => {
    const position = bucketPosition(exemplar.value, data.edges)
    if (position === undefined) return undefined
    return { x: plot.valToPos(exemplar.timeMs / 1000, 'x'), y: plot.valToPos(position, 'y') }
  }

  const exemplarAt = (plot: uPlot): Exemplar | undefined => {
    const { left = -1, top = -1 } = plot.cursor
    let nearest: Exemplar | undefined
    let reach = EXEMPLAR_REACH
    for (const exemplar of data.exemplars) {
      if (exemplar.traceId === undefined) continue
      const at = place(plot, exemplar)
      const distance = at ? Math.hypot(at.x - left, at.y - top) : Number.POSITIVE_INFINITY
      if (distance <= reach) {
        nearest = exemplar
        reach = distance
      }
    }
    return nearest
  }

  const bucketName = (bucket: number): string => {
    const from = data.edges[bucket] ?? 0
    const to = data.edges[bucket + 1] ?? 0
    const unit = model?.unit
    if (to === Number.POSITIVE_INFINITY) return `over ${formatValue(from, unit)}`
    if (from === Number.NEGATIVE_INFINITY) return `under ${formatValue(to, unit)}`
    return `${formatValue(from, unit)} – ${formatValue(to, unit)}`
  }

  /** The column whose period contains a time; a point's time is the end of its period. */
  const columnAt = (timeMs: number): number => {
    const period = (model?.periodSeconds ?? 60) * 1000
    return data.timesMs.findIndex((end) => timeMs <= end && timeMs > end - period)
  }

  const frame = createPlotFrame(host, {
    ...events,
    onChoose: (plot) => {
      const { traceId } = exemplarAt(plot) ?? {}
      if (traceId !== undefined) events.onTrace(traceId)
    },
    describe: (plot) => {
      const { left = -1, top = -1 } = plot.cursor
      const exemplar = exemplarAt(plot)
      plot.over.classList.toggle('over-exemplar', exemplar !== undefined)
      if (exemplar) {
        return {
          heading: formatClock(exemplar.timeMs),
          note: 'click to open the trace',
          rows: [
            {
              color: chartTheme().exemplar,
              name: `trace ${exemplar.traceId?.slice(0, 8)}…`,
              value: formatExactValue(exemplar.value, model?.unit),
            },
          ],
        }
      }
      const column = columnAt(plot.posToVal(left, 'x') * 1000)
      const time = data.timesMs[column]
      const counts = data.counts[column]
      if (time === undefined || counts === undefined) return undefined
      const bucket = Math.floor(plot.posToVal(top, 'y'))
      const total = counts.reduce((sum, count) => sum + count, 0)
      const partial = data.partialAfterMs !== undefined && time > data.partialAfterMs
      return {
        heading: `${formatClock(time - (model?.periodSeconds ?? 60) * 1000)} – ${formatClock(time)}`,
        ...(partial ? { note: 'not over yet' } : {}),
        rows: [
          {
            color: translucent(chartTheme().heat, intensity(counts[bucket] ?? 0, data.largest)),
            name: bucketName(bucket),
            value: formatCount(counts[bucket] ?? 0),
          },
          { color: 'transparent', name: 'all', value: formatCount(total) },
        ],
      }
    },
  })

  const draw = (plot: uPlot): void => {
    const { ctx, bbox } = plot
    const theme = chartTheme()
    const period = model?.periodSeconds ?? 60
    ctx.save()
    ctx.beginPath()
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
    ctx.clip()
    data.timesMs.forEach((end, index) => {
      const previous = data.timesMs[index - 1] ?? Number.NEGATIVE_INFINITY
      const start = Math.max(previous / 1000, end / 1000 - period)
      const left = plot.valToPos(start, 'x', true)
      const right = plot.valToPos(end / 1000, 'x', true)
      const counts = data.counts[index] ?? []
      counts.forEach((count, bucket) => {
        if (count <= 0) return
        const top = plot.valToPos(bucket + 1, 'y', true)
        const bottom = plot.valToPos(bucket, 'y', true)
        ctx.fillStyle = translucent(theme.heat, intensity(count, data.largest))
        ctx.fillRect(left, top, Math.max(1, right - left - 1), Math.max(1, bottom - top - 1))
      })
    })
    for (const exemplar of data.exemplars) {
      const at = exemplar.traceId === undefined ? undefined : place(plot, exemplar)
      if (!at) continue
      const scale = devicePixelRatio
      ctx.beginPath()
      ctx.arc(bbox.left + at.x * scale, bbox.top + at.y * scale, EXEMPLAR_RADIUS * scale, 0, 2 * Math.PI)
      ctx.fillStyle = theme.exemplar
      ctx.strokeStyle = theme.surface
      ctx.lineWidth = 1.5 * scale
      ctx.fill()
      ctx.stroke()
    }
    ctx.restore()
  }

  return {
    update(next) {
      model = next
      data = toHeatmap(next.series)
      const rows = data.edges.length - 1
      const plotData: uPlot.AlignedData = [data.timesMs.map((time) => time / 1000), data.timesMs.map(() => null)]
      const wanted = JSON.stringify([data.edges, next.unit, next.label])
      if (wanted === built && frame.plot) {
        frame.plot.setData(plotData)
        return
      }
      built = wanted
      const every = Math.max(1, Math.ceil(rows / 8))
      const splits = data.edges.map((_, index) => index).filter((index) => index % every === 0)
      const axis = valueAxis(
        'y',
        (index) => {
          const edge = data.edges[index] ?? 0
          return Number.isFinite(edge) ? formatValue(edge, model?.unit) : ''
        },
        false,
        next.label,
      )
      frame.rebuild(
        {
          series: [{}, { scale: 'y', points: { show: false } }],
          scales: {
            x: { time: true, range: () => [(model?.startMs ?? 0) / 1000, (model?.endMs ?? 1) / 1000] },
            y: { range: () => [0, Math.max(1, data.edges.length - 1)] },
          },
          axes: [timeAxis(), { ...axis, splits: () => splits }],
          hooks: {
            drawClear: [(plot) => shadePartial(plot, data.partialAfterMs, model?.endMs ?? 0)],
            draw: [draw],
          },
        },
        plotData,
      )
    },
    destroy: () => frame.destroy(),
  }
}
