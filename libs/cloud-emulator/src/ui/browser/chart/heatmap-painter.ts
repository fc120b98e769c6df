import { chartTheme, translucent } from '@node-to-cloud/browser-kit/browser/chart/chart-theme'
import type uPlot from 'uplot'
import type { Exemplar } from '../../../contract/charts.ts'
import { bucketPosition, type HeatmapData, intensity } from './heatmap-data.ts'

const EXEMPLAR_RADIUS = 4
const EXEMPLAR_REACH = 9

/** The colour of a cell with a number of values. */
export function cellColor(count: number, largest: number): string {
  return translucent(chartTheme().heat, intensity(count, largest))
}

function place(plot: uPlot, { edges }: HeatmapData, { timeMs, value }: Exemplar): { x: number; y: number } | undefined {
  const position = bucketPosition(value, edges)
  return position === undefined ? undefined : { x: plot.valToPos(timeMs / 1000, 'x'), y: plot.valToPos(position, 'y') }
}

/** The nearest exemplar with a trace, if one is near the cursor. */
export function exemplarAtCursor(plot: uPlot, data: HeatmapData): Exemplar | undefined {
  const { left = -1, top = -1 } = plot.cursor
  let nearest: Exemplar | undefined
  let reach = EXEMPLAR_REACH
  for (const exemplar of data.exemplars) {
    const at = exemplar.traceId === undefined ? undefined : place(plot, data, exemplar)
    const distance = at ? Math.hypot(at.x - left, at.y - top) : Number.POSITIVE_INFINITY
    if (distance > reach) continue
    nearest = exemplar
    reach = distance
  }
  return nearest
}

/** Paints the cells, and over them the exemplars at their exact values. */
export function paintHeatmap(plot: uPlot, data: HeatmapData, periodSeconds: number): void {
  const { ctx, bbox } = plot
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  paintCells(plot, data, periodSeconds)
  for (const exemplar of data.exemplars) {
    const at = exemplar.traceId === undefined ? undefined : place(plot, data, exemplar)
    if (at) paintExemplar(plot, at)
  }
  ctx.restore()
}

function paintCells(plot: uPlot, { timesMs, counts, largest }: HeatmapData, periodSeconds: number): void {
  const { ctx } = plot
  const colors = new Map<number, string>()
  const colorOf = (count: number): string => {
    const color = colors.get(count) ?? cellColor(count, largest)
    colors.set(count, color)
    return color
  }
  timesMs.forEach((end, index) => {
    const previous = timesMs[index - 1] ?? Number.NEGATIVE_INFINITY
    const left = plot.valToPos(Math.max(previous / 1000, end / 1000 - periodSeconds), 'x', true)
    const right = plot.valToPos(end / 1000, 'x', true)
    for (const [bucket, count] of (counts[index] ?? []).entries()) {
      if (count <= 0) continue
      const top = plot.valToPos(bucket + 1, 'y', true)
      const bottom = plot.valToPos(bucket, 'y', true)
      ctx.fillStyle = colorOf(count)
      ctx.fillRect(left, top, Math.max(1, right - left - 1), Math.max(1, bottom - top - 1))
    }
  })
}

function paintExemplar({ ctx, bbox }: uPlot, { x, y }: { readonly x: number; readonly y: number }): void {
  const pixel = devicePixelRatio
  ctx.beginPath()
  ctx.arc(bbox.left + x * pixel, bbox.top + y * pixel, EXEMPLAR_RADIUS * pixel, 0, 2 * Math.PI)
  ctx.fillStyle = chartTheme().exemplar
  ctx.strokeStyle = chartTheme().surface
  ctx.lineWidth = 1.5 * pixel
  ctx.fill()
  ctx.stroke()
}
