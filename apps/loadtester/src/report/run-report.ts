import type { LoadModel } from '../artillery/phases.ts'
import type { SeriesTally } from '../results/series-tally.ts'
import type { Quantiles } from '../results/sketch.ts'
import type { TimelinePoint } from '../results/timeline.ts'
import type { BoundResult } from './ensure.ts'

/** One row of the statistics table. */
export interface SeriesRow {
  readonly method: string
  readonly name: string
  readonly requests: number
  readonly failures: number
  readonly bytes: number
  /** Ended requests a second over the run so far. */
  readonly rate: number
  readonly failureRate: number
  readonly latencyMs: Quantiles
  readonly firstByteMs: Quantiles
  readonly statuses: readonly (readonly [string, number])[]
}

export interface FailureRow {
  readonly method: string
  readonly name: string
  readonly error: string
  readonly count: number
}

/** Something that happened in a run, for people. */
export interface RunEvent {
  readonly atMs: number
  readonly text: string
}

export type RunState = 'preparing' | 'running' | 'paused' | 'stopping' | 'finished' | 'failed'

/** All that is known of a run, as plain data: what the UI shows, what is kept on disk, what reports are made of. */
export interface RunReport {
  readonly id: string
  readonly state: RunState
  readonly script: string
  readonly digest: string
  readonly target: string
  readonly model: LoadModel
  /** Times in ms since the epoch; end undefined while it runs. */
  readonly startedMs: number
  readonly endedMs: number | undefined
  readonly durationSeconds: number
  /** What is asked for now: arrivals a second, or users. */
  readonly level: number
  readonly requests: number
  readonly failures: number
  readonly arrivals: number
  readonly skipped: number
  readonly unaccounted: number
  readonly unfinished: number
  /** Arrivals a second over the time in which there was a load. */
  readonly achievedRate: number
  readonly latencyMs: Quantiles
  /** From the time an arrival was due to the end of its first request. */
  readonly intendedLatencyMs: Quantiles
  readonly lagMs: Quantiles
  readonly generatorBound: boolean
  readonly ok: boolean
  readonly total: SeriesRow
  readonly series: readonly SeriesRow[]
  readonly failureRows: readonly FailureRow[]
  /** Errors of scenarios, by code. */
  readonly errors: readonly (readonly [string, number])[]
  readonly counters: readonly (readonly [string, number])[]
  readonly histograms: readonly (readonly [string, Quantiles])[]
  readonly bounds: readonly BoundResult[]
  readonly workers: readonly { readonly name: string; readonly requests: number; readonly arrivals: number }[]
  readonly events: readonly RunEvent[]
  readonly timeline: readonly TimelinePoint[]
}

/** The summary that `loadtester run --json` prints. */
export interface RunSummary {
  readonly requests: number
  readonly failures: number
  readonly arrivals: number
  readonly unaccounted: number
  readonly achievedRate: number
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number }
  readonly generatorBound: boolean
  readonly ok: boolean
}

/** The summary of a run. */
export function summaryOf(report: RunReport): RunSummary {
  const { requests, failures, arrivals, unaccounted, achievedRate, latencyMs, generatorBound, ok } = report
  return {
    requests,
    failures,
    arrivals,
    unaccounted,
    achievedRate: round(achievedRate, 3),
    latencyMs: { p50: round(latencyMs.p50, 3), p95: round(latencyMs.p95, 3), p99: round(latencyMs.p99, 3) },
    generatorBound,
    ok,
  }
}

/** The row of a series in a table. */
export function rowOf(series: SeriesTally, seconds: number): SeriesRow {
  return {
    method: series.method,
    name: series.name,
    requests: series.requests,
    failures: series.failures,
    bytes: series.bytes,
    rate: seconds > 0 ? series.ended / seconds : 0,
    failureRate: seconds > 0 ? series.failures / seconds : 0,
    latencyMs: series.latency.quantiles(),
    firstByteMs: series.firstByte.quantiles(),
    statuses: [...series.statuses],
  }
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
