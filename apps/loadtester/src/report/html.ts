import { formatDuration } from '@node-to-cloud/browser-kit/format/duration'
import { plural } from '@node-to-cloud/browser-kit/format/plural'
import { formatCount, formatDurationMs, formatRate } from '@node-to-cloud/browser-kit/format/value'
import { measured } from '../contract/measured.ts'
import { percentilesOf } from '../contract/percentiles-of.ts'
import type { RunReport, SeriesRow, TimelinePoint } from '../contract/run-report.ts'
import { STYLES } from './html-styles.ts'
import { escapeHtml, renderChart } from './svg-chart.ts'

/** Renders a run's report as one HTML file without scripts, other files or network requests. */
export function renderReportHtml(report: RunReport): string {
  const { script, target, model, durationSeconds } = report
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(script)}: load test report</title>
<style>${STYLES}</style>
</head>
<body>
<main>
<header>
${verdict(report)}
<h1>${escapeHtml(script)}</h1>
<p class="sub">${escapeHtml(target)} · ${new Date(report.startedMs).toISOString().slice(0, 19).replace('T', ' ')} UTC · ${formatDuration(durationSeconds)} · ${model} model</p>
</header>
${warnings(report)}
<dl class="figures">
${figures(report)}
</dl>
${tables(report)}
<footer><p class="sub">Script SHA-256 ${escapeHtml(report.digest.slice(0, 16))}… · run ${escapeHtml(report.id)}</p></footer>
</main>
</body>
</html>
`
}

function verdict({ verdict: text }: RunReport): string {
  const className = { passed: 'verdict ok', failed: 'verdict missed', 'no bounds': 'verdict' }[text]
  return `<p class="${className}">${text === 'no bounds' ? 'no bounds set' : text}</p>`
}

function warnings({ failure, generatorBound, unaccounted, users }: RunReport): string {
  const failedOtherwise = users.failed - users.failedByRequest
  const texts = [
    failure !== undefined && `The run failed: ${failure}`,
    generatorBound &&
      'The load generator was a bottleneck in this run, so the latencies may be its own. Use more workers, or less load.',
    failedOtherwise > 0 &&
      `${failedOtherwise} virtual ${plural(failedOtherwise, 'user')} failed because of an engine, a processor or a hook.`,
    unaccounted > 0 &&
      `${unaccounted} ${plural(unaccounted, 'arrival is', 'arrivals are')} unaccounted: workers were lost before they reported ${plural(unaccounted, 'it', 'them')}.`,
    users.cut > 0 &&
      `${users.cut} virtual ${plural(users.cut, 'user was', 'users were')} still running when the run was stopped.`,
  ]
  return texts
    .filter((text) => text !== false)
    .map((text) => `<p class="warning">${escapeHtml(text)}</p>`)
    .join('\n')
}

function figures(report: RunReport): string {
  const { requests, failures, arrivals, achievedRate, latencyMs, skipped, unaccounted, lagMs, users } = report
  const values = {
    Requests: formatCount(requests),
    Failures: formatCount(failures),
    Arrivals: formatCount(arrivals),
    'Arrivals per second': formatRate(achievedRate),
    'Failed users': formatCount(users.failed),
    p50: formatDurationMs(measured(latencyMs, latencyMs.p50)),
    p95: formatDurationMs(measured(latencyMs, latencyMs.p95)),
    p99: formatDurationMs(measured(latencyMs, latencyMs.p99)),
    Skipped: formatCount(skipped),
    Unaccounted: formatCount(unaccounted),
    'Start lag p99': formatDurationMs(measured(lagMs, lagMs.p99)),
  }
  return Object.entries(values)
    .map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`)
    .join('')
}

