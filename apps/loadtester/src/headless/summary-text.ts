import type { RunReport, SeriesRow } from '../contract/run-report.ts'

const COLUMNS = ['method', 'name', 'requests', 'failed', 'per s', 'p50', 'p95', 'p99', 'max']
const TEXT_COLUMNS = 2

/** One line about the run so far. */
export function renderProgress({
  durationSeconds,
  requests,
  failures,
  total,
  latencyMs,
  generatorBound,
}: RunReport): string {
  const bound = generatorBound ? ', generator-bound' : ''
  return `${durationSeconds.toFixed(0)} s  ${requests} requests, ${failures} failed, ${total.rate.toFixed(1)} per second, p95 ${ms(latencyMs.p95)}${bound}\n`
}

/** The results of a run as text. */
export function renderSummary(report: RunReport, reportFile: string | undefined): string {
  const { arrivals, achievedRate, skipped, unaccounted, lagMs, generatorBound, failure } = report
  const lines = [
    `${report.script} against ${report.target}, ${report.durationSeconds.toFixed(1)} s`,
    '',
    ...table([...report.series, report.total]),
    '',
    `arrivals ${arrivals} (${achievedRate.toFixed(2)} per second), skipped ${skipped}, unaccounted ${unaccounted}`,
    `start lag p99 ${ms(lagMs.p99)}${generatorBound ? ': the load generator was the bottleneck, not the target' : ''}`,
    ...report.failureRows.map(({ method, name, error, count }) => `failed: ${method} ${name} ${error} × ${count}`),
    ...report.errors.map(([code, count]) => `error: ${code} × ${count}`),
    ...(failure === undefined ? [] : [`the run failed: ${failure}`]),
    ...report.bounds.map(({ ok, text, value }) => {
      const measured = value === undefined ? 'not measured' : String(Number(value.toFixed(3)))
      return `${ok ? 'kept  ' : 'missed'} ${text} (${measured})`
    }),
    ...(reportFile === undefined ? [] : [`report: ${reportFile}`]),
  ]
  return `${lines.join('\n')}\n`
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
  return [method, name, String(requests), String(failures), rate.toFixed(1), ...[p50, p95, p99, max].map(ms)]
}

function ms(value: number): string {
  return value >= 100 ? `${value.toFixed(0)} ms` : `${value.toFixed(1)} ms`
}
