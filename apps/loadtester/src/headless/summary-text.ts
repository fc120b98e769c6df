import type { RunReport, SeriesRow } from '../report/run-report.ts'

/** One line on how a run goes. */
export function renderProgress(report: RunReport): string {
  const { requests, failures, latencyMs, total } = report
  return `${report.durationSeconds.toFixed(0)} s  ${requests} requests, ${failures} failed, ${total.rate.toFixed(1)} a second, p95 ${ms(latencyMs.p95)}${report.generatorBound ? ', generator-bound' : ''}\n`
}

/** The results of a run as text. */
export function renderSummary(report: RunReport, reportFile: string | undefined): string {
  const lines = [
    `${report.script} against ${report.target}, ${report.durationSeconds.toFixed(1)} s`,
    '',
    ...table(report),
    '',
    `arrivals ${report.arrivals} (${report.achievedRate.toFixed(2)} a second), skipped ${report.skipped}, unaccounted ${report.unaccounted}`,
    `start lag p99 ${ms(report.lagMs.p99)}${report.generatorBound ? ': the generator was the bottleneck, not the target' : ''}`,
  ]
  for (const { method, name, error, count } of report.failureRows)
    lines.push(`failed: ${method} ${name} ${error} × ${count}`)
  for (const [code, count] of report.errors) lines.push(`error: ${code} × ${count}`)
  if (report.failure !== undefined) lines.push(`the run failed: ${report.failure}`)
  for (const bound of report.bounds) {
    const value = bound.value === undefined ? 'not measured' : String(Number(bound.value.toFixed(3)))
    lines.push(`${bound.ok ? 'kept  ' : 'missed'} ${bound.text} (${value})`)
  }
  if (reportFile !== undefined) lines.push(`report: ${reportFile}`)
  return `${lines.join('\n')}\n`
}

function table(report: RunReport): string[] {
  const head = ['method', 'name', 'requests', 'failed', 'per s', 'p50', 'p95', 'p99', 'max']
  const rows = [...report.series, report.total].map((row) => cells(row))
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)))
  const align = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd()
  return [align(head), ...rows.map(align)]
}

function cells({ method, name, requests, failures, rate, latencyMs }: SeriesRow): string[] {
  const { p50, p95, p99, max } = latencyMs
  return [method, name, String(requests), String(failures), rate.toFixed(1), ms(p50), ms(p95), ms(p99), ms(max)]
}

function ms(value: number): string {
  return value >= 100 ? `${value.toFixed(0)} ms` : `${value.toFixed(1)} ms`
}
