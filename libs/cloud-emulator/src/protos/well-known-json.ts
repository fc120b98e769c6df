import protobuf from 'protobufjs'
import { invalidArgument } from '../api/rpc-error.ts'
import { type Int64Like, int64ToBigInt } from './int64.ts'
import { invalidValue, type JsonObject, snakeCase, unreadableValue } from './json-fields.ts'
import { registry } from './registry.ts'
import { scalarFromJson } from './scalar-json.ts'

type ToJson = (type: protobuf.Type, message: object) => unknown
type FromJson = (type: protobuf.Type, json: unknown, path: string) => object

/** A position in a request: its path, and how many messages contain it. */
interface Place {
  readonly path: string
  readonly depth: number
}

const TIMESTAMP_TYPE = 'type.googleapis.com/google.protobuf.Timestamp'
const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/
/** Google's parser accepts a sign, and spaces before it: an unescaped `+` in a URL. */
const DURATION = /^ {0,9}([+-]?)(\d{1,30})(?:\.(\d*))?s$/
const DURATION_TYPE = 'type.googleapis.com/google.protobuf.Duration'
/** 10,000 years. */
const MAX_DURATION_SECONDS = 315_576_000_000
const WRAPPERS = new Set([
  'DoubleValue',
  'FloatValue',
  'Int64Value',
  'UInt64Value',
  'Int32Value',
  'UInt32Value',
  'BoolValue',
  'StringValue',
  'BytesValue',
])

/** The JSON of a well-known type; undefined if the type has no special form. */
export function wellKnownToJson(type: protobuf.Type, message: object, toJson: ToJson): { json: unknown } | undefined {
  const name = wellKnownName(type)
  if (name === undefined) return undefined
  const values = message as JsonObject
  if (name === 'Timestamp') return { json: timestampToJson(values) }
  if (name === 'Duration') return { json: durationToJson(values) }
  if (name === 'FieldMask') return { json: ((values.paths as string[] | undefined) ?? []).join(',') }
  if (name === 'Any') return { json: anyToJson(values, toJson) }
  if (name === 'Struct') return { json: structToJson(values) }
  if (name === 'Value') return { json: valueToJson(values) }
  if (name === 'ListValue') return { json: ((values.values as JsonObject[] | undefined) ?? []).map(valueToJson) }
  if (WRAPPERS.has(name)) {
    const field = type.fields.value
    if (!field) return undefined
    return { json: values.value ?? (field.type === 'string' ? '' : field.type === 'bool' ? false : 0) }
  }
  return undefined
}

/** The message of a well-known type; undefined if the type has no special form. */
export function wellKnownFromJson(
  type: protobuf.Type,
  json: unknown,
  { path, depth, fromJson }: Place & { readonly fromJson: FromJson },
): object | undefined {
  const name = wellKnownName(type)
  if (name === undefined) return undefined
  if (name === 'Timestamp') return timestampFromJson(json, path)
  if (name === 'Duration') return durationFromJson(json, path)
  if (name === 'FieldMask') {
    if (typeof json !== 'string') throw invalidValue(path, 'type.googleapis.com/google.protobuf.FieldMask', json)
    return { paths: json === '' ? [] : json.split(',').map((part) => snakeCase(part.trim())) }
  }
  if (name === 'Any') return anyFromJson(json, path, fromJson)
  if (name === 'Struct') return structFromJson(json, { path, depth })
  if (name === 'Value') return valueFromJson(json, { path, depth })
  if (name === 'ListValue') {
    if (!Array.isArray(json)) throw invalidValue(path, 'type.googleapis.com/google.protobuf.ListValue', json)
    return { values: json.map((item, index) => valueFromJson(item, { path: `${path}[${index}]`, depth: depth + 1 })) }
  }
  if (WRAPPERS.has(name)) return fromJsonWrapper(type, json, path)
  return undefined
}

