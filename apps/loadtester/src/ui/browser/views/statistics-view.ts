import { type Column, numberColumn, type SortOrder, table } from '@node-to-cloud/browser-kit/browser/table'
import { html, nothing, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import {
  formatBytes,
  formatCount,
  formatDurationMs,
  formatPercent,
  formatRate,
} from '@node-to-cloud/browser-kit/format/value'
import { measured } from '../../../contract/measured.ts'
import { percentilesOf } from '../../../contract/percentiles-of.ts'
import type { BoundResult, Quantiles, RunReport, ScenarioRow, SeriesRow } from '../../../contract/run-report.ts'

/** A column of response times; a row without a response has none. */
function latencyColumn(title: string, read: (row: SeriesRow) => number): Column<SeriesRow> {
  return {
    ...numberColumn(title, read, formatDurationMs),
    cell: (row) => formatDurationMs(measured(row.latencyMs, read(row))),
  }
}

/** The first columns; `when` says which seconds the rates of the last ones are of. */
const firstColumns = (when: string): readonly Column<SeriesRow>[] => [
  {
    title: 'Method',
    cell: (row) => html`<span class="method">${row.method}</span>`,
    sortBy: (row) => row.method,
  },
  { title: 'Name', cell: (row) => row.name, className: 'name', sortBy: (row) => row.name },
  numberColumn('Requests', (row) => row.requests, formatCount),
  numberColumn(`Per second ${when}`, (row) => row.currentRate, formatRate),
  numberColumn('Mean per second', (row) => row.rate, formatRate),
  {
    ...numberColumn<SeriesRow>('Failed', (row) => row.failures, formatCount),
    cell: (row) => html`<span class=${row.failures > 0 ? 'worse' : ''}>${formatCount(row.failures)}</span>`,
  },
  numberColumn(`Failed per second ${when}`, (row) => row.currentFailureRate, formatRate),
  numberColumn('Share', (row) => perRequest(row, row.failures), formatPercent),
  latencyColumn('Min', (row) => row.latencyMs.min),
]

const LAST_COLUMNS: readonly Column<SeriesRow>[] = [
  latencyColumn('Mean', (row) => row.latencyMs.mean),
  latencyColumn('Max', (row) => row.latencyMs.max),
  {
    ...numberColumn<SeriesRow>('First byte p95', (row) => row.firstByteMs?.p95 ?? 0, formatDurationMs),
    cell: ({ firstByteMs }) => formatDurationMs(firstByteMs?.p95),
  },
  numberColumn('Size', (row) => perRequest(row, row.bytes), formatBytes),
]

/** The columns of a run, with its percentiles. */
function columnsOf({ total, endedMs }: RunReport): readonly Column<SeriesRow>[] {
  const percentiles = percentilesOf(total).map(([percentile], index) =>
    latencyColumn(`p${percentile}`, (row) => percentilesOf(row)[index]?.[1] ?? 0),
  )
  return [...firstColumns(endedMs === undefined ? 'now' : 'at the end'), ...percentiles, ...LAST_COLUMNS]
}

const USER_COLUMNS: readonly Column<readonly [string, string]>[] = [
  { title: '', cell: ([title]) => title, className: 'wrap' },
  { title: '', cell: ([, value]) => value, className: 'number' },
]

const BOUND_COLUMNS: readonly Column<BoundResult>[] = [
  {
    title: 'State',
    cell: ({ ok, strict }) =>
      html`<span class="pill ${ok ? 'good' : strict ? 'bad' : 'warn'}">${ok ? 'kept' : 'missed'}</span>`,
  },
  { title: 'Bound', cell: (bound) => bound.text, className: 'name' },
  {
    title: 'Measured',
    cell: ({ value }) => (value === undefined ? 'not yet' : String(Number(value.toFixed(3)))),
    className: 'number',
  },
]

const SCENARIO_COLUMNS: readonly Column<ScenarioRow>[] = [
  { title: 'Scenario', cell: ({ name }) => name, className: 'name' },
  numberColumn('Users started', ({ started }) => started, formatCount),
  numberColumn('Running', ({ running }) => running, formatCount),
  numberColumn('Share', ({ ratio }) => ratio, formatPercent),
]

const order: SortOrder = { column: 2, descending: true }

/** The statistics, and whether the run keeps the bounds of its script. */
export function statisticsView(run: RunReport, onSort: () => void): TemplateResult {
  return html`<div class="stack">
    <section class="card">
      <div class="split">
        <h2>Statistics</h2>
        <small class="about">Quantiles within 1 %, merged exactly over all workers</small>
      </div>
      ${
        run.series.length === 0
          ? html`<p class="empty">No request has been sent yet.</p>`
          : table(columnsOf(run), run.series, {
              sort: order,
              onSort,
              total: run.total,
              caption: 'Statistics',
              key: seriesKey,
            })
      }
    </section>
    ${
      run.bounds.length === 0
        ? nothing
        : html`<section class="card">
            <h2>Bounds</h2>
            ${table(BOUND_COLUMNS, run.bounds, { caption: 'Bounds', key: ({ text }) => text })}
          </section>`
    }
    <section class="card">
      <h2>Scenarios</h2>
      ${table(SCENARIO_COLUMNS, run.scenarios ?? [], { caption: 'Scenarios', key: ({ name }) => name })}
    </section>
    <section class="card">
      <h2>Virtual users</h2>
      ${table(USER_COLUMNS, userRows(run), { caption: 'Virtual users', key: ([title]) => title })}
    </section>
  </div>`
}

function seriesKey({ method, name }: SeriesRow): string {
  return `${method} ${name}`
}

function userRows(run: RunReport) {
  const { arrivals, skipped, users, intendedLatencyMs, lagMs, inFlight, unaccounted, unfinished } = run
  const pair = (of: Quantiles): string =>
    [of.p50, of.p99].map((value) => formatDurationMs(measured(of, value))).join(' / ')
  return [
    ['Started', formatCount(arrivals)],
    ['Completed', formatCount(users.completed)],
    ['Failed', formatCount(users.failed)],
    ['Failed because of an engine, a processor or a hook', formatCount(users.failed - users.failedByRequest)],
    ['Still running when the run was stopped', formatCount(users.cut)],
    ['Skipped, because too many were running or no worker could start them', formatCount(skipped)],
    ['From due to the end of the first request, p50 / p99', pair(intendedLatencyMs)],
    ['Start lag, p50 / p99', pair(lagMs)],
    ['Unaccounted, because a worker was lost', formatCount(unaccounted)],
    ['Requests in flight', formatCount(inFlight)],
    ['Requests of lost workers with unknown outcome', formatCount(unfinished)],
  ] as const
}

function perRequest({ requests }: SeriesRow, value: number): number {
  return requests === 0 ? 0 : value / requests
}
