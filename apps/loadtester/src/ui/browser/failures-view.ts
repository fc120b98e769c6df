import type { FailureRow, RunReport } from '../../contract/run-report.ts'
import { element } from './element.ts'
import { formatCount } from './format.ts'
import { type Column, table } from './table.ts'

const columns: readonly Column<FailureRow>[] = [
  { title: 'Failures', cell: (row) => formatCount(row.count), className: 'number' },
  { title: 'Method', cell: (row) => element('span', { class: 'method', text: row.method }) },
  { title: 'Name', cell: (row) => row.name, className: 'name' },
  { title: 'Error', cell: (row) => describe(row.error), className: 'wrap' },
]

/** Failed requests, and errors of scenarios. */
export function renderFailures(run: RunReport): HTMLElement {
  const rows = [...run.failureRows].sort((a, b) => b.count - a.count)
  return element(
    'div',
    { class: 'stack' },
    element(
      'section',
      { class: 'card' },
      element('h2', { text: 'Failed requests' }),
      rows.length === 0
        ? element('p', { class: 'empty', text: 'No request has failed.' })
        : table(columns, rows, { caption: 'Failed requests' }),
    ),
    run.errors.length > 0 &&
      element(
        'section',
        { class: 'card' },
        element('h2', { text: 'Errors that ended a scenario' }),
        table(
          [
            { title: 'Count', cell: (row: readonly [string, number]) => formatCount(row[1]), className: 'number' },
            { title: 'Error', cell: (row) => describe(row[0]), className: 'wrap' },
          ],
          run.errors,
          { caption: 'Errors that ended a scenario' },
        ),
      ),
  )
}

const explanations: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listened at the target',
  ECONNRESET: 'the target closed the connection',
  ETIMEDOUT: 'no answer in time',
  ENOTFOUND: "the target's name is not known",
  EADDRNOTAVAIL: 'this machine has no free port left: use more workers or keep connections',
  STOPPED: 'still on its way when the test was stopped',
}

function describe(code: string): string {
  const explanation = explanations[code]
  return explanation === undefined ? code : `${code}: ${explanation}`
}
