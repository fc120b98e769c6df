import { type Column, table } from '@node-to-cloud/browser-kit/browser/table'
import { html, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { formatMoment } from '@node-to-cloud/browser-kit/format/time'
import { formatCount, formatDurationMs, formatPercent, formatRate } from '@node-to-cloud/browser-kit/format/value'
import type { RunReport, TimelinePoint, Verdict } from '../../../contract/run-report.ts'
import { LineChart } from '../line-chart.ts'

interface ComparedFigure {
  readonly title: string
  readonly a: number
  readonly b: number
  readonly format: (value: number) => string
  /** Undefined if neither less nor more is better. */
  readonly lessIsBetter: boolean | undefined
}

/** The charts of two runs, older first: what they have in common, over the seconds since their start. */
export function comparisonCharts(a: RunReport, b: RunReport): readonly LineChart[] {
  return [
    compareChart('Response time, p95', a, b, (point) => point.p95, formatDurationMs),
    compareChart('Requests per second', a, b, (point) => point.requests, formatRate),
  ]
}

/** The figures of two runs, older first, and what changed. */
export function comparisonView(a: RunReport, b: RunReport): TemplateResult {
  const figures: readonly ComparedFigure[] = [
    { title: 'Requests', a: a.requests, b: b.requests, format: formatCount, lessIsBetter: undefined },
    { title: 'Requests per second', a: a.total.rate, b: b.total.rate, format: formatRate, lessIsBetter: undefined },
    { title: 'Failed', a: failedShare(a), b: failedShare(b), format: formatPercent, lessIsBetter: true },
    ...(['p50', 'p90', 'p95', 'p99', 'max'] as const).map((name) => ({
      title: name,
      a: a.latencyMs[name],
      b: b.latencyMs[name],
      format: formatDurationMs,
      lessIsBetter: true,
    })),
    { title: 'Start lag p99', a: a.lagMs.p99, b: b.lagMs.p99, format: formatDurationMs, lessIsBetter: true },
  ]
  const columns: readonly Column<ComparedFigure>[] = [
    { title: 'Figure', cell: (row) => row.title },
    { title: formatMoment(a.startedMs), cell: (row) => row.format(row.a), className: 'number' },
    { title: formatMoment(b.startedMs), cell: (row) => row.format(row.b), className: 'number' },
    { title: 'Change', cell: change, className: 'number' },
  ]
  return html`<section class="card">
    <h2>Comparison</h2>
    <p>${verdictText(a, 'older')} ${verdictText(b, b.endedMs === undefined ? 'running' : 'newer')}</p>
    ${table(columns, figures, { caption: 'Comparison', key: ({ title }) => title })}
  </section>`
}

const VERDICTS: Readonly<Record<Verdict, string>> = {
  passed: 'keeps the bounds of its script',
  failed: 'does not keep the bounds of its script, or failed',
  'no bounds': 'has a script without bounds',
}

function verdictText({ verdict }: RunReport, which: string): string {
  return `The ${which} run ${VERDICTS[verdict]}.`
}

export function failedShare({ requests, failures }: { readonly requests: number; readonly failures: number }): number {
  return requests === 0 ? 0 : failures / requests
}

function change({ a, b, lessIsBetter }: ComparedFigure): TemplateResult {
  if (a === 0) return html`<span>${b === 0 ? '0 %' : '–'}</span>`
  const share = b / a - 1
  const text = `${share > 0 ? '+' : share < 0 ? '−' : ''}${formatPercent(Math.abs(share))}`
  const judged =
    lessIsBetter === undefined || Math.abs(share) < 0.02 ? '' : share < 0 === lessIsBetter ? 'better' : 'worse'
  return html`<span class=${judged}>${text}</span>`
}

function compareChart(
  title: string,
  a: RunReport,
  b: RunReport,
  read: (point: TimelinePoint) => number,
  format: (value: number) => string,
): LineChart {
  const chart = new LineChart({
    title,
    note: 'by seconds since the start',
    elapsed: true,
    lines: [
      { label: formatMoment(a.startedMs), color: 'series-10', format, dash: [6, 4] },
      { label: formatMoment(b.startedMs), color: 'series-1', format },
    ],
  })
  const bySecond = (run: RunReport): Map<number, number> =>
    new Map(run.timeline.map((point) => [Math.round((point.atMs - (run.timeline[0]?.atMs ?? 0)) / 1000), read(point)]))
  const older = bySecond(a)
  const newer = bySecond(b)
  const seconds = [...new Set([...older.keys(), ...newer.keys()])].sort((x, y) => x - y)
  chart.setData(seconds, [
    seconds.map((second) => older.get(second) ?? null),
    seconds.map((second) => newer.get(second) ?? null),
  ])
  return chart
}
