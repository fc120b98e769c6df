import type { FailureRow, RunReport } from '../../contract/run-report.ts'
import { card, element } from './element.ts'
import { formatCount } from './format.ts'
import { type Column, numberColumn, table } from './table.ts'

const FAILURE_COLUMNS: readonly Column<FailureRow>[] = [
  numberColumn('Failures', (row) => row.count, formatCount),
  { title: 'Method', cell: (row) => element('span', { class: 'method', text: row.method }) },
  { title: 'Name', cell: (row) => row.name, className: 'name' },
  { title: 'Error', cell: (row) => describe(row.error), className: 'wrap' },
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
    run.errors.length > 0 &&
      card(
        'Errors that ended a scenario',
        table(ERROR_COLUMNS, run.errors, { caption: 'Errors that ended a scenario' }),
      ),
  )
}

function describe(code: string): string {
  const explanation = EXPLANATIONS[code]
  return explanation === undefined ? code : `${code}: ${explanation}`
}
