import { chartTheme } from '@node-to-cloud/browser-kit/browser/chart/chart-theme'
import { AXIS_FONT } from '@node-to-cloud/browser-kit/browser/chart/plot-frame'
import type { ThresholdLine } from '@node-to-cloud/browser-kit/browser/chart/value-axis'
import { formatValue } from '@node-to-cloud/browser-kit/format/value'
import type uPlot from 'uplot'

const LABEL_HEIGHT = 15
const GAP = 4

/**
 * The positions of the labels of lines, in pixels from the top: each above its line and above the labels of lower
 * lines; below its line if there is no room at the top. The lowest line comes first. Lines at 0 are those above the
 * plot.
 */
export function labelTops(lines: readonly number[]): readonly number[] {
  const placed: number[] = []
  return lines.map((line) => {
    const lowest = placed.at(-1) ?? Number.POSITIVE_INFINITY
    let top = Math.min(line - GAP, lowest) - LABEL_HEIGHT
    const overlaps = (at: number): boolean => placed.some((other) => Math.abs(other - at) < LABEL_HEIGHT)
    if (top < 0) for (top = line + GAP; overlaps(top); ) top += LABEL_HEIGHT
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
  const tops = labelTops(shown.map(({ y }) => Math.max(0, (y - bbox.top) / pixel)))
  ctx.save()
  ctx.font = AXIS_FONT.replace('11px', `${11 * pixel}px`)
  ctx.textAlign = 'right'
  ctx.textBaseline = 'top'
  for (const [index, { line, y }] of shown.entries()) {
    const color = line.critical ? chartTheme().critical : chartTheme().warning
    if (y >= bbox.top) drawLine(plot, y, color)
    const value = formatValue(line.value, unitOf(line.axis))
    const text = `${y < bbox.top ? '↑ ' : ''}${line.label ? `${line.label} · ` : ''}${value}`
    drawLabel(plot, text, bbox.top + (tops[index] ?? 0) * pixel, color)
  }
  ctx.restore()
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
