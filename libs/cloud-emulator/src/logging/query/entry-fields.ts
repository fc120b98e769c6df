import type { JsonObject } from '../../protos/json-fields.ts'
import { type LogEntry, severityName } from '../model/log-entry.ts'
import { timeText } from '../model/log-time.ts'

/** How a field's values compare. */
export type FieldType = 'text' | 'severity' | 'time' | 'receive-time' | 'json'

/** A field of entries. A `json` field may have no value, one, or one for each item of the lists on its path. */
export interface EntryField {
  readonly type: FieldType
  readonly read: (entry: LogEntry) => unknown
  /** Payloads and labels may contain any name; a missing value does not equal anything. */
  readonly open: boolean
}

const TEXT_FIELDS: ReadonlyMap<string, (entry: LogEntry) => unknown> = new Map([
  ['logName', ({ logName }: LogEntry): unknown => logName],
  ['insertId', ({ insertId }: LogEntry): unknown => insertId],
  ['textPayload', ({ textPayload }: LogEntry): unknown => textPayload ?? ''],
  ['trace', ({ trace }: LogEntry): unknown => trace],
  ['spanId', ({ spanId }: LogEntry): unknown => spanId],
])
const OBJECTS = ['jsonPayload', 'protoPayload', 'httpRequest', 'operation', 'sourceLocation', 'split'] as const
const PAYLOADS: ReadonlySet<string> = new Set(['jsonPayload', 'protoPayload'])

/** The field of entries at a path; undefined if entries have no such field. */
export function entryField(names: readonly string[]): EntryField | undefined {
  const [first = '', ...rest] = names
  const name = camelCase(first)
  const read = TEXT_FIELDS.get(name)
  if (read) return rest.length === 0 ? { type: 'text', read, open: false } : undefined
  if (rest.length === 0 && name === 'severity')
    return { type: 'severity', read: ({ severity }) => severity, open: false }
  if (rest.length === 0 && name === 'timestamp') return { type: 'time', read: ({ time }) => time, open: false }
  if (rest.length === 0 && name === 'receiveTimestamp')
    return { type: 'receive-time', read: ({ receiveMicros }) => ({ micros: receiveMicros, restNanos: 0 }), open: false }
  if (rest.length === 0 && name === 'traceSampled')
    return { type: 'json', read: ({ traceSampled }) => traceSampled, open: false }
  if (name === 'labels') return labelField(rest, ({ labels }) => labels)
  if (name === 'resource') return resourceField(rest)
  const object = OBJECTS.find((candidate) => candidate === name)
  if (!object) return undefined
  const path = PAYLOADS.has(object) ? rest : rest.map(camelCase)
  return { type: 'json', read: (entry) => valueAt(entry[object], path, 0), open: true }
}

function resourceField([first, ...rest]: readonly string[]): EntryField | undefined {
  if (first === undefined) return { type: 'json', read: ({ resource }) => resource, open: true }
  if (first === 'type')
    return rest.length === 0 ? { type: 'text', read: ({ resource }) => resource.type, open: false } : undefined
  return first === 'labels' ? labelField(rest, ({ resource }) => resource.labels) : undefined
}

/** A label's key may contain dots, even unquoted. */
function labelField(
  names: readonly string[],
  labelsOf: (entry: LogEntry) => Readonly<Record<string, string>>,
): EntryField {
  if (names.length === 0) return { type: 'json', read: labelsOf, open: true }
  const key = names.join('.')
  const read = (entry: LogEntry): unknown => {
    const labels = labelsOf(entry)
    return Object.hasOwn(labels, key) ? labels[key] : undefined
  }
  return { type: 'json', read, open: true }
}

/** The value at a path; a list on the path yields the values of all of its items. */
function valueAt(value: unknown, path: readonly string[], index: number): unknown {
  if (Array.isArray(value)) {
    if (index === path.length) return value
    return value.map((item) => valueAt(item, path, index)).filter((item) => item !== undefined)
  }
  const name = path[index]
  if (name === undefined) return value
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return valueAt((value as JsonObject)[name], path, index + 1)
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** Whether any string of an entry passes a test: in its payload, labels, resource or names. */
export function hasText(entry: LogEntry, test: (text: string) => boolean): boolean {
  const { textPayload, logName, insertId, trace, spanId, resource, labels, severity } = entry
  if (textPayload !== undefined && test(textPayload)) return true
  if (hasTextIn(entry.jsonPayload, test) || hasTextIn(entry.protoPayload, test)) return true
  if (hasTextIn(labels, test) || hasTextIn(resource.labels, test)) return true
  if ([logName, insertId, trace, spanId, resource.type, severityName(severity)].some(test)) return true
  if (hasTextIn(entry.httpRequest, test) || hasTextIn(entry.operation, test) || hasTextIn(entry.sourceLocation, test))
    return true
  return test(timeText(entry.time))
}

function hasTextIn(value: unknown, test: (text: string) => boolean): boolean {
  if (typeof value === 'string') return test(value)
  if (typeof value === 'number' || typeof value === 'boolean') return test(String(value))
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return value.some((item) => hasTextIn(item, test))
  for (const key in value) if (hasTextIn((value as JsonObject)[key], test)) return true
  return false
}
