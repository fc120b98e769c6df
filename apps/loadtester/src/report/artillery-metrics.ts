import type { Quantiles } from '../contract/run-report.ts'
import type { Sketch } from '../results/sketch.ts'
import type { Tally } from '../results/tally.ts'

/**
 * Reads a run's metrics by their names in Artillery, such as `http.response_time.p95`, `http.codes.200`, `vusers.failed`
 * or `errors.ETIMEDOUT`; and in addition `vusers.error_rate`, the percentage of failed virtual users (Artillery's
 * `maxErrorRate`), and `error_rate`, the percentage of failed requests.
 *
 * @returns a function that returns undefined for a metric that was not measured.
 */
export function createMetricReader(tally: Tally): (name: string) => number | undefined {
  const total = tally.total()
  const responses = [...total.statuses.values()].reduce((sum, count) => sum + count, 0)
  const counters = new Map<string, number>([
    // The plugin reports failed expectations only if there are any.
    ['plugins.expect.failed', 0],
    ...tally.counters,
    ['http.requests', total.requests],
    ['http.responses', responses],
    ['http.downloaded_bytes', total.bytes],
    ...[...total.statuses].map(([status, count]) => [`http.codes.${status}`, count] as const),
    ...[...tally.errors].map(([code, count]) => [`errors.${code}`, count] as const),
    ['vusers.created', tally.arrivals],
    ['vusers.completed', tally.usersCompleted],
    ['vusers.failed', tally.usersFailed],
    ['vusers.skipped', tally.usersSkipped],
  ])
  const histograms = new Map<string, Sketch>([
    ...tally.histograms,
    ['http.response_time', total.latency],
    ['http.time_to_first_byte', total.firstByte],
    ['vusers.session_length', tally.sessions],
    ['vusers.start_lag', tally.lag],
  ])
  return (name) => {
    if (name === 'vusers.error_rate') return percentage(tally.usersFailed, tally.arrivals)
    if (name === 'error_rate') return percentage(total.failures, total.requests)
    const counter = counters.get(name)
    if (counter !== undefined) return counter
    const dot = name.lastIndexOf('.')
    const sketch = histograms.get(name.slice(0, dot))
    return sketch === undefined || sketch.count === 0 ? undefined : quantile(sketch.quantiles(), name.slice(dot + 1))
  }
}

function percentage(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : (100 * part) / whole
}

function quantile(quantiles: Quantiles, name: string): number | undefined {
  if (name === 'median') return quantiles.p50
  return Object.hasOwn(quantiles, name) ? quantiles[name as keyof Quantiles] : undefined
}
