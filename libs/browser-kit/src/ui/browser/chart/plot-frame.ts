import uPlot from 'uplot'
import { formatShortClock } from '../../../format/time.ts'
import { chartTheme, onThemeChange } from './chart-theme.ts'
import { type TooltipContent, tooltip } from './tooltip.ts'
import { digitsToTellApart } from './value-axis.ts'

/** Charts with the same key share their crosshair. */
const CROSSHAIR_KEY = 'dashboard'

export interface FrameOptions {
  /** Describes a row of the data or a place in the plot; undefined if there is nothing there. */
  readonly describe: (plot: uPlot, row: number | null) => TooltipContent | undefined
  /** Called after a drag over a time range. */
  readonly onZoom: (startMs: number, endMs: number) => void
  /** Called to leave the zoom (double click, Escape). */
  readonly onZoomReset: () => void
  /** Called when a place is chosen (click, Enter). */
  readonly onChoose?: (plot: uPlot) => void
}

/** A uPlot that fills its host, follows its size and the theme, and can be read with pointer and keyboard. */
export interface PlotFrame {
  readonly plot: uPlot | undefined
  /** Replaces the plot, after a change of series, axes or scales. */
  rebuild(options: Partial<uPlot.Options>, data: uPlot.AlignedData): void
  destroy(): void
}

/** The time axis: short clock times, as many as fit. */
export function timeAxis(): uPlot.Axis {
  return {
    stroke: () => chartTheme().text,
    grid: { stroke: () => chartTheme().grid, width: 1 },
    ticks: { show: false },
    font: AXIS_FONT,
    size: 28,
    gap: 6,
    space: 64,
    values: (_plot, splits) => splits.map((seconds) => formatShortClock(seconds * 1000)),
  }
}

/** A value axis on the left or on the right. */
export function valueAxis(
  scale: string,
  format: (value: number, significantDigits: number) => string,
  right: boolean,
  label: string | undefined,
): uPlot.Axis {
  return {
    scale,
    side: right ? 1 : 3,
    stroke: () => chartTheme().text,
    grid: right ? { show: false } : { stroke: () => chartTheme().grid, width: 1 },
    ticks: { show: false },
    font: AXIS_FONT,
    labelFont: AXIS_FONT,
    size: 62,
    gap: 6,
    space: 34,
    ...(label ? { label, labelSize: 16, labelGap: 0 } : {}),
    values: (_plot, splits) => {
      const digits = digitsToTellApart(splits)
      return splits.map((value) => (value === null ? '' : format(value, digits)))
    },
  }
}

export const AXIS_FONT = '11px system-ui, sans-serif'

/** Creates a frame in `host`, whose size the style sheet sets. */
export function createPlotFrame(host: HTMLElement, options: FrameOptions): PlotFrame {
  let plot: uPlot | undefined
  let rebuildAgain: (() => void) | undefined

  const pointed = (): boolean => host.matches(':hover')
  const showTooltip = (of: uPlot): void => {
    const { left, top, idx } = of.cursor
    const active = pointed() || document.activeElement === host
    if (!active || left === undefined || left < 0) {
      if (active) tooltip().hide()
      return
    }
    const content = options.describe(of, idx ?? null)
    if (!content) {
      tooltip().hide()
      return
    }
    const box = of.over.getBoundingClientRect()
    tooltip().show(content, box.left + left, box.top + (top ?? 0))
  }

  const moveTo = (of: uPlot, row: number): void => {
    const x = of.data[0]?.[row]
    if (x === undefined || x === null) return
    of.setCursor({ left: of.valToPos(x, 'x'), top: of.over.clientHeight / 2 })
  }

  host.addEventListener('keydown', (event) => {
    if (!plot) return
    const rows = plot.data[0]?.length ?? 0
    const row = plot.cursor.idx ?? rows
    if (event.key === 'ArrowLeft') moveTo(plot, Math.max(0, row - 1))
    else if (event.key === 'ArrowRight') moveTo(plot, Math.min(rows - 1, row + 1))
    else if (event.key === 'Home') moveTo(plot, 0)
    else if (event.key === 'End') moveTo(plot, rows - 1)
    else if (event.key === 'Enter') options.onChoose?.(plot)
    else if (event.key === 'Escape') options.onZoomReset()
    else return
    event.preventDefault()
  })
  const leave = (): void => {
    tooltip().hide()
    plot?.setCursor({ left: -10, top: -10 })
  }
  // uPlot doesn't pass on clicks that end a drag.
  host.addEventListener('click', () => {
    if (plot) options.onChoose?.(plot)
  })
  host.addEventListener('blur', leave)
  host.addEventListener('mouseleave', () => tooltip().hide())

  const sizeOf = (): { width: number; height: number } => ({
    width: Math.max(60, host.clientWidth),
    height: Math.max(60, host.clientHeight),
  })
  const observer = new ResizeObserver(() => {
    const size = sizeOf()
    if (plot && (plot.width !== size.width || plot.height !== size.height)) plot.setSize(size)
  })
  observer.observe(host)
  const endTheme = onThemeChange(() => rebuildAgain?.())

  return {
    get plot() {
      return plot
    },
    rebuild(partial, data) {
      const make = (): void => {
        plot?.destroy()
        plot = new uPlot(
          {
            ...sizeOf(),
            legend: { show: false },
            // Half of the last time label is to the right of the plot.
            padding: [8, 26, 0, 0],
            cursor: {
              y: false,
              drag: { x: true, y: false, setScale: false, dist: 6 },
              sync: { key: CROSSHAIR_KEY, setSeries: false },
              focus: { prox: 24 },
              points: { show: false },
              bind: {
                dblclick: () => () => {
                  options.onZoomReset()
                  return null
                },
              },
            },
            ...partial,
            series: partial.series ?? [{}],
            hooks: {
              ...partial.hooks,
              setCursor: [showTooltip],
              setSelect: [
                (of) => {
                  if (of.select.width < 4) return
                  const from = of.posToVal(of.select.left, 'x') * 1000
                  const to = of.posToVal(of.select.left + of.select.width, 'x') * 1000
                  of.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
                  options.onZoom(from, to)
                },
              ],
            },
          },
          rebuildAgain && plot ? plot.data : data,
          host,
        )
      }
      rebuildAgain = undefined
      make()
      rebuildAgain = make
    },
    destroy() {
      observer.disconnect()
      endTheme()
      plot?.destroy()
      plot = undefined
      rebuildAgain = undefined
    },
  }
}

/** Shades the alignment period that has not ended yet: its values still change. */
export function shadePartial(plot: uPlot, partialAfterMs: number | undefined, untilMs: number): void {
  if (partialAfterMs === undefined) return
  const { ctx, bbox } = plot
  const left = Math.max(bbox.left, plot.valToPos(partialAfterMs / 1000, 'x', true))
  const right = Math.min(bbox.left + bbox.width, plot.valToPos(untilMs / 1000, 'x', true))
  if (right <= left) return
  ctx.save()
  ctx.beginPath()
  ctx.rect(left, bbox.top, right - left, bbox.height)
  ctx.clip()
  ctx.fillStyle = chartTheme().partial
  ctx.fillRect(left, bbox.top, right - left, bbox.height)
  ctx.strokeStyle = chartTheme().grid
  ctx.lineWidth = 1
  const step = 7 * devicePixelRatio
  ctx.beginPath()
  for (let x = left - bbox.height; x < right; x += step) {
    ctx.moveTo(x, bbox.top + bbox.height)
    ctx.lineTo(x + bbox.height, bbox.top)
  }
  ctx.stroke()
  ctx.restore()
}
