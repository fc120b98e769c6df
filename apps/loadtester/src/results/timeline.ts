import type { TimelinePoint } from '../contract/run-report.ts'
import { Tally } from './tally.ts'

/** Beyond either limit a second counts as generator-bound. */
export const MAX_LAG_MS = 20
const MAX_UTILIZATION = 0.95

/** How long a second stays open for late reports. */
const SETTLE_MS = 2000
/** A longer run keeps its newest part. */
export const MAX_POINTS = 86_400

interface OpenSecond {
  readonly tally: Tally
  target: number
  readonly users: Map<string, number>
  /** Each worker's shares of busy time. */
  readonly utilization: Map<string, { readonly sum: number; readonly reports: number }>
}

export interface TimelineOptions {
  readonly maximumSeries?: number | undefined
  readonly points?: readonly TimelinePoint[]
}

/** Collects tallies by second, and turns each second into one point once its reports are in. */
export class Timeline {
  readonly points: TimelinePoint[]
  readonly #maximumSeries: number | undefined
  readonly #open = new Map<number, OpenSecond>()

  constructor(options: TimelineOptions = {}) {
    this.#maximumSeries = options.maximumSeries
    this.points = [...(options.points ?? [])]
  }

  /** Adds what a worker counted in a second. A second that has become a point stays as it is. */
  add(
    windowMs: number,
    workerId: string,
    tally: Tally,
    gauges: { readonly users: number; readonly utilization: number; readonly target: number },
  ): void {
    const newest = this.points.at(-1)
    if (newest !== undefined && windowMs <= newest.atMs) return
    const second = this.#open.get(windowMs) ?? {
      tally: new Tally({ maximumSeries: this.#maximumSeries }),
      users: new Map(),
      target: 0,
      utilization: new Map(),
    }
    this.#open.set(windowMs, second)
    second.tally.merge(tally)
    second.users.set(workerId, gauges.users)
    second.target = gauges.target
    const { sum, reports } = second.utilization.get(workerId) ?? { sum: 0, reports: 0 }
    second.utilization.set(workerId, { sum: sum + gauges.utilization, reports: reports + 1 })
  }

  /** Turns every second that is old enough into a point; with `Infinity`, all of them. */
  settle(nowMs: number): void {
    const due = [...this.#open].filter(([windowMs]) => windowMs + 1000 + SETTLE_MS <= nowMs)
    for (const [windowMs, second] of due.sort(([a], [b]) => a - b)) {
      this.#open.delete(windowMs)
      this.points.push(pointOf(windowMs, second))
    }
    if (this.points.length > MAX_POINTS) this.points.splice(0, this.points.length - MAX_POINTS)
  }
}

function pointOf(atMs: number, { tally, target, users, utilization: shares }: OpenSecond): TimelinePoint {
  const utilization = Math.max(0, ...[...shares.values()].map(({ sum, reports }) => sum / reports))
  const total = tally.total()
  const { p50, p95, p99, mean } = total.latency.quantiles()
  const lagP99 = tally.lag.quantile(0.99)
  return {
    atMs,
    requests: total.requests,
    failures: total.failures,
    arrivals: tally.arrivals,
    users: [...users.values()].reduce((sum, count) => sum + count, 0),
    target,
    ...{ p50, p95, p99, mean },
    lagP99,
    utilization,
    generatorBound: lagP99 > MAX_LAG_MS || utilization > MAX_UTILIZATION,
  }
}
