import type { RunReport, SeriesRow } from '../contract/api-types.ts'
import type { SeriesTally } from '../results/series-tally.ts'

export type { FailureRow, RunEvent, RunReport, RunState, SeriesRow } from '../contract/api-types.ts'

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
