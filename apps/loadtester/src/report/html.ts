import type { RunReport, SeriesRow } from './run-report.ts'
import { escapeHtml, renderChart } from './svg-chart.ts'

/** A run's report as one HTML file that needs nothing else: no script, no other file, no network. */
export function renderReportHtml(report: RunReport): string {
  const { timeline } = report
  const start = timeline[0]?.atMs ?? report.startedMs
  const seconds = timeline.map((point) => (point.atMs - start) / 1000)
  const pick = (of: (point: RunReport['timeline'][number]) => number): number[] => timeline.map(of)
  const charts = [
    [
      'Requests a second',
      renderChart(
        seconds,
        [
          { label: 'requests', className: 'a', values: pick((point) => point.requests) },
          { label: 'failures', className: 'bad', values: pick((point) => point.failures) },
        ],
        'a second',
      ),
    ],
    [
      'Response time',
      renderChart(
        seconds,
        [
          { label: 'p50', className: 'a', values: pick((point) => point.p50) },
          { label: 'p95', className: 'b', values: pick((point) => point.p95) },
          { label: 'p99', className: 'c', values: pick((point) => point.p99) },
        ],
        'ms',
      ),
    ],
    [
      'Users',
      renderChart(seconds, [{ label: 'virtual users', className: 'a', values: pick((point) => point.users) }], 'users'),
    ],
    [
      'Load generator',
      renderChart(seconds, [{ label: 'start lag p99', className: 'b', values: pick((point) => point.lagP99) }], 'ms'),
    ],
  ] as const
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(report.script)}: load test report</title>
<style>${styles}</style>
</head>
<body>
<main>
<header>
<p class="verdict ${report.ok ? 'ok' : 'missed'}">${report.ok ? 'passed' : 'failed'}</p>
<h1>${escapeHtml(report.script)}</h1>
<p class="sub">${escapeHtml(report.target)} · ${new Date(report.startedMs).toISOString()} · ${report.durationSeconds.toFixed(1)} s · ${report.model} model</p>
</header>
${report.failure === undefined ? '' : `<p class="warning">The run failed: ${escapeHtml(report.failure)}</p>`}
${report.generatorBound ? '<p class="warning">The load generator was a bottleneck in this run: latencies may be its own. Use more workers, or less load.</p>' : ''}
${report.unaccounted > 0 ? `<p class="warning">${report.unaccounted} requests are unaccounted: workers were lost before they reported them.</p>` : ''}
<dl class="figures">
${figure('Requests', String(report.requests))}${figure('Failures', String(report.failures))}${figure('Arrivals a second', report.achievedRate.toFixed(2))}${figure('p50', ms(report.latencyMs.p50))}${figure('p95', ms(report.latencyMs.p95))}${figure('p99', ms(report.latencyMs.p99))}${figure('Unaccounted', String(report.unaccounted))}${figure('Start lag p99', ms(report.lagMs.p99))}
</dl>
${
  report.bounds.length > 0
    ? `<h2>Bounds</h2>${table(
        ['', 'Bound', 'Measured'],
        report.bounds.map((bound) => [
          bound.ok ? 'kept' : 'missed',
          bound.text,
          bound.value === undefined ? 'not measured' : String(Number(bound.value.toFixed(3))),
        ]),
        2,
      )}`
    : ''
}
<h2>Statistics</h2>
${table(['Method', 'Name', 'Requests', 'Failed', 'a second', 'Mean', 'p50', 'p90', 'p95', 'p99', 'p99.9', 'Max'], [...report.series, report.total].map(statsCells), 2)}
<div class="charts">${charts.map(([title, chart]) => `<section><h2>${title}</h2>${timeline.length > 0 ? chart : '<p class="sub">No second was measured.</p>'}</section>`).join('\n')}</div>
${
  report.failureRows.length > 0
    ? `<h2>Failures</h2>${table(
        ['Method', 'Name', 'Error', 'Count'],
        report.failureRows.map(({ method, name, error, count }) => [method, name, error, String(count)]),
        3,
      )}`
    : ''
}
${
  report.errors.length > 0
    ? `<h2>Errors of scenarios</h2>${table(
        ['Code', 'Count'],
        report.errors.map(([code, count]) => [code, String(count)]),
        1,
      )}`
    : ''
}
<h2>Workers</h2>
${table(
  ['Worker', 'Arrivals', 'Requests'],
  report.workers.map(({ name, arrivals, requests }) => [name, String(arrivals), String(requests)]),
  1,
)}
<h2>Events</h2>
${table(
  ['Time', 'Event'],
  report.events.map(({ atMs, text }) => [`${((atMs - report.startedMs) / 1000).toFixed(1)} s`, text]),
  2,
)}
<footer><p class="sub">Script SHA-256 ${escapeHtml(report.digest.slice(0, 16))}… · run ${escapeHtml(report.id)}</p></footer>
</main>
</body>
</html>
`
}

function figure(name: string, value: string): string {
  return `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`
}

function statsCells(row: SeriesRow): string[] {
  const { mean, p50, p90, p95, p99, p999, max } = row.latencyMs
  return [
    row.method,
    row.name,
    String(row.requests),
    String(row.failures),
    row.rate.toFixed(1),
    ...[mean, p50, p90, p95, p99, p999, max].map(ms),
  ]
}

function table(head: readonly string[], rows: readonly (readonly string[])[], textColumns: number): string {
  const kind = (column: number): string => (column < textColumns ? '' : ' class="number"')
  const headCells = head.map((title, column) => `<th${kind(column)}>${escapeHtml(title)}</th>`).join('')
  const body = rows
    .map((row) => `<tr>${row.map((cell, column) => `<td${kind(column)}>${escapeHtml(cell)}</td>`).join('')}</tr>`)
    .join('')
  return `<div class="scroll"><table><thead><tr>${headCells}</tr></thead><tbody>${body}</tbody></table></div>`
}

function ms(value: number): string {
  return value >= 100 ? `${value.toFixed(0)} ms` : `${value.toFixed(2)} ms`
}

const styles = `
:root{color-scheme:light dark;--text:#1c2330;--soft:#5c6675;--paper:#fff;--panel:#f5f7fa;--rule:#dde2e9;--a:#1f6feb;--b:#c77700;--c:#a333c8;--bad:#d1242f;--ok:#1a7f37}
@media (prefers-color-scheme:dark){:root{--text:#e4e8ee;--soft:#98a2b1;--paper:#12161c;--panel:#1a2029;--rule:#2c343f;--a:#5aa2ff;--b:#e8a13a;--c:#d08cf0;--bad:#ff6b6b;--ok:#4ac26b}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--text);font:15px/1.5 system-ui,sans-serif}
main{max-width:1240px;margin:0 auto;padding:24px 16px 48px}h1{margin:0;font-size:24px}h2{font-size:16px;margin:28px 0 8px}
.sub{color:var(--soft);margin:4px 0;overflow-wrap:anywhere}.verdict{float:right;margin:4px 0;padding:2px 12px;border-radius:999px;color:#fff;font-weight:600}
.verdict.ok{background:#1a7f37}.verdict.missed{background:#c1202b}.warning{border-left:4px solid var(--b);background:var(--panel);padding:8px 12px}
.figures{display:grid;grid-template-columns:repeat(4,1fr);gap:8px}.figures div{background:var(--panel);border-radius:8px;padding:10px 12px}
dt{color:var(--soft);font-size:13px}dd{margin:0;font-size:20px;font-variant-numeric:tabular-nums}.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%}th,td{padding:6px 8px;text-align:left;border-bottom:1px solid var(--rule)}
th,.number{white-space:nowrap}td{overflow-wrap:anywhere;min-width:4em}
th{color:var(--soft);font-weight:500;font-size:13px}.number{text-align:right;font-variant-numeric:tabular-nums}
figure{margin:0}svg{width:100%;height:auto;display:block}.grid{stroke:var(--rule)}.tick{fill:var(--soft);font-size:11px}
.line{fill:none;stroke-width:1.8;stroke-linejoin:round}.line.a{stroke:var(--a)}.line.b{stroke:var(--b)}.line.c{stroke:var(--c)}.line.bad{stroke:var(--bad)}
figcaption{color:var(--soft);font-size:13px}.key{margin-right:14px}.key::before{content:"";display:inline-block;width:14px;height:3px;margin-right:6px;vertical-align:middle;background:currentColor}
.key.a{color:var(--a)}.key.b{color:var(--b)}.key.c{color:var(--c)}.key.bad{color:var(--bad)}.unit{float:right}
@media(max-width:560px){.figures{grid-template-columns:repeat(2,1fr)}}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,460px),1fr));gap:0 24px}
@media print{:root{color-scheme:light}}`
