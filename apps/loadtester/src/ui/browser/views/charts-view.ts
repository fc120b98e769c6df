import { html, render } from '@node-to-cloud/browser-kit/browser/view'
import { formatCount, formatDurationMs, formatRate } from '@node-to-cloud/browser-kit/format/value'
import type { RunReport, TimelinePoint } from '../../../contract/run-report.ts'
import { LineChart, type LineStyle } from '../line-chart.ts'

interface Line extends LineStyle {
  readonly read: (point: TimelinePoint) => number | null
}

interface Chart {
  readonly title: string
  readonly note: string
  readonly lines: readonly Line[]
}

/** A second without a response has no response time. */
const responseTime =
  (field: 'p50' | 'p95' | 'p99') =>
  (point: TimelinePoint): number | null =>
    point.requests === 0 ? null : point[field]

const CHARTS: readonly Chart[] = [
  {
    title: 'Requests per second',
    note: 'completed in each second',
    lines: [
      { label: 'requests', color: 'series-1', format: formatRate, fill: true, read: (point) => point.requests },
      { label: 'failures', color: 'status-5xx', format: formatRate, read: (point) => point.failures },
    ],
  },
  {
    title: 'Response time',
    note: 'from sending to the last byte',
    lines: [
      { label: 'p50', color: 'quantile-low', format: formatDurationMs, read: responseTime('p50') },
      { label: 'p95', color: 'quantile-high', format: formatDurationMs, read: responseTime('p95') },
      { label: 'p99', color: 'quantile-highest', format: formatDurationMs, read: responseTime('p99') },
    ],
  },
  {
    title: 'Load',
    note: 'target and actual',
    lines: [
      { label: 'users', color: 'series-3', format: formatCount, fill: true, read: (point) => point.users },
      { label: 'arrivals per second', color: 'series-7', format: formatRate, read: (point) => point.arrivals },
      { label: 'target', color: 'series-10', format: formatRate, dash: [6, 4], read: (point) => point.target },
    ],
  },
  {
    title: 'Load generator',
    note: 'shaded: it was the bottleneck',
    lines: [
      { label: 'start lag p99', color: 'quantile-highest', format: formatDurationMs, read: (point) => point.lagP99 },
    ],
  },
]

/** What of the run the charts show: all of it, or its last seconds. */
const SPANS: readonly { readonly label: string; readonly seconds: number }[] = [
  { label: 'Whole run', seconds: Number.POSITIVE_INFINITY },
  { label: 'Last 5 minutes', seconds: 300 },
  { label: 'Last minute', seconds: 60 },
]

/** The live charts of a run. They are updated, not created again, at each rendering. */
export class ChartsView {
  readonly root = document.createElement('div')
  readonly #charts = CHARTS.map((chart) => ({ ...chart, view: new LineChart(chart) }))
  #seconds = Number.POSITIVE_INFINITY
  #timeline: readonly TimelinePoint[] = []

  constructor() {
    this.root.className = 'stack'
    this.#draw()
  }

  update({ timeline }: Pick<RunReport, 'timeline'>): void {
    this.#timeline = timeline
    const fromMs = (timeline.at(-1)?.atMs ?? 0) - this.#seconds * 1000
    const shown = timeline.filter(({ atMs }) => atMs > fromMs)
    const seconds = shown.map((point) => point.atMs / 1000)
    const shaded = shown.map((point) => point.generatorBound)
    for (const { lines, view } of this.#charts)
      view.setData(
        seconds,
        lines.map(({ read }) => shown.map(read)),
        shaded,
      )
  }

  #draw(): void {
    const choose = (seconds: number): void => {
      this.#seconds = seconds
      this.#draw()
      this.update({ timeline: this.#timeline })
    }
    const choice = ({ label, seconds }: (typeof SPANS)[number]) =>
      html`<button type="button" aria-pressed=${String(seconds === this.#seconds)} @click=${() => choose(seconds)}>
        ${label}
      </button>`
    render(
      html`<div class="span-choice" role="group" aria-label="What is shown">${SPANS.map(choice)}</div>
        <div class="charts">${this.#charts.map(({ view }) => view.root)}</div>`,
      this.root,
    )
  }
}
