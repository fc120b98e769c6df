import type { Labels } from '../../contract/metrics.ts'
import type { JsonObject } from '../../protos/json-fields.ts'

/** `google.logging.type.LogSeverity` by name. */
export const SEVERITIES = {
  DEFAULT: 0,
  DEBUG: 100,
  INFO: 200,
  NOTICE: 300,
  WARNING: 400,
  ERROR: 500,
  CRITICAL: 600,
  ALERT: 700,
  EMERGENCY: 800,
} as const

export type SeverityName = keyof typeof SEVERITIES

/** The monitored resource that an entry is about; entries share it. */
export interface LogResource {
  readonly type: string
  readonly labels: Labels
}

/** A timestamp in microseconds, and the remaining nanoseconds. */
export interface LogTime {
  readonly micros: number
  readonly restNanos: number
}

/** A stored entry, from either API. Missing parts are empty or undefined. */
export interface LogEntry {
  readonly logName: string
  readonly resource: LogResource
  readonly time: LogTime
  readonly receiveMicros: number
  readonly severity: number
  readonly insertId: string
  readonly labels: Labels
  /** As it was written: `projects/P/traces/ID`, or only the ID. */
  readonly trace: string
  readonly spanId: string
  readonly traceSampled: boolean
  readonly textPayload?: string
  readonly jsonPayload?: JsonObject
  readonly protoPayload?: JsonObject
  /** The parts that few entries have, as JSON. */
  readonly httpRequest?: JsonObject
  readonly operation?: JsonObject
  readonly sourceLocation?: JsonObject
  readonly split?: JsonObject
}

const NAMES = new Map<number, SeverityName>(
  (Object.entries(SEVERITIES) as [SeverityName, number][]).map(([name, number]) => [number, name]),
)

/** The name of a severity, or its number if it has no name. */
export function severityName(severity: number): string {
  return NAMES.get(severity) ?? String(severity)
}

/** The severity with a name, ignoring case. */
export function severityOfName(name: string): number | undefined {
  const upper = name.toUpperCase()
  return Object.hasOwn(SEVERITIES, upper) ? SEVERITIES[upper as SeverityName] : undefined
}

/** The ID of the trace that an entry belongs to; empty if it belongs to none. */
export function traceIdOf({ trace }: Pick<LogEntry, 'trace'>): string {
  return trace.slice(trace.lastIndexOf('/') + 1)
}

/** The order of entries: by time, then by their unique key. */
export function compareEntries(a: LogEntry, b: LogEntry): number {
  return (
    a.time.micros - b.time.micros ||
    a.time.restNanos - b.time.restNanos ||
    compareTexts(a.insertId, b.insertId) ||
    compareTexts(a.logName, b.logName)
  )
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Estimated memory of an entry, a label or a value, without its strings. */
const ENTRY_BYTES = 260
const PART_BYTES = 48

/** The estimated memory of an entry, without what it shares with other entries. */
export function bytesOfEntry(entry: LogEntry): number {
  let bytes = ENTRY_BYTES + entry.insertId.length + entry.trace.length + (entry.textPayload?.length ?? 0)
  for (const key of Object.keys(entry.labels)) bytes += PART_BYTES + key.length + (entry.labels[key]?.length ?? 0)
  for (const part of [
    entry.jsonPayload,
    entry.protoPayload,
    entry.httpRequest,
    entry.operation,
    entry.sourceLocation,
    entry.split,
  ])
    if (part) bytes += bytesOfJson(part)
  return bytes
}

function bytesOfJson(value: unknown): number {
  if (typeof value === 'string') return PART_BYTES + value.length
  if (typeof value !== 'object' || value === null) return PART_BYTES
  let bytes = PART_BYTES
  if (Array.isArray(value)) for (const item of value) bytes += bytesOfJson(item)
  else for (const key in value) bytes += key.length + bytesOfJson((value as JsonObject)[key])
  return bytes
}
