import type { ExceptionRow, FailureRow, RunReport } from '../../contract/run-report.ts'
import { card, element } from './element.ts'
import { formatCount } from './format.ts'
import { type Column, numberColumn, table } from './table.ts'

const FAILURE_COLUMNS: readonly Column<FailureRow>[] = [
  numberColumn('Failures', (row) => row.count, formatCount),
  { title: 'Method', cell: (row) => element('span', { class: 'method', text: row.method }) },
  { title: 'Name', cell: (row) => row.name, className: 'name' },
  { title: 'Error', cell: (row) => describe(row.error), className: 'wrap' },
  { title: 'First seen', cell: (row) => formatSeen(row.firstSeenMs) },
  { title: 'Last seen', cell: (row) => formatSeen(row.lastSeenMs) },
]

const EXCEPTION_COLUMNS: readonly Column<ExceptionRow>[] = [
  numberColumn('Users', (row) => row.count, formatCount),
  {
    title: 'Error',
    cell: ({ message, traceback }) =>
      traceback === ''
        ? describe(message)
        : element('details', {}, element('summary', { text: describe(message) }), element('pre', { text: traceback })),
    className: 'wrap',
  },
  { title: 'Workers', cell: ({ workers }) => workers.join(', '), className: 'wrap' },
]

const ERROR_COLUMNS: readonly Column<readonly [string, number]>[] = [
  numberColumn('Count', ([, count]) => count, formatCount),
  { title: 'Error', cell: ([code]) => describe(code), className: 'wrap' },
]

const EXPLANATIONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listened at the target',
  ECONNRESET: 'the target closed the connection',
  ETIMEDOUT: 'no response in time',
  ENOTFOUND: "the target's name can't be resolved",
  EADDRNOTAVAIL: 'this machine has no free port left: use more workers, or keep connections open',
  ERR_IN_FLIGHT_AT_STOP: 'still in flight when the test was stopped',
}

/** Failed requests, and errors of scenarios. */
export function renderFailures(run: RunReport): HTMLElement {
  const rows = [...run.failureRows].sort((a, b) => b.count - a.count)
  const requests =
    rows.length === 0
      ? element('p', { class: 'empty', text: 'No request has failed.' })
      : table(FAILURE_COLUMNS, rows, { caption: 'Failed requests' })
  return element(
    'div',
    { class: 'stack' },
    card('Failed requests', requests),
    run.exceptions.length > 0 &&
      card(
        'Exceptions of engines, processors and hooks',
        table(EXCEPTION_COLUMNS, run.exceptions, { caption: 'Exceptions' }),
      ),
    run.errors.length > 0 &&
      card(
        'Errors that ended a scenario',
        table(ERROR_COLUMNS, run.errors, { caption: 'Errors that ended a scenario' }),
      ),
  )
}

function formatSeen(atMs: number | undefined): string {
  return atMs === undefined ? '–' : new Date(atMs).toLocaleTimeString()
}

function describe(code: string): string {
  const explanation = EXPLANATIONS[code]
  return explanation === undefined ? code : `${code}: ${explanation}`
}
