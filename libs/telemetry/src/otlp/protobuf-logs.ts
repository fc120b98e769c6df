import { TraceFlags } from '@opentelemetry/api'
import { TRACE_FIELDS } from '../logs/logger.ts'
import { messageOfRequest, type RequestLine } from '../logs/request-line.ts'
import { ProtobufWriter, varintBytes } from '../tracing/export/otlp/protobuf-writer.ts'
import { toAttributes, writeMessage } from './encode.ts'
import { nanosecondsOf, severityNumberOf } from './logs-request.ts'
import { RESOURCE, SCOPE } from './messages.ts'
import type { Origin } from './metrics-request.ts'

/** Of the length prefix of a record: two bytes for records of 128 bytes to 16 KiB. */
const RECORD_LENGTH_BYTES = 2
const TWO_TO_32 = 2n ** 32n
const INFO = 'INFO'

/** The initial size of a buffer; later ones have the size of the previous batch. */
const MIN_BYTES = 4_096
let expectedBytes = MIN_BYTES

/** The fields of a line that are not attributes. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  'severity',
  'time',
  'message',
  'stack_trace',
  ...Object.values(TRACE_FIELDS),
])

/**
 * An ExportLogsServiceRequest in protobuf to which lines are added: the same bytes that {@link logsRequest} and the
 * generic encoder produce, in a fraction of the time, since there may be a line for each request. The lines themselves
 * are not kept, since every garbage collection would copy those that wait for their batch.
 */
export class ProtobufLogs {
  readonly #records = new ProtobufWriter(expectedBytes)
  #size = 0
  /**
   * The last line of a request, and the position in its record of what it has in common with similar ones: its
   * severity, its message and all attributes but its latency.
   */
  #last: RequestLine | undefined
  #lastFields = ''
  #commonStart = 0
  #commonEnd = 0

  /** The number of lines. */
  get size(): number {
    return this.#size
  }

  /** Their bytes. */
  get length(): number {
    return this.#records.position
  }

