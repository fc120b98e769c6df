import { percentilesOf } from '../contract/percentiles-of.ts'
import type { RunReport, SeriesRow } from '../contract/run-report.ts'

const STATS_COLUMNS = [
  ...['Type', 'Name', 'Request Count', 'Failure Count', 'Median Response Time', 'Average Response Time'],
  ...['Min Response Time', 'Max Response Time', 'Average Content Size', 'Requests/s', 'Failures/s'],
  ...['Current Requests/s', 'Current Failures/s'],
]
const TIMELINE_COLUMNS = [
  ...['time', 'requests', 'failures', 'arrivals', 'users', 'target', 'p50 ms', 'p95 ms', 'p99 ms', 'mean ms'],
  ...['lag p99 ms', 'utilization', 'generator-bound'],
]

/** The statistics as CSV, with Locust's column names where it has the column. */
export function renderStatsCsv(report: RunReport): string {
  const percentiles = percentilesOf(report.total).map(([percentile]) => `${percentile}%`)
  return renderCsv([[...STATS_COLUMNS, ...percentiles], ...[...report.series, report.total].map(statsCells)])
}

function statsCells(row: SeriesRow): (string | number)[] {
  const { p50, mean, min, max } = row.latencyMs
  const size = row.requests === 0 ? 0 : row.bytes / row.requests
  const numbers = [
    p50,
    mean,
    min,
    max,
    size,
    row.rate,
    row.failureRate,
    row.currentRate,
    row.currentFailureRate,
    ...percentilesOf(row).map(([, value]) => value),
  ]
  return [row.method, row.name, row.requests, row.failures, ...numbers.map(rounded)]
}

/** The failures as CSV, with Locust's column names where it has the column. */
export function renderFailuresCsv(report: RunReport): string {
  const rows = report.failureRows.map(({ method, name, error, count, firstSeenMs, lastSeenMs }) => [
    ...[method, name, error, count],
    ...[firstSeenMs, lastSeenMs].map((atMs) => (atMs === undefined ? '' : new Date(atMs).toISOString())),
  ])
  return renderCsv([['Method', 'Name', 'Error', 'Occurrences', 'First Seen', 'Last Seen'], ...rows])
}

/** What ended virtual users, with Locust's column names. */
export function renderExceptionsCsv(report: RunReport): string {
  const rows = report.exceptions.map(({ count, message, traceback, workers }) => {
    return [count, message, traceback, workers.join(', ')]
  })
  return renderCsv([['Count', 'Message', 'Traceback', 'Nodes'], ...rows])
}

/** One line per second of the run. */
export function renderTimelineCsv(report: RunReport): string {
  const rows = report.timeline.map((point) => [
    new Date(point.atMs).toISOString(),
    ...[point.requests, point.failures, point.arrivals, point.users],
    ...[point.target, point.p50, point.p95, point.p99, point.mean, point.lagP99, point.utilization].map(rounded),
    String(point.generatorBound),
  ])
  return renderCsv([TIMELINE_COLUMNS, ...rows])
}

/** RFC 4180. Text that a spreadsheet would run as a formula is prefixed with an apostrophe. */
export function renderCsv(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}

function cell(value: string | number): string {
  if (typeof value === 'number') return String(value)
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function rounded(value: number): number {
  return Number(value.toFixed(3))
}
