import type { Quantiles, RunReport, SeriesRow, TimelinePoint } from '../../src/contract/run-report.ts'
import { LoadProfile } from '../../src/load/profile.ts'
import { Run } from '../../src/run/run.ts'

/** Quantiles of a distribution whose every figure is `value`. */
export function quantilesOf(value: number, count = 10): Quantiles {
  return {
    count,
    min: value,
    mean: value,
    max: value,
    p50: value,
    p75: value,
    p90: value,
    p95: value,
    p99: value,
    p999: value,
  }
}

/** A row of the statistics. */
export function seriesRow(changes: Partial<SeriesRow> = {}): SeriesRow {
  return {
    method: 'GET',
    name: '/',
    requests: 10,
    failures: 0,
    bytes: 20_480,
    rate: 2,
    failureRate: 0,
    currentRate: 3,
    currentFailureRate: 0,
    latencyMs: quantilesOf(12),
    percentiles: undefined,
    firstByteMs: undefined,
    statuses: [],
    ...changes,
  }
}

/** A second of a run. */
export function timelinePoint(atMs: number, changes: Partial<TimelinePoint> = {}): TimelinePoint {
  return {
    atMs,
    requests: 1,
    failures: 0,
    arrivals: 1,
    users: 1,
    target: 1,
    p50: 1,
    p95: 2,
    p99: 3,
    mean: 1,
    lagP99: 0,
    utilization: 0,
    generatorBound: false,
    ...changes,
  }
}

/** The report of a run that has just begun, with some of it replaced. */
export function shownRun(changes: Partial<RunReport> = {}): RunReport {
  const script = { name: 's.yml', digest: 'd', target: 'http://t' }
  const profile = LoadProfile.constant(1)
  const run = new Run({ script, model: 'open', profile, maximumUsers: 1, bounds: [] }, { maximumSeries: 5 })
  run.begin([{ id: 'a', name: 'a', weight: 1, users: 0 }], 1000)
  return { ...run.report(1500), id: 'run-1', ...changes }
}
