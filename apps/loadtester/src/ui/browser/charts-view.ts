import type { RunReport, TimelinePoint } from '../../contract/run-report.ts'
import { element } from './element.ts'
import { formatCount, formatMs, formatRate } from './format.ts'
import { LineChart } from './line-chart.ts'

/** The live charts of a run; they are kept and fed, not made anew at each rendering. */
export class ChartsView {
  readonly root: HTMLElement
  readonly #rate: LineChart
  readonly #latency: LineChart
  readonly #users: LineChart
  readonly #generator: LineChart

  constructor() {
    this.#rate = new LineChart({
      title: 'Requests a second',
      note: 'ended in each second',
      sync: 'run',
      lines: [
        { label: 'requests', color: '--line-1', format: formatRate, fill: true },
        { label: 'failures', color: '--line-bad', format: formatRate },
      ],
    })
    this.#latency = new LineChart({
      title: 'Response time',
      note: 'sent until the last byte',
      sync: 'run',
      lines: [
        { label: 'p50', color: '--line-1', format: formatMs },
        { label: 'p95', color: '--line-2', format: formatMs },
        { label: 'p99', color: '--line-3', format: formatMs },
      ],
    })
    this.#users = new LineChart({
      title: 'Load',
      note: 'asked for and made',
      sync: 'run',
      lines: [
        { label: 'users', color: '--line-1', format: formatCount, fill: true },
        { label: 'arrivals a second', color: '--line-3', format: formatRate },
        { label: 'asked for', color: '--soft', format: formatRate, dash: [6, 4] },
      ],
    })
    this.#generator = new LineChart({
      title: 'Load generator',
      note: 'shaded: it was the bottleneck',
      sync: 'run',
      lines: [{ label: 'start lag p99', color: '--line-2', format: formatMs }],
    })
    this.root = element('div', { class: 'charts' }, ...this.#all.map((chart) => chart.root))
  }

  get #all(): readonly LineChart[] {
    return [this.#rate, this.#latency, this.#users, this.#generator]
  }

  update({ timeline }: RunReport): void {
    const seconds = timeline.map((point) => point.atMs / 1000)
    const pick = (read: (point: TimelinePoint) => number): number[] => timeline.map(read)
    // A second without a response has no response time.
    const pickTime = (read: (point: TimelinePoint) => number): (number | null)[] =>
      timeline.map((point) => (point.requests === 0 ? null : read(point)))
    const shaded = timeline.map((point) => point.generatorBound)
    this.#rate.setData(seconds, [pick((point) => point.requests), pick((point) => point.failures)], shaded)
    this.#latency.setData(
      seconds,
      [pickTime((point) => point.p50), pickTime((point) => point.p95), pickTime((point) => point.p99)],
      shaded,
    )
    this.#users.setData(
      seconds,
      [pick((point) => point.users), pick((point) => point.arrivals), pick((point) => point.target)],
      shaded,
    )
    this.#generator.setData(seconds, [pick((point) => point.lagP99)], shaded)
  }

  async recolor(): Promise<void> {
    await Promise.all(this.#all.map((chart) => chart.rebuild()))
  }
}
