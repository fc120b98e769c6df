import type { Quantiles, RunReport } from '../contract/run-report.ts'

/** Fields of a report that the summary has unchanged. */
const REPORT_FIELDS = [
  ...([
    'script',
    'target',
    'model',
    'durationSeconds',
    'exitCode',
    'failure',
    'planned',
    'skipped',
    'unfinished',
  ] as const),
  ...(['users', 'userFailures', 'exceptions', 'bounds', 'total', 'series', 'failureRows', 'errors'] as const),
  ...(['scenarios', 'counters', 'rates', 'histograms', 'intendedLatencyMs', 'lagMs', 'workers', 'events'] as const),
] as const

/** The summary that `loadtester run --json` prints: the key figures first, then what the report has. */
export interface RunSummary
  extends Pick<
    RunReport,
    | 'requests'
    | 'failures'
    | 'arrivals'
    | 'unaccounted'
    | 'achievedRate'
    | 'generatorBound'
    | 'ok'
    | 'verdict'
    | (typeof REPORT_FIELDS)[number]
  > {
  readonly latencyMs: Pick<Quantiles, 'p50' | 'p95' | 'p99'>
}

/** The summary of a report; latencies and rates are rounded. */
export function summaryOf(report: RunReport): RunSummary {
  const { requests, failures, arrivals, unaccounted, achievedRate, generatorBound, ok, verdict } = report
  const { p50, p95, p99 } = report.latencyMs
  return {
    ...{ requests, failures, arrivals, unaccounted },
    achievedRate: rounded(achievedRate),
    latencyMs: { p50: rounded(p50), p95: rounded(p95), p99: rounded(p99) },
    ...{ generatorBound, ok, verdict },
    ...pick(report, REPORT_FIELDS),
  }
}

function pick<Source, Name extends keyof Source>(source: Source, names: readonly Name[]): Pick<Source, Name> {
  const picked: Partial<Pick<Source, Name>> = {}
  for (const name of names) picked[name] = source[name]
  return picked as Pick<Source, Name>
}

function rounded(value: number): number {
  return Number(value.toFixed(3))
}
