import { chartTheme, paint, translucent } from '@node-to-cloud/browser-kit/browser/chart/chart-theme'
import {
  createPlotFrame,
  type PlotFrame,
  timeAxis,
  valueAxis,
} from '@node-to-cloud/browser-kit/browser/chart/plot-frame'
import { createSeriesLegend } from '@node-to-cloud/browser-kit/browser/chart/series-legend'
import { html, render } from '@node-to-cloud/browser-kit/browser/view'
import { formatClock } from '@node-to-cloud/browser-kit/format/time'
import type UPlot from 'uplot'

/** A line of a chart. */
export interface LineStyle {
  readonly label: string
  /** A colour of the theme, `status-5xx`. */
  readonly color: string
  readonly dash?: readonly number[]
  readonly format: (value: number) => string
  readonly fill?: boolean
}

export interface LineChartOptions {
  readonly title: string
  readonly note: string
  readonly lines: readonly LineStyle[]
  /** Shows elapsed seconds instead of the time of day. */
  readonly elapsed?: boolean
}

/** A live line chart in a card: its legend has a fixed height, and a tooltip shows the values. */
export class LineChart {
  readonly root: HTMLElement
  readonly #options: LineChartOptions
  readonly #frame: PlotFrame
  readonly #hidden = new Set<string>()
  readonly #endLegend: () => void
  #data: UPlot.AlignedData = [[]]
  #shaded: readonly boolean[] = []
  /** What a drag over the chart chose, in seconds. */
  #zoom: readonly [number, number] | undefined

  constructor(options: LineChartOptions) {
    this.#options = options
    const { title, note, lines } = options
    const host = document.createElement('div')
    const names = document.createElement('div')
    names.className = 'legend'
    host.className = 'chart'
    host.tabIndex = 0
    host.role = 'group'
    host.ariaLabel = `${title}: read values with the arrow keys`
    this.root = document.createElement('section')
    this.root.className = 'card'
    this.root.ariaLabel = title
    render(
      html`<div class="split"><h2>${title}</h2><small class="about">${note}</small></div>
        ${host}${names}`,
      this.root,
    )
    this.#frame = createPlotFrame(host, {
      describe: (_plot, row) => this.#describe(row),
      onZoom: (startMs, endMs) => this.#show([startMs / 1000, endMs / 1000]),
      onZoomReset: () => this.#show(undefined),
    })
    const legend = createSeriesLegend(names, {
      onToggle: (name) => {
        if (!this.#hidden.delete(name)) this.#hidden.add(name)
        legend.press(this.#hidden)
        this.#build()
      },
      onIsolate: () => {},
    })
    this.#endLegend = () => legend.destroy()
    legend.show(
      lines.map(({ label, color, dash }) => ({ name: label, color: `var(--${color})`, dashed: dash !== undefined })),
      { hidden: this.#hidden, invisible: false },
    )
  }

  /** Shows new data: seconds since the epoch (or the start), the values of each line, and which seconds to shade. */
  setData(
    seconds: readonly number[],
    values: readonly (readonly (number | null)[])[],
    shaded: readonly boolean[] = [],
  ): void {
    this.#data = [[...seconds], ...values.map((line) => [...line])]
    this.#shaded = shaded
    if (this.#frame.plot === undefined) this.#build()
    else this.#frame.plot.setData(this.#data)
  }

  dispose(): void {
    this.#endLegend()
    this.#frame.destroy()
  }

  #show(zoom: readonly [number, number] | undefined): void {
    this.#zoom = zoom
    this.#build()
  }

  #describe(row: number | null) {
    const second = row === null ? undefined : this.#data[0][row]
    if (row === null || second === undefined) return undefined
    const rows = this.#options.lines.flatMap(({ label, color, format }, index) => {
      const value = this.#hidden.has(label) ? undefined : this.#data[index + 1]?.[row]
      return value === null || value === undefined
        ? []
        : [{ color: `var(--${color})`, name: label, value: format(value) }]
    })
    return { heading: this.#options.elapsed ? `${second} s` : formatClock(second * 1000), rows }
  }

  #build(): void {
    const { lines, elapsed } = this.#options
    const format = lines[0]?.format ?? String
    const time = timeAxis()
    this.#frame.rebuild(
      {
        scales: {
          x: {
            time: elapsed !== true,
            range: (_plot, low, high) => (this.#zoom === undefined ? [low ?? 0, high ?? 1] : [...this.#zoom]),
          },
          y: { range: (_plot, _low, high) => [0, high !== null && high > 0 ? high * 1.08 : 1] },
        },
        axes: [
          elapsed ? { ...time, values: (_plot, ticks) => ticks.map((tick) => `${tick} s`) } : time,
          {
            ...valueAxis('y', format, false, undefined),
            // Counts are whole.
            ...(lines.every((line) => line.format(0.5) === line.format(1)) ? { incrs: WHOLE_STEPS } : {}),
          },
        ],
        series: [
          {},
          ...lines.map(({ label, color, dash, fill }) => {
            const stroke = paint({ token: color, shade: 0 })
            return {
              label,
              show: !this.#hidden.has(label),
              stroke,
              width: 1.75,
              ...(dash === undefined ? {} : { dash: [...dash] }),
              ...(fill === true ? { fill: translucent(stroke, 0.14) } : {}),
              points: { show: false },
            }
          }),
        ],
        hooks: { drawClear: [(plot) => this.#shade(plot)] },
      },
      this.#data,
    )
  }

  /** Shades the seconds in which the load generator was the bottleneck. */
  #shade(plot: UPlot): void {
    const { ctx, bbox } = plot
    ctx.save()
    ctx.fillStyle = translucent(chartTheme().warning, 0.16)
    for (const [index, shaded] of this.#shaded.entries()) {
      const second = this.#data[0][index]
      if (!shaded || second === undefined) continue
      const from = plot.valToPos(second, 'x', true)
      const to = plot.valToPos(second + 1, 'x', true)
      ctx.fillRect(Math.max(bbox.left, from), bbox.top, Math.max(1, to - from), bbox.height)
    }
    ctx.restore()
  }
}

const WHOLE_STEPS = [1, 2, 5]
  .flatMap((step) => [1, 10, 100, 1000, 10_000, 100_000].map((power) => step * power))
  .sort((a, b) => a - b)
