import type { TimelinePoint } from '../contract/api-types.ts'
import { Tally } from './tally.ts'

export type { TimelinePoint } from '../contract/api-types.ts'

/** Bounds beyond which a second counts as bound by the generator. */
export const lagBoundMs = 20
export const utilizationBound = 0.95

/** Seconds that wait for late reports before they are settled. */
const settleMs = 2000
/** Longest timeline; a longer run keeps its newest part. */
export const maximumPoints = 86_400

interface OpenWindow {
  readonly tally: Tally
  users: Map<string, number>
  target: number
  /** Sum and number of each worker's shares of busy time. */
  utilization: Map<string, { sum: number; reports: number }>
}

/** Collects tallies by second, and settles each into one point once no more is to come. */
export class Timeline {
  readonly points: TimelinePoint[]
  readonly #maximumSeries: number | undefined
  readonly #open = new Map<number, OpenWindow>()

  constructor(
    options: { readonly maximumSeries?: number | undefined; readonly points?: readonly TimelinePoint[] } = {},
  ) {
    this.#maximumSeries = options.maximumSeries
    this.points = [...(options.points ?? [])]
  }

  /** Adds what a worker counted in a second. A second that is settled takes no more. */
  add(
    windowMs: number,
    workerId: string,
    tally: Tally,
    gauges: { readonly users: number; readonly utilization: number; readonly target: number },
  ): void {
    const newest = this.points.at(-1)
    if (newest !== undefined && windowMs <= newest.atMs) return
    const window = this.#open.get(windowMs) ?? {
      tally: new Tally({ maximumSeries: this.#maximumSeries }),
      users: new Map(),
      target: 0,
      utilization: new Map(),
    }
    this.#open.set(windowMs, window)
    window.tally.merge(tally)
    window.users.set(workerId, gauges.users)
    window.target = gauges.target
    const busy = window.utilization.get(workerId) ?? { sum: 0, reports: 0 }
    window.utilization.set(workerId, { sum: busy.sum + gauges.utilization, reports: busy.reports + 1 })
  }

  /** Settles every second that is old enough; all of them with `Infinity`. */
  settle(nowMs: number): void {
    for (const windowMs of [...this.#open.keys()].sort((a, b) => a - b)) {
      const window = this.#open.get(windowMs)
      if (window === undefined || windowMs + 1000 + settleMs > nowMs) continue
      this.#open.delete(windowMs)
      this.points.push(pointOf(windowMs, window))
    }
    if (this.points.length > maximumPoints) this.points.splice(0, this.points.length - maximumPoints)
  }
}

function pointOf(atMs: number, window: OpenWindow): TimelinePoint {
  const { tally, target } = window
  const utilization = Math.max(0, ...[...window.utilization.values()].map(({ sum, reports }) => sum / reports))
  const total = tally.total()
  const lagP99 = tally.lag.quantile(0.99)
  let users = 0
  for (const count of window.users.values()) users += count
  return {
    atMs,
    requests: total.ended,
    failures: total.failures,
    arrivals: tally.arrivals,
    users,
    target,
    p50: total.latency.quantile(0.5),
    p95: total.latency.quantile(0.95),
    p99: total.latency.quantile(0.99),
    mean: total.latency.count === 0 ? 0 : total.latency.sum / total.latency.count,
    lagP99,
    utilization,
    generatorBound: lagP99 > lagBoundMs || utilization > utilizationBound,
  }
}