  /** Adds a line of JSON. */
  push(line: string): void {
    const parsed = JSON.parse(line)
    const record = this.#records.beginMessage(2, RECORD_LENGTH_BYTES)
    writeRecord(this.#records, parsed)
    this.#records.endMessage(record, RECORD_LENGTH_BYTES)
    this.#size++
  }

  /** Adds the line of a request, which also has these `fields`. */
  pushRequest(line: RequestLine, fields: string): void {
    const writer = this.#records
    const record = writer.beginMessage(2, RECORD_LENGTH_BYTES)
    writeTimes(writer, Date.now())
    this.#writeCommon(line, fields)
    writeAttribute(writer, 'httpRequest.latency', line.latency)
    const { span } = line
    if (span !== undefined) {
      writer.fixed32(8, span.traceFlags & TraceFlags.SAMPLED)
      writer.hex(9, span.traceId)
      writer.hex(10, span.spanId)
    }
    const moved = writer.endMessage(record, RECORD_LENGTH_BYTES)
    this.#commonStart += moved
    this.#commonEnd += moved
    this.#size++
  }

  #writeCommon(line: RequestLine, fields: string): void {
    const writer = this.#records
    const start = writer.position
    if (this.#last !== undefined && isLike(this.#last, line) && this.#lastFields === fields) {
      writer.repeat(this.#commonStart, this.#commonEnd)
    } else {
      writer.integer(2, severityNumberOf(INFO))
      writer.string(3, INFO)
      writeBody(writer, messageOfRequest(line))
      writer.append(encodedFields(fields))
      writeAttribute(writer, 'httpRequest.requestMethod', line.method)
      writeAttribute(writer, 'httpRequest.requestUrl', line.url)
      writeAttribute(writer, 'httpRequest.status', line.status)
      writeAttribute(writer, 'httpRequest.userAgent', line.userAgent)
      writeAttribute(writer, 'httpRequest.remoteIp', line.remoteIp)
      this.#last = line
      this.#lastFields = fields
    }
    this.#commonStart = start
    this.#commonEnd = writer.position
  }

  /** Encodes the request. */
  serialize({ attributes, scope }: Origin): Uint8Array {
    const records = this.#records.bytes
    const lengthBytes = varintBytes(records.length)
    const writer = new ProtobufWriter(records.length + MIN_BYTES)
    const resourceLogs = writer.beginMessage(1, lengthBytes)
    const resource = writer.beginMessage(1)
    writeMessage(writer, RESOURCE, { attributes: toAttributes(attributes) })
    writer.endMessage(resource)
    const scopeLogs = writer.beginMessage(2, lengthBytes)
    const own = writer.beginMessage(1)
    writeMessage(writer, SCOPE, scope)
    writer.endMessage(own)
    writer.append(records)
    writer.endMessage(scopeLogs, lengthBytes)
    writer.endMessage(resourceLogs, lengthBytes)
    expectedBytes = Math.max(MIN_BYTES, Math.ceil(records.length * 1.25))
    return writer.bytes
  }
}

let lastFields = ''
let lastEncodedFields: Uint8Array = new Uint8Array()

/** The fields that all lines share, as attributes. */
function encodedFields(fields: string): Uint8Array {
  if (fields !== lastFields) {
    const writer = new ProtobufWriter(MIN_BYTES)
    const attributes: Readonly<Record<string, unknown>> = JSON.parse(`{${fields.slice(1)}}`)
    for (const name in attributes) writeAttributes(writer, name, attributes[name])
    lastFields = fields
    lastEncodedFields = writer.bytes
  }
  return lastEncodedFields
}

function isLike(one: RequestLine, other: RequestLine): boolean {
  return (
    one.url === other.url &&
    one.status === other.status &&
    one.method === other.method &&
    one.userAgent === other.userAgent &&
    one.remoteIp === other.remoteIp
  )
}

function writeRecord(writer: ProtobufWriter, line: Readonly<Record<string, unknown>>): void {
  const severity = String(line.severity)
  writeTimes(writer, line.time === undefined ? Date.now() : String(line.time))
  writer.integer(2, severityNumberOf(severity))
  writer.string(3, severity)
  writeBody(writer, String(line.message ?? ''))
  for (const name in line) if (!OWN_FIELDS.has(name)) writeAttributes(writer, name, line[name])
  if (line.stack_trace !== undefined) writeAttribute(writer, 'exception.stacktrace', line.stack_trace)
  const { [TRACE_FIELDS.sampled]: isSampled, [TRACE_FIELDS.trace]: traceId, [TRACE_FIELDS.spanId]: spanId } = line
  if (typeof isSampled === 'boolean') writer.fixed32(8, isSampled ? 1 : 0)
  if (typeof traceId === 'string') writer.hex(9, traceId)
  if (typeof spanId === 'string') writer.hex(10, spanId)
}

function writeBody(writer: ProtobufWriter, message: string): void {
  const body = writer.beginMessage(5)
  writer.string(1, message)
  writer.endMessage(body)
}

let lastTime: string | number | undefined
let lastHigh = 0
let lastLow = 0

/**
 * When a line was written and observed, from the line or in milliseconds since 1970; many have the same time as the
 * previous one.
 */
function writeTimes(writer: ProtobufWriter, time: string | number): void {
  if (time !== lastTime) {
    const nanoseconds = BigInt(typeof time === 'number' ? `${time}000000` : nanosecondsOf(time))
    lastHigh = Number(nanoseconds / TWO_TO_32)
    lastLow = Number(nanoseconds % TWO_TO_32)
    lastTime = time
  }
  writer.fixed64(1, lastHigh, lastLow)
  writer.fixed64(11, lastHigh, lastLow)
}

/** Flattens an object into attributes of their own, one level deep: `httpRequest.status`. */
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
