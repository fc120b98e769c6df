import { chartTheme } from '@node-to-cloud/browser-kit/browser/chart/chart-theme'
import { AXIS_FONT } from '@node-to-cloud/browser-kit/browser/chart/plot-frame'
import type { ThresholdLine } from '@node-to-cloud/browser-kit/browser/chart/value-axis'
import { formatValue } from '@node-to-cloud/browser-kit/format/value'
import type uPlot from 'uplot'

const LABEL_HEIGHT = 15
const GAP = 4
/** The space beside a label's text, to the right end of the plot and on its left. */
const LABEL_INSET = 9

/**
 * The positions of the labels of lines, in pixels from the top: each above its line and above the labels of lower
 * lines; below its line if there is no room at the top. The lowest line comes first. Lines at 0 are those above the
 * plot.
 *
 * @param covers - whether a label at `top` of the line `index` would cover data: if so, it goes below its line, if it covers
 * none there
 */
export function labelTops(
  lines: readonly number[],
  covers: (top: number, index: number) => boolean = () => false,
): readonly number[] {
  const placed: number[] = []
  return lines.map((line, index) => {
    const lowest = placed.at(-1) ?? Number.POSITIVE_INFINITY
    const below = line + GAP
    let top = Math.min(line - GAP, lowest) - LABEL_HEIGHT
    const overlaps = (at: number): boolean => placed.some((other) => Math.abs(other - at) < LABEL_HEIGHT)
    if (top < 0) for (top = below; overlaps(top); ) top += LABEL_HEIGHT
    else if (covers(top, index) && !covers(below, index) && !overlaps(below)) top = below
    placed.push(top)
    return top
  })
}

/** Draws the thresholds over a chart; those above the plot are labelled at its top, with an arrow. */
export function drawThresholds(
  plot: uPlot,
  thresholds: readonly ThresholdLine[],
  unitOf: (axis: 'Y1' | 'Y2') => string | undefined,
): void {
  const { ctx, bbox } = plot
  const pixel = devicePixelRatio
  const shown = thresholds
    .filter(({ axis }) => plot.scales[axis === 'Y2' ? 'y2' : 'y'] !== undefined)
    .map((line) => ({ line, y: plot.valToPos(line.value, line.axis === 'Y2' ? 'y2' : 'y', true) }))
    .filter(({ y }) => y <= bbox.top + bbox.height)
    // Those above the plot are listed one below another, nearest first.
    .sort((a, b) => b.y - a.y)
  ctx.save()
  ctx.font = AXIS_FONT.replace('11px', `${11 * pixel}px`)
  ctx.textAlign = 'right'
  ctx.textBaseline = 'top'
  const texts = shown.map(({ line, y }) => {
    const value = formatValue(line.value, unitOf(line.axis))
    return `${y < bbox.top ? '↑ ' : ''}${line.label ? `${line.label} · ` : ''}${value}`
  })
  const tops = labelTops(
    shown.map(({ y }) => Math.max(0, (y - bbox.top) / pixel)),
    (top, index) => {
      const width = ctx.measureText(texts[index] ?? '').width + LABEL_INSET * pixel
      const upper = bbox.top + top * pixel
      return hasData(plot, bbox.left + bbox.width - width, upper, upper + LABEL_HEIGHT * pixel)
    },
  )
  for (const [index, { line, y }] of shown.entries()) {
    const color = line.critical ? chartTheme().critical : chartTheme().warning
    if (y >= bbox.top) drawLine(plot, y, color)
    drawLabel(plot, texts[index] ?? '', bbox.top + (tops[index] ?? 0) * pixel, color)
  }
  ctx.restore()
}

/** Whether a line of the data passes through the part of the plot right of `left`, between `top` and `bottom`. */
function hasData(plot: uPlot, left: number, top: number, bottom: number): boolean {
  if (bottom > plot.bbox.top + plot.bbox.height) return true
  const [times, ...columns] = plot.data
  const start = times.findIndex((time) => plot.valToPos(time, 'x', true) >= left)
  if (start < 0) return false
  const first = Math.max(1, start)
  return columns.some((column, index) => {
    const { scale, show } = plot.series[index + 1] ?? {}
    if (show === false) return false
    const place = (row: number): number | undefined => {
      const value = column[row]
      return value === null || value === undefined ? undefined : plot.valToPos(value, scale ?? 'y', true)
    }
    for (let row = first; row < times.length; row++) {
      const from = place(row - 1)
      const to = place(row)
      if (from !== undefined && to !== undefined && Math.max(from, to) >= top && Math.min(from, to) <= bottom)
        return true
    }
    return false
  })
}

function drawLine({ ctx, bbox }: uPlot, y: number, color: string): void {
  ctx.strokeStyle = color
  ctx.lineWidth = devicePixelRatio
  ctx.setLineDash([5 * devicePixelRatio, 4 * devicePixelRatio])
  ctx.beginPath()
  ctx.moveTo(bbox.left, y)
  ctx.lineTo(bbox.left + bbox.width, y)
  ctx.stroke()
  ctx.setLineDash([])
}

/** A label with a background, so that no line of the chart crosses it. */
function drawLabel({ ctx, bbox }: uPlot, text: string, top: number, color: string): void {
  const right = bbox.left + bbox.width - 6 * devicePixelRatio
  const { width } = ctx.measureText(text)
  const padding = 3 * devicePixelRatio
  ctx.fillStyle = chartTheme().surface
  ctx.globalAlpha = 0.85
  ctx.fillRect(right - width - padding, top - padding / 3, width + 2 * padding, 14 * devicePixelRatio)
  ctx.globalAlpha = 1
  ctx.fillStyle = color
  ctx.fillText(text, right, top)
}
