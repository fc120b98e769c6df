import type { Bound, LoadModel, RunEvent, RunReport, RunState, SeriesRow } from '../contract/run-report.ts'
import { DEFAULT_PERCENTILES } from '../results/percentiles.ts'
import type { RecentRate } from '../results/recent-counts.ts'
import type { RunResults } from '../results/run-results.ts'
import type { SeriesTally } from '../results/series-tally.ts'
import { MAX_LAG_MS } from '../results/timeline.ts'
import type { ScriptReference } from '../script/script-reference.ts'
import { createMetricReader } from './artillery-metrics.ts'
import { checkBounds } from './bounds.ts'
import { outcomeOf } from './outcome.ts'
import { scenarioRows } from './scenario-rows.ts'

/** The parts of a run that a report needs. */
export interface ReportedRun {
  readonly id: string
  readonly state: RunState
  readonly request: {
    readonly script: ScriptReference
    readonly model: LoadModel
    readonly bounds: readonly Bound[]
    readonly failOnErrors?: boolean | undefined
    readonly percentiles?: readonly number[] | undefined
  }
  readonly results: RunResults
  readonly events: readonly RunEvent[]
  readonly failure: string | undefined
  readonly startedMs: number
  readonly endedMs: number | undefined
  /** Arrivals that were due in the whole load; undefined while that is not known. */
  readonly planned: number | undefined
  levelAt(atMs: number): number
}

/** A run in which at least this share of seconds is generator-bound is so as a whole. */
const GENERATOR_BOUND_SHARE = 0.1

/** @param time.activeSeconds how long the run has been under load. */
export function createRunReport(
  run: ReportedRun,
  { atMs, activeSeconds }: { readonly atMs: number; readonly activeSeconds: number },
): RunReport {
  const { id, state, request, results, failure, startedMs, endedMs } = run
  const { total: tally, timeline, unaccounted, unfinished, inFlight } = results
  const total = tally.total()
  const bounds = checkBounds(request.bounds, createMetricReader(tally, activeSeconds))
  const outcome = outcomeOf({
    failure,
    bounds,
    failedUsers: tally.usersFailed - tally.usersFailedByRequest,
    failedRequests: request.failOnErrors === true ? total.failures : 0,
    suggestedExitCode: tally.suggestedExitCode,
  })
  const recent = results.recent.read(startedMs, atMs)
  const lagMs = tally.lag.quantiles()
  const series = [...tally.series.values()]
  const { percentiles = DEFAULT_PERCENTILES } = request
  return {
    id,
    state,
    script: request.script.name,
    digest: request.script.digest,
    target: request.script.target,
    model: request.model,
    startedMs,
    endedMs,
    durationSeconds: startedMs === 0 ? 0 : Math.max(0, (atMs - startedMs) / 1000),
    level: run.levelAt(atMs),
    requests: total.requests,
    failures: total.failures,
    inFlight,
    arrivals: tally.arrivals,
    skipped: tally.usersSkipped + results.missed,
    planned: run.planned,
    unaccounted,
    unfinished,
    users: {
      completed: tally.usersCompleted,
      failed: tally.usersFailed,
      failedByRequest: tally.usersFailedByRequest,
      cut: tally.usersCut,
    },
    userFailures: [...tally.userFailures],
    exceptions: exceptionRows(results),
    achievedRate: activeSeconds > 0 ? tally.arrivals / activeSeconds : 0,
    latencyMs: total.latency.quantiles(),
    currentLatencyMs: recent.latencyMs,
    intendedLatencyMs: tally.intended.quantiles(),
    lagMs,
    generatorBound: lagMs.p99 > MAX_LAG_MS || isMostlyBound(timeline.points),
    ...outcome,
    failure,
    scenarios: scenarioRows(tally.counters, results.running),
    total: rowOf(total, activeSeconds, recent.total, percentiles),
    series: series.map((one) => rowOf(one, activeSeconds, recent.of(one.method, one.name), percentiles)),
    failureRows: failureRows(results),
    errors: [...tally.errors],
    counters: [...tally.counters],
    rates: [...tally.rates].map(([name, events]) => [name, activeSeconds > 0 ? events / activeSeconds : 0] as const),
    histograms: [...tally.histograms].map(([name, sketch]) => [name, sketch.quantiles()] as const),
    bounds,
    workers: results.shares,
    events: [...run.events],
    timeline: [...timeline.points],
  }
}

function isMostlyBound(points: RunReport['timeline']): boolean {
  const bound = points.filter((point) => point.generatorBound).length
  return bound > 1 && bound >= points.length * GENERATOR_BOUND_SHARE
}

function exceptionRows(results: RunResults): RunReport['exceptions'] {
  const { exceptions, tracebacks } = results.total
  return [...exceptions].map(([message, count]) => ({
    ...{ message, count },
    traceback: tracebacks.get(message) ?? '',
    workers: results.workersWith(message),
  }))
}

function failureRows(results: RunResults): RunReport['failureRows'] {
  return [...results.total.series.values()].flatMap(({ method, name, errors }) =>
    [...errors].map(([error, count]) => {
      return { method, name, error, count, ...results.failureTimes.of(method, name, error) }
    }),
  )
}

function rowOf(series: SeriesTally, seconds: number, recent: RecentRate, percentiles: readonly number[]): SeriesRow {
  const { method, name, requests, failures, bytes, statuses } = series
  return {
    ...{ method, name, requests, failures, bytes },
    rate: seconds > 0 ? series.requests / seconds : 0,
    failureRate: seconds > 0 ? failures / seconds : 0,
    currentRate: recent.requests,
    currentFailureRate: recent.failures,
    latencyMs: series.latency.quantiles(),
    percentiles: percentiles.map((percentile) => [percentile, series.latency.quantile(percentile / 100)] as const),
    firstByteMs: series.firstByte.count === 0 ? undefined : series.firstByte.quantiles(),
    statuses: [...statuses],
  }
}
