import { MAX_ENTRY_BYTES, newInsertId } from '../../logging/model/entry-message.ts'
import {
  bytesOfEntry,
  type LogEntry,
  type LogResource,
  type LogTime,
  severityOfName,
} from '../../logging/model/log-entry.ts'
import { type Int64Like, int64ToBigInt } from '../../protos/int64.ts'
import type { JsonObject } from '../../protos/json-fields.ts'
import { isSpanId, isTraceId } from '../../trace/span.ts'
import {
  type AnyValueMessage,
  hex,
  type PlainValue,
  plainAttributes,
  plainValue,
  type ScopeMessage,
  textValue,
} from '../any-value.ts'
import type { LogRecordMessage, ResourceLogsMessage } from './log-messages.ts'

/** What the records of a resource have in common. */
interface Context {
  readonly projectId: string
  readonly attributes: ReadonlyMap<string, string>
  readonly resource: LogResource
  readonly nowMicros: number
}

export interface RejectedRecord {
  readonly message: string
  readonly logName: string
}

const NAME_KEYS = [
  'gcp.log_name',
  'log_name',
  'event_name',
  'log.name',
  'gcp.log.name',
  'logging.googleapis.com/logName',
]
const HTTP_REQUEST = 'gcp.http_request'
const SERVICE_KEYS = ['service.name', 'service.namespace', 'service.instance.id']
const SAMPLED = 1
const DAY_MICROS = 86_400e6
/** By number from 0: each name has four numbers, of which the upper ones of INFO and FATAL are more severe. */
const SEVERITIES = [
  0, 100, 100, 100, 100, 100, 100, 100, 100, 200, 200, 300, 300, 400, 400, 400, 400, 500, 500, 500, 500, 600, 600, 700,
  800,
] as const
const OTHER_NAMES: ReadonlyMap<string, number> = new Map([
  ['TRACE', 100],
  ['WARN', 400],
  ['FATAL', 600],
])

/** The entries of an OTLP resource, and the records that can't be converted. */
export function entriesOfResource(
  { scopeLogs }: ResourceLogsMessage,
  context: Context,
): { entries: LogEntry[]; rejected: RejectedRecord[] } {
  const entries: LogEntry[] = []
  const rejected: RejectedRecord[] = []
  for (const { scope, logRecords } of scopeLogs) {
    const labels = commonLabels(scope, context)
    for (const record of logRecords) {
      const entry = entryOf(record, context, labels)
      const message = entryProblem(entry, context.nowMicros)
      if (message === undefined) entries.push(entry)
      else rejected.push({ message, logName: entry.logName })
    }
  }
  return { entries, rejected }
}

function entryProblem(entry: LogEntry, nowMicros: number): string | undefined {
  if (entry.time.micros > nowMicros + DAY_MICROS)
    return 'The time of the log record is more than 24 hours in the future.'
  const bytes = bytesOfEntry(entry)
  return bytes > MAX_ENTRY_BYTES
    ? `Log entry with size ${(bytes / 1024).toFixed(1)}K exceeds maximum size of 256.0K.`
    : undefined
}

function commonLabels(
  scope: ScopeMessage | null | undefined,
  { attributes }: Context,
): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {}
  for (const key of SERVICE_KEYS) {
    const value = attributes.get(key)
    if (value !== undefined) labels[key] = value
  }
  if (scope?.name) labels.instrumentation_source = scope.name
  if (scope?.version) labels.instrumentation_version = scope.version
  return labels
}

function entryOf(record: LogRecordMessage, context: Context, common: Readonly<Record<string, string>>): LogEntry {
  const { nowMicros, resource } = context
  const attributes = record.attributes.length > 0 ? plainAttributes(record.attributes) : {}
  const traceId = hex(record.traceId)
  const spanId = hex(record.spanId)
  const request = attributes[HTTP_REQUEST]
  return {
    logName: logNameOf(record, attributes, context),
    resource,
    time: timeOf(record, nowMicros),
    receiveMicros: nowMicros,
    severity: severityOf(record),
    insertId: newInsertId(nowMicros),
    labels: labelsOf(attributes, common),
    trace: isTraceId(traceId) ? traceId : '',
    spanId: isSpanId(spanId) ? spanId : '',
    traceSampled: (record.flags & SAMPLED) !== 0,
    ...payloadOf(record.body),
    ...(isObject(request) ? { httpRequest: request } : {}),
  }
}

function logNameOf(
  { eventName }: LogRecordMessage,
  attributes: Readonly<Record<string, PlainValue>>,
  { attributes: resource, projectId }: Context,
): string {
  let id = ''
  for (const key of NAME_KEYS) {
    const value = attributes[key]
    if (id === '' && typeof value === 'string') id = value
    if (id === '' && key === 'log_name') id = eventName
  }
  return `projects/${projectId}/logs/${encodeURIComponent((id || resource.get('service.name') || 'otlp').slice(0, 512))}`
}

function timeOf({ timeUnixNano, observedTimeUnixNano }: LogRecordMessage, nowMicros: number): LogTime {
  return readNanos(timeUnixNano) ?? readNanos(observedTimeUnixNano) ?? { micros: nowMicros, restNanos: 0 }
}

function readNanos(value: Int64Like): LogTime | undefined {
  const nanos = BigInt.asUintN(64, int64ToBigInt(value))
  return nanos === 0n ? undefined : { micros: Number(nanos / 1000n), restNanos: Number(nanos % 1000n) }
}

function severityOf({ severityNumber, severityText }: LogRecordMessage): number {
  const known = SEVERITIES[severityNumber]
  if (known !== undefined && severityNumber !== 0) return known
  return severityOfName(severityText) ?? OTHER_NAMES.get(severityText.toUpperCase()) ?? 0
}

function labelsOf(
  attributes: Readonly<Record<string, PlainValue>>,
  common: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const keys = Object.keys(attributes).filter((key) => key !== HTTP_REQUEST && !NAME_KEYS.includes(key))
  if (keys.length === 0) return common
  const labels: Record<string, string> = { ...common }
  for (const key of keys) labels[key] = textValue(attributes[key] ?? null)
  return labels
}

/** A map becomes a JSON payload, anything else a text payload. */
function payloadOf(body: AnyValueMessage | null | undefined): Pick<LogEntry, 'textPayload' | 'jsonPayload'> {
  const value = plainValue(body)
  if (isObject(value)) return { jsonPayload: value }
  return value === null ? {} : { textPayload: textValue(value) }
}

function isObject(value: PlainValue | undefined): value is { [key: string]: PlainValue } & JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
