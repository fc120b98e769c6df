import { plural } from '@node-to-cloud/browser-kit/format/plural'
import { measured } from '../contract/measured.ts'
import type { RunReport, SeriesRow } from '../contract/run-report.ts'

const COLUMNS = ['method', 'name', 'requests', 'failed', 'mean/s', 'p50', 'p95', 'p99', 'max']
const TEXT_COLUMNS = 2

/** One line about the run so far: counts since its start, rate and quantile of the last seconds. */
export function renderProgress(report: RunReport): string {
  const { durationSeconds, requests, failures, inFlight, total, currentLatencyMs, generatorBound, users } = report
  const parts = [
    `${durationSeconds.toFixed(0)} s  ${requests} ${plural(requests, 'request')}, ${failures} failed, ${inFlight} in flight`,
    `${total.currentRate.toFixed(1)} per second now`,
    `p95 ${ms(measured(currentLatencyMs, currentLatencyMs.p95))} now`,
    ...(users.failed > 0 ? [`${users.failed} ${plural(users.failed, 'user')} failed`] : []),
    ...(generatorBound ? ['generator-bound'] : []),
  ]
  return `${parts.join(', ')}\n`
}

/** The results of a run as text. */
export function renderSummary(report: RunReport, files: readonly string[] = []): string {
  const { arrivals, achievedRate, skipped, unaccounted, lagMs, generatorBound, failure, users } = report
  const lines = [
    `${report.script} against ${report.target}, ${report.durationSeconds.toFixed(1)} s`,
    '',
    ...table([...report.series, report.total]),
    '',
    `arrivals ${arrivals} (${achievedRate.toFixed(2)} per second), skipped ${skipped}, unaccounted ${unaccounted}`,
    `users: ${users.completed} completed, ${users.failed} failed, ${users.cut} cut off at the end`,
    `start lag p99 ${ms(measured(lagMs, lagMs.p99))}${generatorBound ? ': the load generator was the bottleneck, not the target' : ''}`,
    ...report.failureRows.map(({ method, name, error, count }) => `failed: ${method} ${name} ${error} × ${count}`),
    ...report.userFailures.map(([reason, count]) => `failed users: ${reason} × ${count}`),
    ...report.errors.map(([code, count]) => `error: ${code} × ${count}`),
    ...report.counters.map(([name, count]) => `counter: ${name} ${count}`),
    ...report.rates.map(([name, rate]) => `rate: ${name} ${plain(rate)} per second`),
    ...report.histograms.map(
      ([name, { count, p50, p95, p99, max }]) =>
        `histogram: ${name} × ${count}, p50 ${plain(p50)}, p95 ${plain(p95)}, p99 ${plain(p99)}, max ${plain(max)}`,
    ),
    ...(failure === undefined ? [] : [`the run failed: ${failure}`]),
    ...report.bounds.map(({ ok, text, value }) => {
      return `${ok ? 'kept  ' : 'missed'} ${text} (${value === undefined ? 'not measured' : plain(value)})`
    }),
    ...files.map((file) => `written: ${file}`),
    verdictLine(report),
  ]
  return `${lines.join('\n')}\n`
}

/** The verdict, and what made the run fail. */
function verdictLine({ verdict, failure, bounds, users, failures, exitCode }: RunReport): string {
  if (verdict === 'no bounds') return 'verdict: no bounds set'
  if (verdict === 'passed') return 'verdict: passed'
  const missed = bounds.filter(({ ok, strict }) => strict && !ok).length
  const failedOtherwise = users.failed - users.failedByRequest
  const reasons = [
    ...(failure === undefined ? [] : ['the run could not go on']),
    ...(missed > 0 ? [`${missed} of ${bounds.length} bounds missed`] : []),
    ...(failedOtherwise > 0
      ? [`${failedOtherwise} ${plural(failedOtherwise, 'user')} failed because of an engine, a processor or a hook`]
      : []),
  ]
  if (reasons.length === 0)
    reasons.push(
      exitCode === 1 && failures > 0 ? `${failures} ${plural(failures, 'request')} failed` : 'the script says so',
    )
  return `verdict: failed, exit code ${exitCode}: ${reasons.join(', ')}`
}

function table(rows: readonly SeriesRow[]): string[] {
  const lines = [COLUMNS, ...rows.map(cells)]
  const widths = COLUMNS.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)))
  return lines.map((line) =>
    line
      .map((cell, column) => {
        const width = widths[column] ?? 0
        return column < TEXT_COLUMNS ? cell.padEnd(width) : cell.padStart(width)
      })
      .join('  ')
      .trimEnd(),
  )
}

function cells({ method, name, requests, failures, rate, latencyMs }: SeriesRow): string[] {
  const { p50, p95, p99, max } = latencyMs
  return [
    method,
    name,
    String(requests),
    String(failures),
    rate.toFixed(1),
    ...[p50, p95, p99, max].map((value) => ms(measured(latencyMs, value))),
  ]
}

function plain(value: number): string {
  return String(Number(value.toFixed(3)))
}

function ms(value: number | undefined): string {
  if (value === undefined) return '–'
  return value >= 100 ? `${value.toFixed(0)} ms` : `${value.toFixed(1)} ms`
}
