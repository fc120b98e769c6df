import { status } from '@grpc/grpc-js'
import { ProtobufReader } from '../protobuf/protobuf-reader.ts'

/** The content of `CreateTimeSeriesSummary`: how many points were written, and which errors there were. */
export interface WriteSummary {
  readonly totalPoints: number
  readonly successPoints: number
  readonly errors: readonly WriteError[]
}

interface WriteError {
  readonly code: number
  readonly message: string
  readonly points: number
}

/**
 * Tags (number and wire type) of the fields of `google.rpc.Status`, `google.protobuf.Any` and
 * `CreateTimeSeriesSummary`.
 */
const STATUS_CODE = 0x08
const STATUS_MESSAGE = 0x12
const STATUS_DETAILS = 0x1a
const ANY_TYPE_URL = 0x0a
const ANY_VALUE = 0x12
const SUMMARY_TOTAL_POINTS = 0x08
const SUMMARY_SUCCESS_POINTS = 0x10
const SUMMARY_ERRORS = 0x1a
const ERROR_STATUS = 0x0a
const ERROR_POINTS = 0x10

const SUMMARY_TYPE = '/google.monitoring.v3.CreateTimeSeriesSummary'

/** The summary in the details of an error, an encoded `google.rpc.Status`; undefined if it has none, or is not one. */
export function writeSummaryOf(details: Uint8Array): WriteSummary | undefined {
  try {
    return summaryInStatus(new ProtobufReader(Buffer.from(details)))
  } catch {
    return undefined
  }
}

function summaryInStatus(reader: ProtobufReader): WriteSummary | undefined {
  const { length } = reader.bytes
  while (reader.position < length) {
    const tag = reader.varint()
    if (tag !== STATUS_DETAILS) {
      reader.skip(tag, length)
      continue
    }
    const summary = summaryInAny(reader, reader.messageEnd(length))
    if (summary !== undefined) return summary
  }
  return undefined
}

function summaryInAny(reader: ProtobufReader, end: number): WriteSummary | undefined {
  let type = ''
  let value: Buffer | undefined
  while (reader.position < end) {
    const tag = reader.varint()
    if (tag === ANY_TYPE_URL) type = reader.text(end)
    else if (tag === ANY_VALUE) {
      const valueEnd = reader.messageEnd(end)
      value = reader.bytes.subarray(reader.position, valueEnd)
      reader.position = valueEnd
    } else reader.skip(tag, end)
  }
  return type.endsWith(SUMMARY_TYPE) && value !== undefined ? readSummary(new ProtobufReader(value)) : undefined
}

function readSummary(reader: ProtobufReader): WriteSummary {
  const { length } = reader.bytes
  let totalPoints = 0
  let successPoints = 0
  const errors: WriteError[] = []
  while (reader.position < length) {
    const tag = reader.varint()
    if (tag === SUMMARY_TOTAL_POINTS) totalPoints = reader.int64()
    else if (tag === SUMMARY_SUCCESS_POINTS) successPoints = reader.int64()
    else if (tag === SUMMARY_ERRORS) errors.push(readError(reader, reader.messageEnd(length)))
    else reader.skip(tag, length)
  }
  return { totalPoints, successPoints, errors }
}

function readError(reader: ProtobufReader, end: number): WriteError {
  let points = 0
  let reason = { code: status.UNKNOWN as number, message: '' }
  while (reader.position < end) {
    const tag = reader.varint()
    if (tag === ERROR_STATUS) reason = readStatus(reader, reader.messageEnd(end))
    else if (tag === ERROR_POINTS) points = reader.int64()
    else reader.skip(tag, end)
  }
  return { ...reason, points }
}

function readStatus(reader: ProtobufReader, end: number): { code: number; message: string } {
  let code = 0
  let message = ''
  while (reader.position < end) {
    const tag = reader.varint()
    if (tag === STATUS_CODE) code = reader.int64()
    else if (tag === STATUS_MESSAGE) message = reader.text(end)
    else reader.skip(tag, end)
  }
  return { code, message }
}
