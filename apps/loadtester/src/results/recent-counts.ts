import type { Quantiles } from '../contract/run-report.ts'
import { Sketch } from './sketch.ts'
import { OTHER_SERIES_NAME, type Tally } from './tally.ts'

/** How many seconds the current rates and quantiles cover. */
export const RECENT_SECONDS = 5
/** The reports of a second come within this time. */
const REPORT_DELAY_MS = 500

/** Beyond this many names in a second, further ones get no rate of their own. */
const MAX_NAMES = 10_000

/** Requests and failures a second. */
export interface RecentRate {
  readonly requests: number
  readonly failures: number
}

/** Figures of the last seconds. */
export interface RecentFigures {
  readonly total: RecentRate
  readonly latencyMs: Quantiles
  /** The rate of one method and name. */
  of(method: string, name: string): RecentRate
}

interface Counts {
  requests: number
  failures: number
}

interface Second {
  readonly series: Map<string, Counts>
  readonly latency: Sketch
}

const OTHER_KEY = ` ${OTHER_SERIES_NAME}`
const NONE: RecentRate = { requests: 0, failures: 0 }

/** Counts of the last seconds, by method and name, for figures that follow a change of the load. */
export class RecentCounts {
  readonly #seconds = new Map<number, Second>()

  /** Adds what was counted in part of a second. */
  add(windowMs: number, tally: Tally): void {
    const second = this.#seconds.get(windowMs) ?? { series: new Map<string, Counts>(), latency: new Sketch() }
    this.#seconds.set(windowMs, second)
    for (const [name, { requests, failures, latency }] of tally.series) {
      const key = second.series.has(name) || second.series.size < MAX_NAMES ? name : OTHER_KEY
      const counts = second.series.get(key) ?? { requests: 0, failures: 0 }
      counts.requests += requests
      counts.failures += failures
      second.series.set(key, counts)
      second.latency.merge(latency)
    }
    const newest = Math.max(...this.#seconds.keys())
    for (const atMs of this.#seconds.keys()) if (atMs < newest - (RECENT_SECONDS + 3) * 1000) this.#seconds.delete(atMs)
  }

  clear(): void {
    this.#seconds.clear()
  }

  /** The figures of the last whole seconds before a moment, of a run that began at `startedMs`. */
  read(startedMs: number, nowMs: number): RecentFigures {
    const untilMs = Math.floor((nowMs - REPORT_DELAY_MS) / 1000) * 1000
    const sinceMs = untilMs - RECENT_SECONDS * 1000
    const seconds = [...this.#seconds].filter(([atMs]) => atMs >= sinceMs && atMs < untilMs)
    const covered = (untilMs - Math.max(sinceMs, startedMs)) / 1000
    const sum = new Map<string, Counts>()
    const latency = new Sketch()
    const total: Counts = { requests: 0, failures: 0 }
    for (const [, second] of seconds) {
      latency.merge(second.latency)
      for (const [key, { requests, failures }] of second.series) {
        const counts = sum.get(key) ?? { requests: 0, failures: 0 }
        sum.set(key, { requests: counts.requests + requests, failures: counts.failures + failures })
        total.requests += requests
        total.failures += failures
      }
    }
    const rateOf = (counts: Counts | undefined): RecentRate =>
      counts === undefined || covered <= 0
        ? NONE
        : { requests: counts.requests / covered, failures: counts.failures / covered }
    return {
      total: rateOf(total),
      latencyMs: latency.quantiles(),
      of: (method, name) => rateOf(sum.get(`${method} ${name}`)),
    }
  }
}