function tables(report: RunReport): string {
  const { bounds, series, total, failureRows, errors, userFailures, exceptions, counters, histograms } = report
  const { workers, events, startedMs } = report
  const boundRows = bounds.map(({ ok, text, value }) => [
    ok ? 'kept' : 'missed',
    text,
    value === undefined ? 'not measured' : plain(value),
  ])
  const seriesColumns = ['Method', 'Name', 'Requests', 'Failed', 'Per second']
  const percentiles = percentilesOf(total).map(([percentile]) => `p${percentile}`)
  const quantileColumns = ['Mean', 'Min', ...percentiles, 'Max']
  const failureCells = failureRows
    .toSorted((a, b) => b.count - a.count)
    .map(({ method, name, error, count }) => [method, name, error, formatCount(count)])
  const counts = (pairs: RunReport['errors']): string[][] => pairs.map(([code, count]) => [code, formatCount(count)])
  const exceptionCells = exceptions.map((row) => [
    ...[row.message, formatCount(row.count), row.workers.join(', '), row.traceback],
  ])
  const histogramCells = histograms.map(([name, { count, min, mean, p50, p95, p99, max }]) => [
    ...[name, formatCount(count), ...[min, mean, p50, p95, p99, max].map(plain)],
  ])
  const workerCells = workers.map(({ name, arrivals, requests }) => [
    name,
    formatCount(arrivals),
    formatCount(requests),
  ])
  const eventCells = events.map(({ atMs, text }) => [`${((atMs - startedMs) / 1000).toFixed(1)} s`, text])
  return [
    boundRows.length > 0 ? section('Bounds', ['Held', 'Bound', 'Measured'], boundRows, 2) : '',
    section('Statistics', [...seriesColumns, ...quantileColumns], [...series, total].map(seriesCells), 2),
    charts(report),
    failureCells.length > 0 ? section('Failures', ['Method', 'Name', 'Error', 'Count'], failureCells, 3) : '',
    userFailures.length > 0 ? section('Failed virtual users', ['Error', 'Count'], counts(userFailures), 1) : '',
    exceptionCells.length > 0
      ? section('Exceptions', ['Error', 'Count', 'Workers', 'Traceback'], exceptionCells, 1)
      : '',
    errors.length > 0 ? section('Errors of scenarios', ['Code', 'Count'], counts(errors), 1) : '',
    counters.length > 0 ? section('Counters', ['Name', 'Count'], counts(counters), 1) : '',
    histogramCells.length > 0
      ? section('Histograms', ['Name', 'Count', 'Min', 'Mean', 'p50', 'p95', 'p99', 'Max'], histogramCells, 1)
      : '',
    section('Workers', ['Worker', 'Arrivals', 'Requests'], workerCells, 1),
    section('Events', ['Time', 'Event'], eventCells, 2),
  ].join('\n')
}

function charts({ timeline, startedMs }: RunReport): string {
  const start = timeline[0]?.atMs ?? startedMs
  const seconds = timeline.map((point) => (point.atMs - start) / 1000)
  type Line = readonly [label: string, className: string, field: Exclude<keyof TimelinePoint, 'generatorBound'>]
  const chart = (title: string, unit: string, ...lines: readonly Line[]): string => {
    const drawn = lines.map(([label, className, field]) => {
      // A second without a response has no response time.
      const isTime = field === 'p50' || field === 'p95' || field === 'p99'
      return {
        label,
        className,
        values: timeline.map((point) => (isTime && point.requests === 0 ? undefined : point[field])),
      }
    })
    const content = timeline.length > 0 ? renderChart(seconds, drawn, unit) : '<p class="sub">Nothing was measured.</p>'
    return `<section><h2>${title}</h2>${content}</section>`
  }
  return `<div class="charts">${[
    chart('Requests', 'per second', ['requests', 'a', 'requests'], ['failures', 'bad', 'failures']),
    chart('Response time', 'ms', ['p50', 'a', 'p50'], ['p95', 'b', 'p95'], ['p99', 'c', 'p99']),
    chart('Users', 'users', ['virtual users', 'a', 'users']),
    chart('Load generator', 'ms', ['start lag p99', 'b', 'lagP99']),
  ].join('\n')}</div>`
}

function seriesCells(row: SeriesRow): string[] {
  const { method, name, requests, failures, rate, latencyMs } = row
  const { mean, min, max } = latencyMs
  const times = [mean, min, ...percentilesOf(row).map(([, value]) => value), max].map((value) =>
    formatDurationMs(measured(latencyMs, value)),
  )
  return [method, name, formatCount(requests), formatCount(failures), formatRate(rate), ...times]
}

/** @param textColumns how many columns, from the first, hold text rather than numbers. */
function section(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  textColumns: number,
): string {
  const kind = (column: number): string => (column < textColumns ? '' : ' class="number"')
  const cells = (row: readonly string[], tag: 'th' | 'td'): string =>
    row.map((cell, column) => `<${tag}${kind(column)}>${escapeHtml(cell)}</${tag}>`).join('')
  const body = rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('')
  return `<h2>${title}</h2><div class="scroll" tabindex="0" role="region" aria-label="${title}"><table><thead><tr>${cells(columns, 'th')}</tr></thead><tbody>${body}</tbody></table></div>`
}

function plain(value: number): string {
  return String(Number(value.toFixed(3)))
}