/**
 * Throws INVALID_ARGUMENT for a message that is nested more deeply than protobuf allows, since it could not be decoded
 * again.
 */
export function checkNesting(depth: number): void {
  if (depth > protobuf.util.recursionLimit) throw invalidArgument('The request is nested too deeply.')
}

/** Converts RFC 3339 to a Timestamp. Throws INVALID_ARGUMENT with `path`. */
export function timestampFromJson(json: unknown, path: string): { seconds: number; nanos: number } {
  if (typeof json !== 'string') throw invalidValue(path, TIMESTAMP_TYPE, json)
  const match = TIMESTAMP.exec(json)
  const milliseconds =
    match && isOfCalendar(match) ? Date.parse(`${json.slice(0, 19)}${match[8]}`.toUpperCase()) : Number.NaN
  if (!match || Number.isNaN(milliseconds))
    throw unreadableValue(path, TIMESTAMP_TYPE, 'Invalid time format: Failed to parse input')
  return { seconds: Math.floor(milliseconds / 1000), nanos: Number((match[7] ?? '').padEnd(9, '0')) }
}

/** JavaScript reads February 30 as March 2, and 24:00 as the next day. */
function isOfCalendar([, year, month, day, hour]: RegExpExecArray): boolean {
  const lastDay = new Date(Date.UTC(2000 + (Number(year) % 400), Number(month), 0)).getUTCDate()
  return Number(year) > 0 && Number(day) <= lastDay && Number(hour) < 24
}

function wellKnownName(type: protobuf.Type): string | undefined {
  return type.fullName.startsWith('.google.protobuf.') ? type.name : undefined
}

function timestampToJson(values: JsonObject): string {
  const seconds = Number(int64ToBigInt((values.seconds as Int64Like | undefined) ?? 0))
  const date = new Date(seconds * 1000)
  if (Number.isNaN(date.getTime())) return `${seconds}s`
  return `${date.toISOString().slice(0, -5)}${fraction(Number(values.nanos ?? 0))}Z`
}

function durationToJson(values: JsonObject): string {
  const seconds = int64ToBigInt((values.seconds as Int64Like | undefined) ?? 0)
  const nanos = Number(values.nanos ?? 0)
  const sign = seconds < 0n || nanos < 0 ? '-' : ''
  return `${sign}${seconds < 0n ? -seconds : seconds}${fraction(Math.abs(nanos))}s`
}

function durationFromJson(json: unknown, path: string): object {
  if (typeof json !== 'string') throw invalidValue(path, DURATION_TYPE, json)
  if (!json.endsWith('s'))
    throw unreadableValue(path, DURATION_TYPE, "Illegal duration format; duration must end with 's'")
  const match = DURATION.exec(json)
  const [, sign, digits = '', fractionDigits = ''] = match ?? []
  if (!match) throw unreadableValue(path, DURATION_TYPE, 'Invalid duration format, failed to parse seconds')
  if (fractionDigits.length > 9)
    throw unreadableValue(path, DURATION_TYPE, 'Invalid duration format, failed to parse nano seconds')
  const seconds = Number(digits)
  const nanos = Number(fractionDigits.padEnd(9, '0'))
  if (seconds > MAX_DURATION_SECONDS) throw unreadableValue(path, DURATION_TYPE, 'Duration value exceeds limits')
  return sign === '-' ? { seconds: -seconds, nanos: -nanos } : { seconds, nanos }
}

/** 0, 3, 6 or 9 digits, as needed. */
function fraction(nanos: number): string {
  if (nanos === 0) return ''
  const digits = nanos.toString().padStart(9, '0')
  if (digits.endsWith('000000')) return `.${digits.slice(0, 3)}`
  return digits.endsWith('000') ? `.${digits.slice(0, 6)}` : `.${digits}`
}

