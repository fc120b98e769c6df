import { TRACE_FIELDS } from '../logs/logger.ts'
import { ProtobufWriter } from '../tracing/export/otlp/protobuf-writer.ts'
import { toAttributes, writeMessage } from './encode.ts'
import { nanosecondsOf, severityNumberOf } from './logs-request.ts'
import { RESOURCE, SCOPE } from './messages.ts'
import type { Origin } from './metrics-request.ts'

/** What a line of this repository's services takes, so that the buffer rarely grows. */
const EXPECTED_LINE_BYTES = 512
/** Three bytes of length are right for 16 KiB and more, two for 128 bytes and more. */
const LONG = 3
const MIDDLE = 2
const TWO_TO_32 = 2n ** 32n

/** The fields of a line that are not attributes. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  'severity',
  'time',
  'message',
  'stack_trace',
  ...Object.values(TRACE_FIELDS),
])

/**
 * Log lines as an ExportLogsServiceRequest in protobuf: the bytes that {@link logsRequest} and the encoder of any message give, at a third of the time, since
 * there may be a line for each request.
 */
export function encodeLogs(lines: readonly string[], { attributes, scope }: Origin): Uint8Array {
  const writer = new ProtobufWriter(lines.length * EXPECTED_LINE_BYTES)
  const resourceLogs = writer.beginMessage(1, LONG)
  const resource = writer.beginMessage(1)
  writeMessage(writer, RESOURCE, { attributes: toAttributes(attributes) })
  writer.endMessage(resource)
  const scopeLogs = writer.beginMessage(2, LONG)
  const own = writer.beginMessage(1)
  writeMessage(writer, SCOPE, scope)
  writer.endMessage(own)
  for (const line of lines) {
    const record = writer.beginMessage(2, MIDDLE)
    writeRecord(writer, JSON.parse(line))
    writer.endMessage(record, MIDDLE)
  }
  writer.endMessage(scopeLogs, LONG)
  writer.endMessage(resourceLogs, LONG)
  return writer.bytes
}

function writeRecord(writer: ProtobufWriter, line: Readonly<Record<string, unknown>>): void {
  const severity = String(line.severity)
  writeTime(writer, 1, line.time)
  writeTime(writer, 11, line.time)
  writer.integer(2, severityNumberOf(severity))
  writer.string(3, severity)
  const body = writer.beginMessage(5)
  writer.string(1, String(line.message ?? ''))
  writer.endMessage(body)
  for (const name in line) if (!OWN_FIELDS.has(name)) writeAttributes(writer, name, line[name])
  if (line.stack_trace !== undefined) writeAttribute(writer, 'exception.stacktrace', line.stack_trace)
  const { [TRACE_FIELDS.sampled]: isSampled, [TRACE_FIELDS.trace]: traceId, [TRACE_FIELDS.spanId]: spanId } = line
  if (typeof isSampled === 'boolean') writer.fixed32(8, isSampled ? 1 : 0)
  if (typeof traceId === 'string') writer.hex(9, traceId)
  if (typeof spanId === 'string') writer.hex(10, spanId)
}

let lastTime: unknown
let lastHigh = 0
let lastLow = 0

/** Many lines have the time of the one before. */
function writeTime(writer: ProtobufWriter, field: number, time: unknown): void {
  if (time === undefined || time !== lastTime) {
    const nanoseconds = BigInt(nanosecondsOf(time))
    lastHigh = Number(nanoseconds / TWO_TO_32)
    lastLow = Number(nanoseconds % TWO_TO_32)
    lastTime = time
  }
  writer.fixed64(field, lastHigh, lastLow)
}

/** An object as attributes of their own, one level deep: `httpRequest.status`. */
function writeAttributes(writer: ProtobufWriter, name: string, value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) writeAttribute(writer, name, value)
  else for (const [inner, innerValue] of Object.entries(value)) writeAttribute(writer, `${name}.${inner}`, innerValue)
}

function writeAttribute(writer: ProtobufWriter, key: string, value: unknown): void {
  if (value === undefined || value === null) return
  const attribute = writer.beginMessage(6)
  writer.string(1, key)
  const own = writer.beginMessage(2)
  writeValue(writer, value)
  writer.endMessage(own)
  writer.endMessage(attribute)
}

function writeValue(writer: ProtobufWriter, value: unknown): void {
  if (typeof value === 'string') writer.string(1, value)
  else if (typeof value === 'boolean') writer.integer(2, value ? 1 : 0)
  else if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) writer.integer(3, value)
    else writer.double(4, value)
  } else if (Array.isArray(value) && value.every((each) => typeof each !== 'object')) {
    const list = writer.beginMessage(5)
    for (const each of value) {
      const item = writer.beginMessage(1)
      writeValue(writer, each)
      writer.endMessage(item)
    }
    writer.endMessage(list)
  } else writer.string(1, JSON.stringify(value) ?? '')
}
