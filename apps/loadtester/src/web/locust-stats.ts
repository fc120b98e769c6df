import type { LogLine } from '../contract/api.ts'
import type { RunReport, RunState, SeriesRow } from '../contract/run-report.ts'

/** Locust's names for the states of a run. */
const RUN_STATES: Readonly<Record<RunState, string>> = {
  preparing: 'spawning',
  running: 'running',
  paused: 'running',
  stopping: 'stopping',
  finished: 'stopped',
  failed: 'stopped',
}

/** The response of Locust 2.47 to `GET /stats/requests`, without the workers; with some fields of earlier releases. */
export function locustStats(report: RunReport | undefined): Readonly<Record<string, unknown>> {
  const current = report?.currentLatencyMs
  const [p50, p95] = current === undefined || current.count === 0 ? [null, null] : [current.p50, current.p95]
  return {
    stats: report === undefined ? [] : [...report.series, report.total].map(locustRow),
    errors: (report?.failureRows ?? []).map(({ method, name, error, count, firstSeenMs, lastSeenMs }) => ({
      ...{ method, name, error, occurrences: count },
      first_seen: inSeconds(firstSeenMs),
      last_seen: inSeconds(lastSeenMs),
    })),
    current_rps: report?.total.currentRate ?? 0,
    current_fail_per_sec: report?.total.currentFailureRate ?? 0,
    total_rps: report?.total.rate ?? 0,
    total_fail_per_sec: report?.total.failureRate ?? 0,
    fail_ratio: report === undefined || report.requests === 0 ? 0 : report.failures / report.requests,
    current_response_time_percentile_50: p50,
    current_response_time_percentile_95: p95,
    current_response_time_percentiles: { 'response_time_percentile_0.5': p50, 'response_time_percentile_0.95': p95 },
    total_avg_response_time: report?.latencyMs.mean ?? 0,
    user_count: report?.timeline.at(-1)?.users ?? 0,
    state: report === undefined ? 'ready' : RUN_STATES[report.state],
  }
}

/** The response to `GET /exceptions`. */
export function locustExceptions(report: RunReport | undefined): unknown[] {
  return (report?.exceptions ?? []).map(({ count, message, traceback, workers }) => ({
    ...{ count, msg: message, traceback },
    nodes: workers.join(', '),
  }))
}

/** The response to `GET /tasks`, with a scenario for each class: its share of the virtual users. */
export function locustTasks(report: RunReport | undefined): Readonly<Record<string, unknown>> {
  const shares = Object.fromEntries((report?.scenarios ?? []).map(({ name, ratio }) => [name, { ratio, tasks: {} }]))
  return { per_class: shares, total: shares }
}

/** The response to `GET /logs`. */
export function locustLogs(lines: readonly LogLine[]): Readonly<Record<string, unknown>> {
  const workers: Record<string, string[]> = {}
  for (const { worker, text } of lines) {
    if (worker === undefined) continue
    workers[worker] = [...(workers[worker] ?? []), text]
  }
  return { master: lines.filter(({ worker }) => worker === undefined).map(({ text }) => text), workers }
}

function inSeconds(atMs: number | undefined): number | null {
  return atMs === undefined ? null : atMs / 1000
}

function locustRow(row: SeriesRow): Readonly<Record<string, unknown>> {
  const { p50, p90, p95, p99, mean, min, max } = row.latencyMs
  return {
    method: row.method,
    name: row.name,
    num_requests: row.requests,
    num_failures: row.failures,
    min_response_time: min,
    max_response_time: max,
    avg_response_time: mean,
    median_response_time: p50,
    'response_time_percentile_0.95': p95,
    'response_time_percentile_0.99': p99,
    current_rps: row.currentRate,
    current_fail_per_sec: row.currentFailureRate,
    total_rps: row.rate,
    total_fail_per_sec: row.failureRate,
    avg_content_length: row.requests === 0 ? 0 : row.bytes / row.requests,
    ninetieth_response_time: p90,
    ninety_ninth_response_time: p99,
  }
}
