import { type Column, numberColumn, table } from '@node-to-cloud/browser-kit/browser/table'
import { html, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { formatDuration } from '@node-to-cloud/browser-kit/format/duration'
import { formatMoment } from '@node-to-cloud/browser-kit/format/time'
import { formatCount, formatDurationMs, formatPercent, formatRate } from '@node-to-cloud/browser-kit/format/value'
import type { RunListing, RunReport } from '../../../contract/run-report.ts'
import { failedShare } from './run-comparison.ts'

interface HistoryChoice {
  /** The ids of the runs that are compared. */
  readonly chosen: readonly string[]
  /** A click on the box of a run. What is chosen may have changed since the table was drawn. */
  readonly onToggle: (id: string) => void
  readonly onDelete: (run: RunListing) => void
}

/** The runs, each with a box to compare it, a link to its report, and a button to delete it once it is over. */
export function historyTable(runs: readonly RunListing[], choice: HistoryChoice): TemplateResult {
  if (runs.length === 0) return html`<p class="empty">No test has finished yet. Finished tests are kept here.</p>`
  const columns: readonly Column<RunListing>[] = [
    { title: '', cell: (run) => chooseBox(run, choice) },
    { title: 'Started', cell: (run) => formatMoment(run.startedMs) },
    { title: 'Script', cell: (run) => run.script, className: 'name' },
    { title: 'Result', cell: resultPill },
    numberColumn('Duration', (run) => run.durationSeconds, formatDuration),
    numberColumn('Requests', (run) => run.requests, formatCount),
    numberColumn('Failed', failedShare, formatPercent),
    numberColumn('Arrivals per second', (run) => run.achievedRate, formatRate),
    ...(['p50', 'p95', 'p99'] as const).map(
      (name): Column<RunListing> => ({
        title: name,
        cell: (run) => formatDurationMs(run.requests === 0 ? undefined : run[name]),
        className: 'number',
      }),
    ),
    { title: '', cell: ({ id }) => html`<a href="/api/runs/${id}/report.html">Report</a>` },
    { title: '', cell: (run) => deleteButton(run, choice) },
  ]
  return table(columns, runs, { caption: 'History', key: ({ id }) => id })
}

/** The present run as a line of the history. */
export function listingOf(run: RunReport): RunListing {
  const { p50, p95, p99 } = run.latencyMs
  return { ...run, p50, p95, p99 }
}

function chooseBox(run: RunListing, { chosen, onToggle }: HistoryChoice): TemplateResult {
  return html`<input
    type="checkbox"
    aria-label="Compare ${run.script} of ${formatMoment(run.startedMs)}"
    .checked=${chosen.includes(run.id)}
    @change=${() => onToggle(run.id)}
  />`
}

function deleteButton(run: RunListing, { onDelete }: HistoryChoice): TemplateResult | string {
  if (run.endedMs === undefined) return ''
  return html`<button type="button" class="quiet" @click=${() => onDelete(run)}>Delete</button>`
}

function resultPill({ endedMs, state, verdict }: RunListing): TemplateResult {
  const kind = endedMs === undefined ? '' : verdict === 'passed' ? 'good' : verdict === 'failed' ? 'bad' : ''
  return html`<span class="pill ${kind}">${endedMs === undefined ? state : verdict}</span>`
}
