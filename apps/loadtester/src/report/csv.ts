import type { RunReport, SeriesRow } from './run-report.ts'

/** The statistics table as CSV, with Locust's column names where it has them. */
export function renderStatsCsv(report: RunReport): string {
  const head = [
    'Type',
    'Name',
    'Request Count',
    'Failure Count',
    'Median Response Time',
    'Average Response Time',
    'Min Response Time',
    'Max Response Time',
    'Average Content Size',
    'Requests/s',
    'Failures/s',
    '50%',
    '90%',
    '95%',
    '99%',
    '99.9%',
  ]
  return renderCsv([head, ...[...report.series, report.total].map(statsCells)])
}

function statsCells(row: SeriesRow): (string | number)[] {
  const { latencyMs: latency } = row
  const size = row.requests === 0 ? 0 : row.bytes / row.requests
  const numbers = [latency.p50, latency.mean, latency.min, latency.max, size, row.rate, row.failureRate]
  const quantiles = [latency.p50, latency.p90, latency.p95, latency.p99, latency.p999]
  return [row.method, row.name, row.requests, row.failures, ...numbers.map(rounded), ...quantiles.map(rounded)]
}

/** The failures as CSV. */
export function renderFailuresCsv(report: RunReport): string {
  const rows = report.failureRows.map(({ method, name, error, count }) => [method, name, error, count])
  return renderCsv([['Method', 'Name', 'Error', 'Occurrences'], ...rows])
}

/** The seconds of a run as CSV. */
export function renderTimelineCsv(report: RunReport): string {
  const head = [
    'time',
    'requests',
    'failures',
    'arrivals',
    'users',
    'target',
    'p50 ms',
    'p95 ms',
    'p99 ms',
    'mean ms',
    'lag p99 ms',
    'utilization',
    'generator-bound',
  ]
  const rows = report.timeline.map((point) => [
    new Date(point.atMs).toISOString(),
    point.requests,
    point.failures,
    point.arrivals,
    point.users,
    ...[point.target, point.p50, point.p95, point.p99, point.mean, point.lagP99, point.utilization].map(rounded),
    String(point.generatorBound),
  ])
  return renderCsv([head, ...rows])
}

/** RFC 4180. A text that a spreadsheet would run as a formula gets an apostrophe before it. */
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
