import { type Column, table } from '@node-to-cloud/browser-kit/browser/table'
import { html, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { formatMoment } from '@node-to-cloud/browser-kit/format/time'
import { formatCount, formatDurationMs, formatPercent, formatRate } from '@node-to-cloud/browser-kit/format/value'
import { measured } from '../../../contract/measured.ts'
import type { Quantiles, RunReport, TimelinePoint, Verdict } from '../../../contract/run-report.ts'

interface ComparedFigure {
  readonly title: string
  /** Undefined if it was not measured. */
  readonly a: number | undefined
  readonly b: number | undefined
  readonly format: (value: number) => string
  /** Undefined if neither less nor more is better. */
  readonly lessIsBetter: boolean | undefined
}

/** The figures of two runs, older first, and what changed. */
export function comparisonView(a: RunReport, b: RunReport): TemplateResult {
  const figures: readonly ComparedFigure[] = [
    { title: 'Requests', a: a.requests, b: b.requests, format: formatCount, lessIsBetter: undefined },
    { title: 'Requests per second', a: a.total.rate, b: b.total.rate, format: formatRate, lessIsBetter: undefined },
    { title: 'Failed', a: failedShare(a), b: failedShare(b), format: formatPercent, lessIsBetter: true },
    ...(['p50', 'p90', 'p95', 'p99', 'max'] as const).map((name) => duration(name, a.latencyMs, b.latencyMs, name)),
    duration('Start lag p99', a.lagMs, b.lagMs, 'p99'),
  ]
  const columns: readonly Column<ComparedFigure>[] = [
    { title: 'Figure', cell: (row) => row.title },
    { title: formatMoment(a.startedMs), cell: (row) => textOf(row, row.a), className: 'number' },
    { title: formatMoment(b.startedMs), cell: (row) => textOf(row, row.b), className: 'number' },
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
  if (a === undefined || b === undefined || a === 0) return html`<span>${a === 0 && b === 0 ? '0 %' : '–'}</span>`
  const share = b / a - 1
  const text = `${share > 0 ? '+' : share < 0 ? '−' : ''}${formatPercent(Math.abs(share))}`
  const judged =
    lessIsBetter === undefined || Math.abs(share) < 0.02 ? '' : share < 0 === lessIsBetter ? 'better' : 'worse'
  return html`<span class=${judged}>${text}</span>`
}

function textOf({ format }: ComparedFigure, value: number | undefined): string {
  return value === undefined ? '–' : format(value)
}

function duration(
  title: string,
  a: Quantiles,
  b: Quantiles,
  name: 'p50' | 'p90' | 'p95' | 'p99' | 'max',
): ComparedFigure {
  return { title, a: measured(a, a[name]), b: measured(b, b[name]), format: formatDurationMs, lessIsBetter: true }
}

/** What `read` gives in each second since the start of either run; null where it gives nothing. */
export function comparedSeconds(
  a: RunReport,
  b: RunReport,
  read: (point: TimelinePoint) => number | null,
): { readonly seconds: readonly number[]; readonly values: readonly (readonly (number | null)[])[] } {
  const bySecond = ({ timeline }: RunReport): Map<number, number | null> =>
    new Map(timeline.map((point) => [Math.round((point.atMs - (timeline[0]?.atMs ?? 0)) / 1000), read(point)]))
  const runs = [bySecond(a), bySecond(b)]
  const seconds = [...new Set(runs.flatMap((run) => [...run.keys()]))].sort((x, y) => x - y)
  return { seconds, values: runs.map((run) => seconds.map((second) => run.get(second) ?? null)) }
}
