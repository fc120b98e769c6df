import type { Quantiles, Sketch } from '../results/sketch.ts'
import type { Tally } from '../results/tally.ts'

/**
 * Reads a run's metrics by the names that Artillery gives them, such as `http.response_time.p95`, `http.codes.200`,
 * `vusers.failed` or `errors.ETIMEDOUT`; `vusers.error_rate`, failed virtual users in percent, which is Artillery's
 * `maxErrorRate`; and `error_rate`, failed requests in percent.
 *
 * @returns undefined where nothing of that name was measured.
 */
export function createMetricReader(tally: Tally): (name: string) => number | undefined {
  const total = tally.total()
  // Its plugin tells of failed expectations only where there are some.
  const counters = new Map<string, number>([['plugins.expect.failed', 0], ...tally.counters])
  counters.set('http.requests', total.requests)
  counters.set(
    'http.responses',
    [...total.statuses.values()].reduce((sum, count) => sum + count, 0),
  )
  counters.set('http.downloaded_bytes', total.bytes)
  for (const [status, count] of total.statuses) counters.set(`http.codes.${status}`, count)
  for (const [code, count] of tally.errors) counters.set(`errors.${code}`, count)
  counters.set('vusers.created', tally.arrivals)
  counters.set('vusers.completed', tally.usersCompleted - tally.usersFailed)
  counters.set('vusers.failed', tally.usersFailed)
  counters.set('vusers.skipped', tally.usersSkipped)
  const histograms = new Map<string, Sketch>(tally.histograms)
  histograms.set('http.response_time', total.latency)
  histograms.set('http.time_to_first_byte', total.firstByte)
  histograms.set('vusers.session_length', tally.sessions)
  histograms.set('vusers.start_lag', tally.lag)
  return (name) => {
    if (name === 'vusers.error_rate')
      return tally.arrivals === 0 ? undefined : (100 * tally.usersFailed) / tally.arrivals
    if (name === 'error_rate') return total.ended === 0 ? undefined : (100 * total.failures) / total.ended
    const counter = counters.get(name)
    if (counter !== undefined) return counter
    const dot = name.lastIndexOf('.')
    const sketch = histograms.get(name.slice(0, dot))
    return sketch === undefined || sketch.count === 0
      ? undefined
      : quantileNamed(sketch.quantiles(), name.slice(dot + 1))
  }
}

function quantileNamed(quantiles: Quantiles, name: string): number | undefined {
  if (name === 'median') return quantiles.p50
  return name in quantiles ? quantiles[name as keyof Quantiles] : undefined
}
