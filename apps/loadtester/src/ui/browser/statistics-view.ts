import type { RunReport, SeriesRow } from '../../contract/run-report.ts'
import { element } from './element.ts'
import { formatBytes, formatCount, formatMs, formatPercent, formatRate } from './format.ts'
import { type Column, type SortOrder, table } from './table.ts'

const columns: readonly Column<SeriesRow>[] = [
  {
    title: 'Method',
    cell: (row) => element('span', { class: 'method', text: row.method }),
    sortBy: (row) => row.method,
  },
  { title: 'Name', cell: (row) => row.name, className: 'name', sortBy: (row) => row.name },
  { title: 'Requests', cell: (row) => formatCount(row.requests), className: 'number', sortBy: (row) => row.requests },
  { title: 'A second', cell: (row) => formatRate(row.rate), className: 'number', sortBy: (row) => row.rate },
  {
    title: 'Failed',
    cell: (row) => element('span', { class: row.failures > 0 ? 'worse' : '', text: formatCount(row.failures) }),
    className: 'number',
    sortBy: (row) => row.failures,
  },
  {
    title: 'Share',
    cell: (row) => formatPercent(row.requests === 0 ? 0 : row.failures / row.requests),
    className: 'number',
  },
  { title: 'p50', cell: (row) => formatMs(row.latencyMs.p50), className: 'number', sortBy: (row) => row.latencyMs.p50 },
  { title: 'p95', cell: (row) => formatMs(row.latencyMs.p95), className: 'number', sortBy: (row) => row.latencyMs.p95 },
  { title: 'p99', cell: (row) => formatMs(row.latencyMs.p99), className: 'number', sortBy: (row) => row.latencyMs.p99 },
  {
    title: 'Mean',
    cell: (row) => formatMs(row.latencyMs.mean),
    className: 'number',
    sortBy: (row) => row.latencyMs.mean,
  },
  { title: 'Max', cell: (row) => formatMs(row.latencyMs.max), className: 'number', sortBy: (row) => row.latencyMs.max },
  { title: 'First byte p95', cell: (row) => formatMs(row.firstByteMs.p95), className: 'number' },
  { title: 'Size', cell: (row) => formatBytes(row.requests === 0 ? 0 : row.bytes / row.requests), className: 'number' },
]

const order: SortOrder = { column: 2, descending: true }

/** The statistics table and, where the script has bounds, how the run stands to them. */
export function renderStatistics(run: RunReport, again: () => void): HTMLElement {
  return element(
    'div',
    { class: 'stack' },
    element(
      'section',
      { class: 'card' },
      element(
        'div',
        { class: 'split' },
        element('h2', { text: 'Statistics' }),
        element('small', { class: 'about', text: 'Quantiles within 1 %, merged exactly over all workers' }),
      ),
      run.series.length === 0
        ? element('p', { class: 'empty', text: 'No request has been sent yet.' })
        : table(columns, run.series, { sort: order, onSort: again, total: run.total, caption: 'Statistics' }),
    ),
    run.bounds.length > 0 && renderBounds(run),
    element(
      'section',
      { class: 'card' },
      element('h2', { text: 'Virtual users' }),
      table(
        [
          { title: '', cell: (row: readonly [string, string]) => row[0], className: 'wrap' },
          { title: '', cell: (row) => row[1], className: 'number' },
        ],
        [
          ['Began', formatCount(run.arrivals)],
          ['Skipped, since too many ran', formatCount(run.skipped)],
          [
            'From due to the end of the first request, p50 / p99',
            `${formatMs(run.intendedLatencyMs.p50)} / ${formatMs(run.intendedLatencyMs.p99)}`,
          ],
          ['Start lag p50 / p99', `${formatMs(run.lagMs.p50)} / ${formatMs(run.lagMs.p99)}`],
          ['Requests unaccounted (lost workers)', formatCount(run.unaccounted)],
          ['Requests of lost workers whose end nobody knows', formatCount(run.unfinished)],
        ],
        { caption: 'Virtual users' },
      ),
    ),
  )
}

function renderBounds(run: RunReport): HTMLElement {
  return element(
    'section',
    { class: 'card' },
    element('h2', { text: 'Bounds' }),
    table(
      [
        {
          title: 'State',
          cell: (bound: RunReport['bounds'][number]) =>
            element('span', {
              class: `pill ${bound.ok ? 'good' : bound.strict ? 'bad' : 'warn'}`,
              text: bound.ok ? 'kept' : 'missed',
            }),
        },
        { title: 'Bound', cell: (bound) => bound.text, className: 'name' },
        {
          title: 'Measured',
          cell: (bound) => (bound.value === undefined ? 'not yet' : String(Number(bound.value.toFixed(3)))),
          className: 'number',
        },
      ],
      run.bounds,
      { caption: 'Bounds' },
    ),
  )
}
