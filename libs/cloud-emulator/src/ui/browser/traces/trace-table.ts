import { styled } from '@node-to-cloud/browser-kit/browser/styled'
import { type Column, type SortOrder, table } from '@node-to-cloud/browser-kit/browser/table'
import { html, nothing, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { plural } from '@node-to-cloud/browser-kit/format/plural'
import { formatNearMoment } from '@node-to-cloud/browser-kit/format/time'
import { formatCount, formatDurationMs } from '@node-to-cloud/browser-kit/format/value'
import type { TraceList, TraceSummary } from '../../../contract/traces.ts'
import type { AppContext } from '../app-context.ts'

const TIME_COLUMN = 0
const DURATION_COLUMN = 1
const ORDERS: Readonly<Record<string, SortOrder>> = {
  newest: { column: TIME_COLUMN, descending: true },
  oldest: { column: TIME_COLUMN, descending: false },
  slowest: { column: DURATION_COLUMN, descending: true },
  fastest: { column: DURATION_COLUMN, descending: false },
}

/** The name, for the address, of the order that the user has chosen in the table header. */
export function orderName({ column, descending }: SortOrder): string {
  const found = Object.entries(ORDERS).find(([, one]) => one.column === column && one.descending === descending)
  return found?.[0] ?? 'newest'
}

/** A text that says how many of the found traces the list and the plot show. */
export function shownText({ total, traces, arriving = 0, plot }: TraceList, order: string): string {
  if (total === 0 && arriving === 0) return ''
  const dots = plot?.points.length ?? 0
  const failed =
    plot === undefined || plot.failedShown === plot.failed
      ? 'all failed'
      : `${formatCount(plot.failedShown)} of ${formatCount(plot.failed)} failed`
  return [
    `${formatCount(total)} ${plural(total, 'trace')}`,
    dots < total ? `${formatCount(dots)} plotted: the slowest, ${failed}, and an even sample of the others` : '',
    traces.length < total ? `the ${order} ${formatCount(traces.length)} listed` : '',
    arriving > 0 ? `${formatCount(arriving)} more still arriving` : '',
  ]
    .filter((part) => part !== '')
    .join(' · ')
}

/** The list of traces, with their names and durations. */
export function traceTable(app: AppContext, { traces }: TraceList): TemplateResult {
  const longestMs = Math.max(...traces.map(({ durationMs }) => durationMs)) || 1
  const sort = { ...(ORDERS[app.route().parameters.sort ?? ''] ?? ORDERS.newest) } as SortOrder
  const columns: readonly Column<TraceSummary>[] = [
    {
      title: 'Time',
      className: 'trace-time',
      cell: ({ startMs }) => formatNearMoment(startMs, app.nowMs()),
      sortBy: ({ startMs }) => startMs,
    },
    { title: 'Duration', className: 'number', cell: (trace) => durationCell(trace, longestMs), sortBy: durationOf },
    { title: 'Service', cell: serviceCell, className: 'trace-service' },
    { title: 'Name', cell: (trace) => nameCell(trace, app), className: 'trace-name' },
    { title: 'Path', cell: ({ path = '' }) => path, className: 'trace-path' },
    { title: 'Status', cell: statusCell, className: 'trace-status' },
    { title: 'Spans', cell: ({ spans }) => formatCount(spans), className: 'number trace-spans' },
  ]
  return table(columns, traces, {
    caption: 'Traces',
    key: ({ traceId }) => traceId,
    sort,
    isSorted: true,
    onSort: () => app.setParameters({ sort: orderName(sort) === 'newest' ? '' : orderName(sort) }),
    className: 'trace-list',
    rowClass: ({ errors }) => (errors > 0 ? 'trace-row trace-failed' : 'trace-row'),
  })
}

function durationOf({ durationMs }: TraceSummary): number {
  return durationMs
}

function durationCell({ durationMs }: TraceSummary, longestMs: number): TemplateResult {
  const width = `${Math.max(1, (durationMs / longestMs) * 100)}%`
  return html`<span class="trace-track"><span class="trace-bar" ${styled({ width })}></span></span>
    <span class="trace-duration">${formatDurationMs(durationMs)}</span>`
}

/** The service of the root span, and the number of other services. */
function serviceCell({ rootService, services }: TraceSummary): TemplateResult {
  const others = services.filter((service) => service !== rootService && service !== '')
  const more = others.length === 0 ? nothing : html` <span class="muted">+${others.length}</span>`
  return html`${rootService || others[0]}${more}`
}

/** The link that covers its row, with everything that the row may have no room for. */
function nameCell(trace: TraceSummary, app: AppContext): TemplateResult {
  const { traceId, rootName, incomplete, path = '', services } = trace
  const name = rootName || '(no root span)'
  const whole = [name, path, services.filter((service) => service !== '').join(', ')].filter((part) => part !== '')
  const note = incomplete
    ? html` <span class="chip" title="The parent of a span is missing: it has not arrived yet, was not sampled, or is sent elsewhere"
        >incomplete</span
      >`
    : nothing
  return html`<a href=${app.link('traces', traceId)} title=${whole.join(' · ')}>${name}</a>${note}`
}

function statusCell({ statusCode, errors }: TraceSummary): TemplateResult {
  const code =
    statusCode === undefined
      ? nothing
      : html`<span class="code code-${Math.floor(statusCode / 100)}xx">${statusCode}</span>`
  const failed = errors === 0 ? nothing : html` <span class="trace-errors">✕ ${errors} failed</span>`
  return html`${code}${failed}${statusCode === undefined && errors === 0 ? 'ok' : nothing}`
}
