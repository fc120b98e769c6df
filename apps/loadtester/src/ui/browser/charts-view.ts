import type { RunReport, TimelinePoint } from '../../contract/run-report.ts'
import { element } from './element.ts'
import { formatCount, formatMs, formatRate } from './format.ts'
import { LineChart, type LineStyle } from './line-chart.ts'

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
      { label: 'requests', color: '--line-1', format: formatRate, fill: true, read: (point) => point.requests },
      { label: 'failures', color: '--line-bad', format: formatRate, read: (point) => point.failures },
    ],
  },
  {
    title: 'Response time',
    note: 'from sending to the last byte',
    lines: [
      { label: 'p50', color: '--line-1', format: formatMs, read: responseTime('p50') },
      { label: 'p95', color: '--line-2', format: formatMs, read: responseTime('p95') },
      { label: 'p99', color: '--line-3', format: formatMs, read: responseTime('p99') },
    ],
  },
  {
    title: 'Load',
    note: 'target and actual',
    lines: [
      { label: 'users', color: '--line-1', format: formatCount, fill: true, read: (point) => point.users },
      { label: 'arrivals per second', color: '--line-3', format: formatRate, read: (point) => point.arrivals },
      { label: 'target', color: '--soft', format: formatRate, dash: [6, 4], read: (point) => point.target },
    ],
  },
  {
    title: 'Load generator',
    note: 'shaded: it was the bottleneck',
    lines: [{ label: 'start lag p99', color: '--line-2', format: formatMs, read: (point) => point.lagP99 }],
  },
]

/** The live charts of a run. They are updated, not created again, at each rendering. */
export class ChartsView {
  readonly root: HTMLElement
  readonly #charts = CHARTS.map((chart) => ({ ...chart, view: new LineChart({ ...chart, sync: 'run' }) }))

  constructor() {
    this.root = element('div', { class: 'charts' }, ...this.#charts.map(({ view }) => view.root))
  }

  update({ timeline }: RunReport): void {
    const seconds = timeline.map((point) => point.atMs / 1000)
    const shaded = timeline.map((point) => point.generatorBound)
    for (const { lines, view } of this.#charts)
      view.setData(
        seconds,
        lines.map(({ read }) => timeline.map(read)),
        shaded,
      )
  }

  async recolor(): Promise<void> {
    await Promise.all(this.#charts.map(({ view }) => view.rebuild()))
  }
}
