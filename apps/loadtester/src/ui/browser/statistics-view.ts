import type { BoundResult, RunReport, SeriesRow } from '../../contract/run-report.ts'
import { card, element } from './element.ts'
import { formatBytes, formatCount, formatMs, formatPercent, formatRate } from './format.ts'
import { type Column, numberColumn, type SortOrder, table } from './table.ts'

const COLUMNS: readonly Column<SeriesRow>[] = [
  {
    title: 'Method',
    cell: (row) => element('span', { class: 'method', text: row.method }),
    sortBy: (row) => row.method,
  },
  { title: 'Name', cell: (row) => row.name, className: 'name', sortBy: (row) => row.name },
  numberColumn('Requests', (row) => row.requests, formatCount),
  numberColumn('Per second now', (row) => row.currentRate, formatRate),
  numberColumn('Mean per second', (row) => row.rate, formatRate),
  {
    ...numberColumn<SeriesRow>('Failed', (row) => row.failures, formatCount),
    cell: (row) => element('span', { class: row.failures > 0 ? 'worse' : '', text: formatCount(row.failures) }),
  },
  numberColumn('Failed per second now', (row) => row.currentFailureRate, formatRate),
  numberColumn('Share', (row) => perRequest(row, row.failures), formatPercent),
  numberColumn('Min', (row) => row.latencyMs.min, formatMs),
  numberColumn('p50', (row) => row.latencyMs.p50, formatMs),
  numberColumn('p95', (row) => row.latencyMs.p95, formatMs),
  numberColumn('p99', (row) => row.latencyMs.p99, formatMs),
  numberColumn('Mean', (row) => row.latencyMs.mean, formatMs),
  numberColumn('Max', (row) => row.latencyMs.max, formatMs),
  {
    ...numberColumn<SeriesRow>('First byte p95', (row) => row.firstByteMs?.p95 ?? 0, formatMs),
    cell: ({ firstByteMs }) => (firstByteMs === undefined ? '–' : formatMs(firstByteMs.p95)),
  },
  numberColumn('Size', (row) => perRequest(row, row.bytes), formatBytes),
]

const USER_COLUMNS: readonly Column<readonly [string, string]>[] = [
  { title: '', cell: ([title]) => title, className: 'wrap' },
  { title: '', cell: ([, value]) => value, className: 'number' },
]

const BOUND_COLUMNS: readonly Column<BoundResult>[] = [
  {
    title: 'State',
    cell: ({ ok, strict }) =>
      element('span', { class: `pill ${ok ? 'good' : strict ? 'bad' : 'warn'}`, text: ok ? 'kept' : 'missed' }),
  },
  { title: 'Bound', cell: (bound) => bound.text, className: 'name' },
  {
    title: 'Measured',
    cell: ({ value }) => (value === undefined ? 'not yet' : String(Number(value.toFixed(3)))),
    className: 'number',
  },
]

/** Counters that the engines have of the virtual users that started. */
const STARTED_COUNTER = 'vusers.created_by_name.'

const SCENARIO_COLUMNS: readonly Column<ScenarioShare>[] = [
  { title: 'Scenario', cell: ({ name }) => name, className: 'name' },
  numberColumn('Users started', ({ started }) => started, formatCount),
  numberColumn('Share', ({ share }) => share, formatPercent),
]

interface ScenarioShare {
  readonly name: string
  readonly started: number
  /** Of all virtual users that have started, 0 to 1. */
  readonly share: number
}

const order: SortOrder = { column: 2, descending: true }

/** The statistics, and whether the run keeps the bounds of its script. */
export function renderStatistics(run: RunReport, onSort: () => void): HTMLElement {
  const statistics =
    run.series.length === 0
      ? element('p', { class: 'empty', text: 'No request has been sent yet.' })
      : table(COLUMNS, run.series, { sort: order, onSort, total: run.total, caption: 'Statistics' })
  const accuracy = element('small', { class: 'about', text: 'Quantiles within 1 %, merged exactly over all workers' })
  return element(
    'div',
    { class: 'stack' },
    element(
      'section',
      { class: 'card' },
      element('div', { class: 'split' }, element('h2', { text: 'Statistics' }), accuracy),
      statistics,
    ),
    run.bounds.length > 0 && card('Bounds', table(BOUND_COLUMNS, run.bounds, { caption: 'Bounds' })),
    card('Scenarios', table(SCENARIO_COLUMNS, scenarioShares(run), { caption: 'Scenarios' })),
    card('Virtual users', table(USER_COLUMNS, userRows(run), { caption: 'Virtual users' })),
  )
}

/** How the virtual users are spread over the scenarios. */
function scenarioShares({ counters }: RunReport): ScenarioShare[] {
  const started = counters.filter(([name]) => name.startsWith(STARTED_COUNTER))
  const total = started.reduce((sum, [, count]) => sum + count, 0)
  return started.map(([name, count]) => ({
    name: name.slice(STARTED_COUNTER.length),
    started: count,
    share: total === 0 ? 0 : count / total,
  }))
}

function userRows(run: RunReport) {
  const { arrivals, skipped, users, intendedLatencyMs, lagMs, inFlight, unaccounted, unfinished } = run
  const pair = (p50: number, p99: number): string => `${formatMs(p50)} / ${formatMs(p99)}`
  return [
    ['Started', formatCount(arrivals)],
    ['Completed', formatCount(users.completed)],
    ['Failed', formatCount(users.failed)],
    ['Failed by an engine, a processor or a hook', formatCount(users.failed - users.failedByRequest)],
    ['Still running when the run was stopped', formatCount(users.cut)],
    ['Skipped, because too many were running or no worker could start them', formatCount(skipped)],
    ['From due to the end of the first request, p50 / p99', pair(intendedLatencyMs.p50, intendedLatencyMs.p99)],
    ['Start lag, p50 / p99', pair(lagMs.p50, lagMs.p99)],
    ['Unaccounted, because a worker was lost', formatCount(unaccounted)],
    ['Requests in flight', formatCount(inFlight)],
    ['Requests of lost workers with unknown outcome', formatCount(unfinished)],
  ] as const
}

function perRequest({ requests }: SeriesRow, value: number): number {
  return requests === 0 ? 0 : value / requests
}
