import type UPlot from 'uplot'
import { element } from './element.ts'

/** A line of a chart; its colour is a CSS variable. */
export interface LineStyle {
  readonly label: string
  readonly color: string
  readonly dash?: readonly number[]
  readonly format: (value: number) => string
  readonly fill?: boolean
}

export interface LineChartOptions {
  readonly title: string
  readonly note: string
  readonly lines: readonly LineStyle[]
  /** Charts with the same key share their cursor. */
  readonly sync: string
  /** Shows elapsed seconds instead of the time of day. */
  readonly elapsed?: boolean
}

type Constructor = typeof UPlot

let library: Promise<Constructor> | undefined

/** Loads the chart library, which the master serves. */
function loadLibrary(): Promise<Constructor> {
  const url: string = new URL('/ui/uplot.js', location.href).href
  library ??= import(url).then((module: { default: Constructor }) => module.default)
  return library
}

const HEIGHT = 210

/** A live line chart in a card. */
export class LineChart {
  readonly root: HTMLElement
  readonly #options: LineChartOptions
  readonly #box: HTMLElement
  #plot: UPlot | undefined
  #data: UPlot.AlignedData = [[]]
  #shaded: readonly boolean[] = []
  #disposed = false

  constructor(options: LineChartOptions) {
    this.#options = options
    this.#box = element('div', { class: 'chart' })
    this.root = element(
      'section',
      { class: 'card', attributes: { 'aria-label': options.title } },
      element(
        'div',
        { class: 'split' },
        element('h3', { text: options.title }),
        element('small', { class: 'about', text: options.note }),
      ),
      this.#box,
    )
    const observer = new ResizeObserver(() => this.#fit())
    observer.observe(this.#box)
    void this.#build()
  }

  /** Shows new data: seconds since the epoch (or the start), the values of each line, and which seconds to shade. */
  setData(
    seconds: readonly number[],
    values: readonly (readonly (number | null)[])[],
    shaded: readonly boolean[] = [],
  ): void {
    this.#data = [[...seconds], ...values.map((line) => [...line])] as UPlot.AlignedData
    this.#shaded = shaded
    this.#plot?.setData(this.#data)
  }

  /** Redraws the chart in the colours of the current theme. */
  async rebuild(): Promise<void> {
    this.#plot?.destroy()
    this.#plot = undefined
    await this.#build()
  }

  dispose(): void {
    this.#disposed = true
    this.#plot?.destroy()
  }

  async #build(): Promise<void> {
    const Plot = await loadLibrary()
    if (this.#disposed || this.#plot !== undefined) return
    const { lines, sync, elapsed } = this.#options
    const axis = {
      stroke: color('--soft'),
      grid: { stroke: color('--rule'), width: 1 },
      ticks: { show: false },
      font: '12px system-ui',
    }
    const format = lines[0]?.format ?? String
    this.#plot = new Plot(
      {
        width: Math.max(240, this.#box.clientWidth),
        height: HEIGHT,
        cursor: { sync: { key: sync }, points: { size: 6 } },
        scales: { x: { time: elapsed !== true }, y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.08 : 1] } },
        axes: [
          {
            ...axis,
            values: (_plot: UPlot, ticks: number[]) =>
              ticks.map((tick) => (elapsed === true ? `${tick} s` : timeOfDay(tick))),
            space: 80,
            size: 28,
          },
          { ...axis, size: 62, values: (_plot, ticks) => ticks.map((tick) => format(tick)) },
        ],
        series: [
          elapsed === true
            ? { label: 'second' }
            : {
                label: 'time',
                value: (_plot: UPlot, value: number | null) => (value === null ? '' : timeOfDay(value)),
              },
          ...lines.map((line) => ({
            label: line.label,
            stroke: color(line.color),
            width: 1.75,
            ...(line.dash === undefined ? {} : { dash: [...line.dash] }),
            ...(line.fill === true ? { fill: `color-mix(in srgb, ${color(line.color)} 14%, transparent)` } : {}),
            points: { show: false },
            value: (_plot: UPlot, value: number | null) => (value === null ? '–' : line.format(value)),
          })),
        ],
        hooks: { drawClear: [(plot) => this.#shade(plot)] },
      },
      this.#data,
      this.#box,
    )
  }

  /** Shades the seconds in which the load generator was the bottleneck. */
  #shade(plot: UPlot): void {
    const { ctx, bbox } = plot
    ctx.save()
    ctx.fillStyle = color('--warn-paper')
    for (const [index, shaded] of this.#shaded.entries()) {
      const second = this.#data[0][index]
      if (!shaded || second === undefined) continue
      const from = plot.valToPos(second, 'x', true)
      const to = plot.valToPos(second + 1, 'x', true)
      ctx.fillRect(Math.max(bbox.left, from), bbox.top, Math.max(1, to - from), bbox.height)
    }
    ctx.restore()
  }

  #fit(): void {
    const width = this.#box.clientWidth
    if (width > 0 && this.#plot !== undefined && Math.abs(this.#plot.width - width) > 1)
      this.#plot.setSize({ width, height: HEIGHT })
  }
}

function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}

function timeOfDay(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString(undefined, { hour12: false })
}
