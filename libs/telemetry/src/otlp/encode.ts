import { ProtobufWriter } from '../tracing/export/otlp/protobuf-writer.ts'
import type { MessageSchema } from './messages.ts'

/** A message in the form of OTLP's JSON encoding. */
export type Message = Readonly<Record<string, unknown>>

const EXPECTED_BYTES = 16_384

/**
 * Encodes a message in protobuf. Undefined fields are omitted, as are those with the default value, except for members
 * of a oneof, which never have it here.
 */
export function encodeProtobuf(schema: MessageSchema, message: Message): Uint8Array {
  const writer = new ProtobufWriter(EXPECTED_BYTES)
  writeMessage(writer, schema, message)
  return writer.bytes
}

/** Writes the fields of a message. */
export function writeMessage(writer: ProtobufWriter, schema: MessageSchema, message: Message): void {
  for (const name in message) {
    const field = schema[name]
    const value = message[name]
    if (field === undefined || value === undefined) continue
    const [number, type] = field
    for (const each of Array.isArray(value) ? value : [value]) {
      if (typeof type === 'object') {
        const start = writer.beginMessage(number)
        writeMessage(writer, type, each as Message)
        writer.endMessage(start)
      } else writeScalar(writer, number, type, each)
    }
  }
}

function writeScalar(writer: ProtobufWriter, field: number, type: string, value: unknown): void {
  switch (type) {
    case 'string':
      writer.string(field, String(value))
      break
    case 'double':
      writer.double(field, Number(value))
      break
    case 'bool':
      writer.integer(field, value === true ? 1 : 0)
      break
    case 'varint':
    case 'int64':
      writer.integer(field, Number(value))
      break
    case 'sint32': {
      const integer = Number(value)
      writer.integer(field, ((integer << 1) ^ (integer >> 31)) >>> 0)
      break
    }
    case 'fixed32':
      writer.fixed32(field, Number(value))
      break
    case 'fixed64': {
      const integer = BigInt(String(value))
      writer.fixed64(field, Number(integer >> 32n), Number(integer & 0xffff_ffffn))
      break
    }
    default:
      writer.hex(field, String(value))
  }
}

/**
 * Encodes a message in OTLP's JSON; numbers that JSON can't represent are strings:
 * https://protobuf.dev/programming-guides/json/.
 */
export function encodeJson(message: Message): Uint8Array {
  return Buffer.from(
    JSON.stringify(message, (_name, value: unknown) =>
      typeof value !== 'number' || Number.isFinite(value) ? value : String(value),
    ),
  )
}

/** A count as a 64-bit integer. */
export function toUint64(count: number): string {
  return Number.isFinite(count) ? BigInt(Math.max(0, Math.round(count))).toString() : '0'
}

/** A time in seconds since 1970 as nanoseconds, to the microsecond. */
export function toNanoseconds(seconds: number): string {
  return `${Math.round(seconds * 1e6)}000`
}

/** Attributes in the form of OTLP; undefined and null values are omitted. */
export function toAttributes(attributes: Readonly<Record<string, unknown>>): Message[] {
  return Object.entries(attributes)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([key, value]) => ({ key, value: toAnyValue(value) }))
}

function toAnyValue(value: unknown): Message {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number')
    return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value }
  if (Array.isArray(value) && value.every((each) => typeof each !== 'object'))
    return { arrayValue: { values: value.map(toAnyValue) } }
  return { stringValue: JSON.stringify(value) ?? '' }
}
