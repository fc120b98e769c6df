import { TRACE_FIELDS } from '../logs/logger.ts'
import { encodeJson, type Message, toAttributes } from './encode.ts'
import type { Origin } from './metrics-request.ts'

/** https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber, by Cloud Logging's severities. */
const SEVERITY_NUMBERS: Readonly<Record<string, number>> = {
  DEBUG: 5,
  INFO: 9,
  WARNING: 13,
  ERROR: 17,
  CRITICAL: 21,
}

/** The severity's number; 0 if it is not one of Cloud Logging's. */
export function severityNumberOf(severity: string): number {
  return SEVERITY_NUMBERS[severity] ?? 0
}

/** The time of a line in nanoseconds since 1970; the current time if it can't be parsed. */
export function nanosecondsOf(time: unknown): string {
  return `${Date.parse(String(time)) || Date.now()}000000`
}

/** An ExportLogsServiceRequest in JSON to which lines are added. */
export class JsonLogs {
  readonly #lines: string[] = []
  #length = 0

  get size(): number {
    return this.#lines.length
  }

  /** Their characters. */
  get length(): number {
    return this.#length
  }

  push(line: string): void {
    this.#lines.push(line)
    this.#length += line.length
  }

  /** Encodes the request. */
  serialize(origin: Origin): Uint8Array {
    return encodeJson(logsRequest(this.#lines, origin))
  }
}

/** Log lines as an ExportLogsServiceRequest. */
export function logsRequest(lines: readonly string[], origin: Origin): Message {
  const { attributes, scope } = origin
  const resource = { attributes: toAttributes(attributes) }
  return { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: lines.map(toRecord) }] }] }
}

function toRecord(line: string): Message {
  const { severity, time, message, stack_trace: stack, ...fields } = JSON.parse(line) as Record<string, unknown>
  const { [TRACE_FIELDS.trace]: traceId, [TRACE_FIELDS.spanId]: spanId, ...attributes } = fields
  const isSampled = attributes[TRACE_FIELDS.sampled]
  delete attributes[TRACE_FIELDS.sampled]
  const timeUnixNano = nanosecondsOf(time)
  return {
    timeUnixNano,
    observedTimeUnixNano: timeUnixNano,
    severityNumber: severityNumberOf(String(severity)),
    severityText: String(severity),
    body: { stringValue: String(message ?? '') },
    attributes: toAttributes({ ...flat(attributes), ...(stack !== undefined && { 'exception.stacktrace': stack }) }),
    ...(typeof isSampled === 'boolean' && { flags: isSampled ? 1 : 0 }),
    ...(typeof traceId === 'string' && { traceId }),
    ...(typeof spanId === 'string' && { spanId }),
  }
}

/** Flattens objects into attributes of their own, one level deep: `httpRequest.status`. */
function flat(attributes: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) result[name] = value
    else for (const [inner, innerValue] of Object.entries(value)) result[`${name}.${inner}`] = innerValue
  }
  return result
}
