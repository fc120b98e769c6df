import { type Column, numberColumn, table } from '@node-to-cloud/browser-kit/browser/table'
import { html, nothing, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { formatNearMoment } from '@node-to-cloud/browser-kit/format/time'
import { formatCount } from '@node-to-cloud/browser-kit/format/value'
import type { ExceptionRow, FailureRow, RunReport } from '../../../contract/run-report.ts'

const FAILURE_COLUMNS: readonly Column<FailureRow>[] = [
  numberColumn('Failures', (row) => row.count, formatCount),
  { title: 'Method', cell: (row) => html`<span class="method">${row.method}</span>` },
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
        : html`<details><summary>${describe(message)}</summary><pre>${traceback}</pre></details>`,
    className: 'wrap',
  },
  { title: 'Workers', cell: ({ workers }) => workers.join(', '), className: 'wrap' },
]

const ERROR_COLUMNS: readonly Column<readonly [string, number]>[] = [
  numberColumn('Count', ([, count]) => count, formatCount),
  { title: 'Error', cell: ([code]) => describe(code), className: 'wrap' },
]

const EXPLANATIONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing was listening at the target',
  ECONNRESET: 'the target closed the connection',
  ETIMEDOUT: 'no response in time',
  ENOTFOUND: "the target's name can't be resolved",
  EADDRNOTAVAIL: 'this machine has no free port left: use more workers, or keep connections open',
  ERR_IN_FLIGHT_AT_STOP: 'still in flight when the test was stopped',
}

/** Failed requests, and errors of scenarios. */
export function failuresView(run: RunReport): TemplateResult {
  const rows = [...run.failureRows].sort((a, b) => b.count - a.count)
  const section = (title: string, content: TemplateResult) =>
    html`<section class="card"><h2>${title}</h2>${content}</section>`
  return html`<div class="stack">
    ${section(
      'Failed requests',
      rows.length === 0
        ? html`<p class="empty">No request has failed.</p>`
        : table(FAILURE_COLUMNS, rows, {
            caption: 'Failed requests',
            key: ({ method, name, error }) => `${method} ${name} ${error}`,
          }),
    )}
    ${
      run.exceptions.length === 0
        ? nothing
        : section(
            'Exceptions of engines, processors and hooks',
            table(EXCEPTION_COLUMNS, run.exceptions, { caption: 'Exceptions', key: ({ message }) => message }),
          )
    }
    ${
      run.errors.length === 0
        ? nothing
        : section(
            'Errors that ended a scenario',
            table(ERROR_COLUMNS, run.errors, { caption: 'Errors that ended a scenario', key: ([code]) => code }),
          )
    }
  </div>`
}

function formatSeen(atMs: number | undefined): string {
  return atMs === undefined ? '–' : formatNearMoment(atMs, Date.now())
}

function describe(code: string): string {
  const explanation = EXPLANATIONS[code]
  return explanation === undefined ? code : `${code}: ${explanation}`
}
