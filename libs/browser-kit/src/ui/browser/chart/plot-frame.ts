import uPlot from 'uplot'
import { formatShortClock } from '../../../format/time.ts'
import { chartTheme, onThemeChange } from './chart-theme.ts'
import { withLayout } from './layout-batch.ts'
import { type TooltipContent, tooltip } from './tooltip.ts'
import { digitsToDistinguish } from './value-axis.ts'

/** Charts with the same key share a crosshair. */
const CROSSHAIR_KEY = 'dashboard'

/** What a chart shows in its tooltip, and its event handlers. */
export interface FrameOptions {
  /** Describes a row of the data or a position in the plot; undefined if there is nothing there. */
  readonly describe: (plot: uPlot, row: number | null) => TooltipContent | undefined
  /** Called after a time range was selected by dragging. */
  readonly onZoom: (startMs: number, endMs: number) => void
  /** Called to reset the zoom (double click, Escape). */
  readonly onZoomReset: () => void
  /** Called when a position is chosen (click, Enter). */
  readonly onChoose?: (plot: uPlot) => void
}

/** A uPlot chart that fills its host, follows its size and the theme, and can be read with pointer and keyboard. */
export interface PlotFrame {
  readonly plot: uPlot | undefined
  /** Replaces the plot after a change of series, axes or scales; this happens soon, together with other frames. */
  rebuild(options: Partial<uPlot.Options>, data: uPlot.AlignedData): void
  destroy(): void
}

/** Steps of the time axis in seconds, since labels show no fractions of a second. */
const TIME_STEPS = [
  ...[1, 2, 5, 10, 15, 30],
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * 60),
  ...[1, 2, 3, 6, 12, 24, 48, 168].map((hours) => hours * 3600),
]

/** The time axis, with as many short clock times as fit. */
export function timeAxis(): uPlot.Axis {
  return {
    stroke: () => chartTheme().text,
    grid: { stroke: () => chartTheme().grid, width: 1 },
    ticks: { show: false },
    font: AXIS_FONT,
    size: 28,
    gap: 6,
    space: 64,
    incrs: TIME_STEPS,
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
      const digits = digitsToDistinguish(splits)
      return splits.map((value) => (value === null ? '' : format(value, digits)))
    },
  }
}

export const AXIS_FONT = '11px system-ui, sans-serif'

/** Creates a frame in `host`, whose size the style sheet sets. */
export function createPlotFrame(host: HTMLElement, options: FrameOptions): PlotFrame {
  return new Frame(host, options)
}

interface PlotSize {
  readonly width: number
  readonly height: number
}

type Built = readonly [options: Partial<uPlot.Options>, data: uPlot.AlignedData]

class Frame implements PlotFrame {
  readonly #host: HTMLElement
  readonly #options: FrameOptions
  readonly #observer = new ResizeObserver(() => this.#fit())
  readonly #stopFollowingTheme: () => void
  #plot: uPlot | undefined
  #built: Built | undefined

  constructor(host: HTMLElement, options: FrameOptions) {
    this.#host = host
    this.#options = options
    host.addEventListener('keydown', (event) => this.#key(event))
    // uPlot doesn't forward clicks that end a drag.
    host.addEventListener('click', () => {
      if (this.#plot) options.onChoose?.(this.#plot)
    })
    host.addEventListener('blur', () => {
      tooltip().hide()
      this.#plot?.setCursor({ left: -10, top: -10 })
    })
    host.addEventListener('mouseleave', () => tooltip().hide())
    this.#observer.observe(host)
    this.#stopFollowingTheme = onThemeChange(() => {
      if (this.#built && this.#plot) this.rebuild(this.#built[0], this.#plot.data)
    })
  }

  get plot(): uPlot | undefined {
    return this.#plot
  }

  rebuild(partial: Partial<uPlot.Options>, data: uPlot.AlignedData): void {
    const built: Built = [partial, data]
    this.#built = built
    withLayout(() => {
      if (this.#built !== built) return undefined
      const size = this.#size()
      return () => {
        this.#plot?.destroy()
        this.#plot = new uPlot(this.#plotOptions(partial, size), data, this.#host)
      }
    })
  }

  destroy(): void {
    this.#observer.disconnect()
    this.#stopFollowingTheme()
    this.#plot?.destroy()
    this.#plot = undefined
    this.#built = undefined
  }

  #size(): PlotSize {
    return { width: Math.max(60, this.#host.clientWidth), height: Math.max(60, this.#host.clientHeight) }
  }

  #fit(): void {
    const size = this.#size()
    if (this.#plot && (this.#plot.width !== size.width || this.#plot.height !== size.height)) this.#plot.setSize(size)
  }

  #plotOptions(partial: Partial<uPlot.Options>, size: PlotSize): uPlot.Options {
    const leaveZoom = (): null => {
      this.#options.onZoomReset()
      return null
    }
    return {
      ...size,
      legend: { show: false },
      // Half of the last time label is to the right of the plot.
      padding: [8, 26, 0, 0],
      cursor: {
        y: false,
        drag: { x: true, y: false, setScale: false, dist: 6 },
        sync: { key: CROSSHAIR_KEY, setSeries: false },
        focus: { prox: 24 },
        points: { show: false },
        bind: { dblclick: () => leaveZoom },
      },
      ...partial,
      series: partial.series ?? [{}],
      hooks: {
        ...partial.hooks,
        setCursor: [(plot) => this.#showTooltip(plot)],
        setSelect: [(plot) => this.#selected(plot)],
      },
    }
  }

  #showTooltip(plot: uPlot): void {
    const { left, top, idx } = plot.cursor
    const isActive = this.#host.matches(':hover') || document.activeElement === this.#host
    if (!isActive) return
    const content = left === undefined || left < 0 ? undefined : this.#options.describe(plot, idx ?? null)
    if (!content) {
      tooltip().hide()
      return
    }
    const box = plot.over.getBoundingClientRect()
    tooltip().show(content, box.left + (left ?? 0), box.top + (top ?? 0))
  }

  #selected(plot: uPlot): void {
    const { left, width } = plot.select
    if (width < 4) return
    const from = plot.posToVal(left, 'x') * 1000
    const to = plot.posToVal(left + width, 'x') * 1000
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
    this.#options.onZoom(from, to)
  }

  #key(event: KeyboardEvent): void {
    const plot = this.#plot
    if (!plot) return
    const last = (plot.data[0]?.length ?? 0) - 1
    const row = plot.cursor.idx ?? last + 1
    if (event.key === 'ArrowLeft') moveTo(plot, Math.max(0, row - 1))
    else if (event.key === 'ArrowRight') moveTo(plot, Math.min(last, row + 1))
    else if (event.key === 'Home') moveTo(plot, 0)
    else if (event.key === 'End') moveTo(plot, last)
    else if (event.key === 'Enter') this.#options.onChoose?.(plot)
    else if (event.key === 'Escape') this.#options.onZoomReset()
    else return
    event.preventDefault()
  }
}

function moveTo(plot: uPlot, row: number): void {
  const x = plot.data[0]?.[row]
  if (x === undefined || x === null) return
  plot.setCursor({ left: plot.valToPos(x, 'x'), top: plot.over.clientHeight / 2 })
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
