import { checkedProjectId } from '../../api/resource-name.ts'
import { fieldMessage, invalidArgument } from '../../api/rpc-error.ts'
import { shortened } from '../../api/shortened.ts'
import type { Labels } from '../../contract/metrics.ts'
import type { JsonObject } from '../../protos/json-fields.ts'
import { fromJson, toJson } from '../../protos/proto-json.ts'
import { messageCodec, registry } from '../../protos/registry.ts'
import { type TimestampMessage, timestampToMicros } from '../../protos/timestamp.ts'
import { entryJson } from './entry-json.ts'
import { bytesOfEntry, type LogEntry, type LogResource, type LogTime } from './log-entry.ts'

/** `google.logging.v2.LogEntry`. */
export interface LogEntryMessage {
  logName: string
  resource?: { type: string; labels: Labels } | null
  payload?: 'protoPayload' | 'textPayload' | 'jsonPayload'
  protoPayload?: object | null
  textPayload?: string
  jsonPayload?: object | null
  timestamp?: TimestampMessage | null
  severity: number
  insertId: string
  httpRequest?: object | null
  labels: Labels
  operation?: object | null
  trace: string
  spanId: string
  traceSampled: boolean
  sourceLocation?: object | null
  split?: object | null
}

/** What a request says for all entries that don't say it themselves. */
export interface EntryDefaults {
  readonly logName: string
  readonly resource: LogResource | undefined
  readonly labels: Labels
}

/** The entry of a message, or why it can't be written. */
export type CheckedEntry = { readonly projectId: string; readonly entry: LogEntry } | { readonly problem: string }

const logEntryCodec = messageCodec<LogEntryMessage>('google.logging.v2.LogEntry')

const LOG_NAME = /^projects\/([^/]+)\/logs\/([^/]+)$/
const LOG_ID = /^[A-Za-z0-9/_.-]+$/
const MAX_LOG_ID = 512
const MAX_ENTRY_BYTES = 256 * 1024
const DAY_MICROS = 86_400e6

const struct = registry.lookupType('google.protobuf.Struct')
const any = registry.lookupType('google.protobuf.Any')
const PARTS = {
  httpRequest: registry.lookupType('google.logging.type.HttpRequest'),
  operation: registry.lookupType('google.logging.v2.LogEntryOperation'),
  sourceLocation: registry.lookupType('google.logging.v2.LogEntrySourceLocation'),
  split: registry.lookupType('google.logging.v2.LogSplit'),
} as const

let created = 0

/** An insert ID of the emulator's own, which sorts by arrival. */
export function newInsertId(receiveMicros: number): string {
  created++
  return `${receiveMicros.toString(36)}${(created % 36 ** 6).toString(36).padStart(6, '0')}`
}

/** Checks a message of WriteLogEntries. `field` is its path, such as `entries[0]`. */
export function checkEntry(
  message: LogEntryMessage,
  { defaults, field, nowMicros }: { defaults: EntryDefaults; field: string; nowMicros: number },
): CheckedEntry {
  const name = message.logName || defaults.logName
  const project = projectOfLog(name)
  if ('problem' in project) return { problem: fieldMessage(`${field}.log_name`, name, project.problem) }
  const resource = message.resource ?? defaults.resource
  if (!resource || resource.type === '')
    return { problem: fieldMessage(`${field}.resource`, undefined, 'A monitored resource with its type is required.') }
  const time = message.timestamp ? timeOf(message.timestamp) : { micros: nowMicros, restNanos: 0 }
  if (time.micros > nowMicros + DAY_MICROS)
    return { problem: fieldMessage(`${field}.timestamp`, undefined, 'It is more than 24 hours in the future.') }
  const entry: LogEntry = {
    logName: name,
    resource: withProject(resource, project.projectId),
    time,
    receiveMicros: nowMicros,
    severity: message.severity,
    insertId: message.insertId || newInsertId(nowMicros),
    labels: { ...defaults.labels, ...message.labels },
    trace: message.trace,
    spanId: message.spanId,
    traceSampled: message.traceSampled,
    ...payloadOf(message),
    ...partsOf(message),
  }
  const bytes = bytesOfEntry(entry)
  if (bytes > MAX_ENTRY_BYTES)
    return {
      problem: `Log entry with size ${(bytes / 1024).toFixed(1)}K exceeds maximum size of ${(MAX_ENTRY_BYTES / 1024).toFixed(1)}K (${field}).`,
    }
  return { projectId: project.projectId, entry }
}

/** An entry as a message of the API. */
export function entryMessage(entry: LogEntry): object {
  return fromJson(logEntryCodec.type, entryJson(entry), '')
}

/** The project of a log's name such as `projects/P/logs/ID`, whose ID is percent-encoded. */
export function projectOfLog(name: string): { projectId: string } | { problem: string } {
  const [, project, encoded = ''] = LOG_NAME.exec(name) ?? []
  if (project === undefined)
    return { problem: 'It must have the form projects/[PROJECT_ID]/logs/[LOG_ID], with the ID URL-encoded.' }
  const id = decoded(encoded)
  if (id === undefined || id.length > MAX_LOG_ID || !LOG_ID.test(id))
    return {
      problem: `[LOG_ID] may have letters, digits, "/", "_", "-" and ".", URL-encoded, at most ${MAX_LOG_ID}.`,
    }
  return { projectId: checkedProjectId(project) }
}

/** The name of a log with its ID encoded, from one whose ID REST has decoded. Throws INVALID_ARGUMENT. */
export function encodedLogName(name: string): { projectId: string; logName: string } {
  const [, project = '', id = ''] = /^projects\/([^/]+)\/logs\/(.+)$/.exec(name) ?? []
  const logName = `projects/${project}/logs/${encodeURIComponent(decoded(id) ?? id)}`
  const found = projectOfLog(logName)
  if ('problem' in found) throw invalidArgument(fieldMessage('log_name', shortened(name), found.problem))
  return { projectId: found.projectId, logName }
}

function decoded(id: string): string | undefined {
  try {
    return decodeURIComponent(id)
  } catch {
    return undefined
  }
}

function timeOf(timestamp: TimestampMessage): LogTime {
  return { micros: timestampToMicros(timestamp), restNanos: (timestamp.nanos ?? 0) % 1000 }
}

function withProject({ type, labels }: LogResource, projectId: string): LogResource {
  return { type, labels: labels.project_id === undefined ? { ...labels, project_id: projectId } : labels }
}

function payloadOf(message: LogEntryMessage): Pick<LogEntry, 'textPayload' | 'jsonPayload' | 'protoPayload'> {
  if (message.payload === 'textPayload') return { textPayload: message.textPayload ?? '' }
  if (message.jsonPayload) return { jsonPayload: toJson(struct, message.jsonPayload) as JsonObject }
  return message.protoPayload ? { protoPayload: toJson(any, message.protoPayload) as JsonObject } : {}
}

function partsOf(message: LogEntryMessage): Pick<LogEntry, keyof typeof PARTS> {
  const parts: { -readonly [Name in keyof typeof PARTS]?: JsonObject } = {}
  for (const name of Object.keys(PARTS) as (keyof typeof PARTS)[]) {
    const part = message[name]
    if (part) parts[name] = toJson(PARTS[name], part) as JsonObject
  }
  return parts
}
