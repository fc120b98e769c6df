import { RpcError } from '../api/rpc-error.ts'
import type { Labels } from '../contract/metrics.ts'
import { STATUS_CODES } from '../contract/status.ts'
import type { LogWriter } from './log-writer.ts'
import { type CheckedEntry, checkEntry, type LogEntryMessage } from './model/entry-message.ts'
import type { LogEntry, LogResource } from './model/log-entry.ts'

export interface WriteLogEntriesRequest {
  logName: string
  resource?: LogResource | null
  labels: Labels
  entries: LogEntryMessage[]
  partialSuccess: boolean
  dryRun: boolean
}

const PARTIAL_ERRORS = 'google.logging.v2.WriteLogEntriesPartialErrors'

/**
 * Executes WriteLogEntries: writes all entries, or with `partialSuccess` the valid ones. Throws INVALID_ARGUMENT with
 * the errors by index if any is invalid.
 */
export function writeLogEntries(
  request: WriteLogEntriesRequest,
  { writer, nowMicros }: { writer: LogWriter; nowMicros: number },
): object {
  const { logName, labels, entries, partialSuccess, dryRun } = request
  const defaults = { logName, labels, resource: request.resource ?? undefined }
  const checked = entries.map((message, index) =>
    checkEntry(message, { defaults, field: `entries[${index}]`, nowMicros }),
  )
  const problems = checked.flatMap((one, index) => ('problem' in one ? [{ index, message: one.problem }] : []))
  if (!dryRun && (problems.length === 0 || partialSuccess)) store(checked, writer)
  const [first] = problems
  if (!first) return {}
  const refused = partialSuccess ? problems.length : entries.length
  writer.refuse({
    project: projectIn(checked),
    reason: 'log_entry',
    status: 'INVALID_ARGUMENT',
    message: first.message,
    points: refused,
    subject: `entry of ${entries[first.index]?.logName || logName || 'no log'}`,
  })
  throw partialError(problems, { total: entries.length, partialSuccess })
}

function store(checked: readonly CheckedEntry[], writer: LogWriter): void {
  const byProject = new Map<string, LogEntry[]>()
  for (const one of checked) {
    if ('problem' in one) continue
    const list = byProject.get(one.projectId)
    if (list) list.push(one.entry)
    else byProject.set(one.projectId, [one.entry])
  }
  for (const [projectId, list] of byProject) writer.write(projectId, list)
}

function projectIn(checked: readonly CheckedEntry[]): string {
  for (const one of checked) if ('projectId' in one) return one.projectId
  return ''
}

function partialError(
  problems: readonly { index: number; message: string }[],
  { total, partialSuccess }: { total: number; partialSuccess: boolean },
): RpcError {
  const logEntryErrors = Object.fromEntries(
    problems
      .slice(0, 20)
      .map(({ index, message }) => [index, { code: STATUS_CODES.INVALID_ARGUMENT, message, details: [] }]),
  )
  const written = partialSuccess ? `; the other ${total - problems.length} were written` : '; none was written'
  const message = total === 1 ? (problems[0]?.message ?? '') : `${problems[0]?.message}${written}`
  return new RpcError('INVALID_ARGUMENT', message, {
    details: [{ typeName: PARTIAL_ERRORS, value: { logEntryErrors } }],
  })
}
