import type { Quantiles, RunReport } from '../contract/run-report.ts'

/** The summary that `loadtester run --json` prints. */
export interface RunSummary
  extends Pick<
    RunReport,
    'requests' | 'failures' | 'arrivals' | 'unaccounted' | 'achievedRate' | 'generatorBound' | 'ok'
  > {
  readonly latencyMs: Pick<Quantiles, 'p50' | 'p95' | 'p99'>
}

export function summaryOf(report: RunReport): RunSummary {
  const { requests, failures, arrivals, unaccounted, achievedRate, generatorBound, ok } = report
  const { p50, p95, p99 } = report.latencyMs
  return {
    ...{ requests, failures, arrivals, unaccounted },
    achievedRate: rounded(achievedRate),
    latencyMs: { p50: rounded(p50), p95: rounded(p95), p99: rounded(p99) },
    ...{ generatorBound, ok },
  }
}

function rounded(value: number): number {
  return Number(value.toFixed(3))
}