function anyToJson(values: JsonObject, toJson: ToJson): unknown {
  const url = String(values.type_url ?? '')
  const bytes = (values.value as Uint8Array | undefined) ?? new Uint8Array()
  const opaque = { '@type': url, value: Buffer.from(bytes).toString('base64') }
  const type = messageType(url)
  if (!type) return opaque
  const message = decoded(type, bytes)
  if (!message) return opaque
  const json = toJson(type, message)
  return wellKnownName(type) === undefined ? { '@type': url, ...(json as object) } : { '@type': url, value: json }
}

function anyFromJson(json: unknown, path: string, fromJson: FromJson): object {
  if (typeof json !== 'object' || json === null || !('@type' in json)) {
    throw invalidArgument(
      `Invalid value at '${path}': an Any needs "@type", such as "type.googleapis.com/google.monitoring.v3.DroppedLabels".`,
    )
  }
  const { '@type': url, ...rest } = json as JsonObject
  const type = messageType(String(url))
  if (!type) return { type_url: String(url), value: Buffer.from(String(rest.value ?? ''), 'base64') }
  const message = fromJson(type, wellKnownName(type) === undefined ? rest : rest.value, path)
  return { type_url: String(url), value: type.encode(message).finish() }
}

/** Undefined if the bytes are not a valid message. */
function decoded(type: protobuf.Type, bytes: Uint8Array): object | undefined {
  try {
    return type.decode(bytes)
  } catch {
    return undefined
  }
}

function messageType(url: string): protobuf.Type | undefined {
  const found = registry.lookup(url.slice(url.lastIndexOf('/') + 1))
  return found instanceof protobuf.Type ? found : undefined
}

function structToJson(values: JsonObject): JsonObject {
  const fields = (values.fields as Record<string, JsonObject> | undefined) ?? {}
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, valueToJson(value)]))
}

function valueToJson(value: JsonObject): unknown {
  if (Object.hasOwn(value, 'numberValue')) return value.numberValue
  if (Object.hasOwn(value, 'stringValue')) return value.stringValue
  if (Object.hasOwn(value, 'boolValue')) return value.boolValue
  if (Object.hasOwn(value, 'structValue')) return structToJson(value.structValue as JsonObject)
  if (Object.hasOwn(value, 'listValue')) {
    const list = value.listValue as { values?: JsonObject[] }
    return (list.values ?? []).map(valueToJson)
  }
  return null
}

function structFromJson(json: unknown, { path, depth }: Place): object {
  checkNesting(depth)
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw invalidValue(path, 'type.googleapis.com/google.protobuf.Struct', json)
  return {
    fields: Object.fromEntries(
      Object.entries(json).map(([key, value]) => [
        key,
        valueFromJson(value, { path: `${path}.${key}`, depth: depth + 1 }),
      ]),
    ),
  }
}

function valueFromJson(json: unknown, { path, depth }: Place): object {
  checkNesting(depth)
  if (json === null) return { nullValue: 0 }
  if (typeof json === 'number' || typeof json === 'bigint') return { numberValue: finite(json, path) }
  if (typeof json === 'string') return { stringValue: json }
  if (typeof json === 'boolean') return { boolValue: json }
  if (Array.isArray(json))
    return {
      listValue: {
        values: json.map((item, index) => valueFromJson(item, { path: `${path}[${index}]`, depth: depth + 2 })),
      },
    }
  return { structValue: structFromJson(json, { path, depth: depth + 1 }) }
}

function finite(json: number | bigint, path: string): number {
  const number = Number(json)
  if (Number.isFinite(number)) return number
  throw invalidValue(path, 'type.googleapis.com/google.protobuf.Value', json)
}

function fromJsonWrapper(type: protobuf.Type, json: unknown, path: string): object {
  const field = type.fields.value
  const value = field && scalarFromJson(field.type, json)
  if (value !== undefined) return { value }
  throw invalidValue(path, `type.googleapis.com/google.protobuf.${type.name}`, json)
}
