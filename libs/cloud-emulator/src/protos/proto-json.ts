import protobuf from 'protobufjs'
import { type Int64Like, int64ToString } from './int64.ts'
import {
  badField,
  fieldByJsonName,
  invalidValue,
  isObject,
  type JsonObject,
  snakeCase,
  typeUrl,
} from './json-fields.ts'
import type { MessageCodec } from './registry.ts'
import { scalarFromJson } from './scalar-json.ts'
import { checkNesting, wellKnownFromJson, wellKnownToJson } from './well-known-json.ts'

export interface FromJsonOptions {
  /** Ignores unknown names instead of rejecting them. */
  readonly ignoreUnknown?: boolean
  /** The number of messages around the value; default 0. */
  readonly depth?: number
}

const INT64_TYPES = new Set(['int64', 'uint64', 'sint64', 'fixed64', 'sfixed64'])

export interface ToJsonOptions {
  /** Writes enums by number, as Google's clients request with `$alt=json;enum-encoding=int`. */
  readonly enumsAsNumbers?: boolean
}

/**
 * Converts a message to proto3 JSON: camelCase names, enums by name, 64-bit integers as strings, without default
 * values. Members of oneofs and optional fields are written whenever they are set.
 */
export function toJson(type: protobuf.Type, message: object, options: ToJsonOptions = {}): unknown {
  const wellKnown = wellKnownToJson(type, message, (inner, value) => toJson(inner, value, options))
  if (wellKnown !== undefined) return wellKnown.json
  const values = message as JsonObject
  const json: JsonObject = {}
  for (const field of type.fieldsArray) {
    const value = Object.hasOwn(values, field.name) ? values[field.name] : undefined
    if (value === undefined || value === null) continue
    if (field instanceof protobuf.MapField) {
      const entries = Object.entries(value as JsonObject)
      if (entries.length > 0)
        json[field.name] = Object.fromEntries(entries.map(([key, item]) => [key, valueToJson(field, item, options)]))
    } else if (field.repeated) {
      const items = value as ArrayLike<unknown>
      if (items.length > 0) json[field.name] = Array.from(items, (item) => valueToJson(field, item, options))
    } else if (field.partOf || !isDefault(field, value)) {
      json[field.name] = valueToJson(field, value, options)
    }
  }
  return json
}

/**
 * Converts JSON to a message that can be encoded. Names may be camelCase or as in the definition. Throws
 * INVALID_ARGUMENT in the words of Google's REST front end. `path` is the path of the value, such as `time_series[0]`.
 */
export function fromJson(type: protobuf.Type, json: unknown, path: string, options: FromJsonOptions = {}): object {
  const { depth = 0 } = options
  checkNesting(depth)
  const wellKnown = wellKnownFromJson(type, json, { path, depth, fromJson })
  if (wellKnown !== undefined) return wellKnown
  if (!isObject(json)) throw invalidValue(path, typeUrl(type), json)
  const properties: JsonObject = {}
  for (const [name, value] of Object.entries(json)) {
    const field = fieldByJsonName(type, name)
    if (!field) {
      if (options.ignoreUnknown) continue
      throw badField(path, `${unknownName(name, path)}: Cannot find field.`)
    }
    if (value === null) continue
    if (field.partOf && !isSyntheticOneof(field.partOf)) {
      const other = field.partOf.oneof.find((member) => member !== field.name && member in properties)
      if (other !== undefined) {
        const oneof = join(path, snakeCase(field.partOf.name))
        throw badField(
          oneof,
          `Invalid value at '${oneof}' (oneof), oneof field '${field.partOf.name}' is already set. Cannot set '${field.name}'`,
        )
      }
    }
    properties[field.name] = fieldFromJson(field, value, join(path, snakeCase(field.name)), options)
  }
  return type.create(properties)
}

/** Like `fromJson`, for a type whose decoded form is known. */
export function messageFromJson<T extends object>(
  codec: MessageCodec<T>,
  json: unknown,
  path: string,
  options: FromJsonOptions = {},
): T {
  // fromJson creates a message of the codec's type, whose decoded form is T.
  return fromJson(codec.type, json, path, options) as T
}

/** Converts a scalar, enum or message value of a field from JSON. */
export function valueFromJson(
  field: protobuf.Field,
  value: unknown,
  path: string,
  options: FromJsonOptions = {},
): unknown {
  const { resolvedType } = field
  if (resolvedType instanceof protobuf.Type)
    return fromJson(resolvedType, value, path, { ...options, depth: (options.depth ?? 0) + 1 })
  if (resolvedType instanceof protobuf.Enum) return enumFromJson(resolvedType, value, path)
  const scalar = scalarFromJson(field.type, value)
  if (scalar === undefined) throw invalidValue(path, `TYPE_${field.type.toUpperCase()}`, value)
  return scalar
}

function fieldFromJson(field: protobuf.Field, value: unknown, path: string, options: FromJsonOptions): unknown {
  if (field instanceof protobuf.MapField) {
    if (!isObject(value)) throw invalidValue(path, 'Map', value)
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, valueFromJson(field, item, `${path}[${key}].value`, options)]),
    )
  }
  if (field.repeated) {
    if (!Array.isArray(value)) throw invalidValue(path, typeName(field), value)
    return value.map((item, index) => valueFromJson(field, item, `${path}[${index}]`, options))
  }
  if (Array.isArray(value) && !takesList(field)) {
    const parent = path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : ''
    throw badField(parent, `${unknownName(field.name, parent)}: Proto field is not repeating, cannot start list.`)
  }
  return valueFromJson(field, value, path, options)
}

/** Whether the JSON of the field's type may be a list. */
function takesList({ resolvedType }: protobuf.Field): boolean {
  return /^\.google\.protobuf\.(?:ListValue|Value)$/.test(resolvedType?.fullName ?? '')
}

function unknownName(name: string, path: string): string {
  return `Invalid JSON payload received. Unknown name "${name}"${path === '' ? '' : ` at '${path}'`}`
}

function valueToJson(field: protobuf.Field, value: unknown, options: ToJsonOptions): unknown {
  const { resolvedType } = field
  if (resolvedType instanceof protobuf.Type) return toJson(resolvedType, value as object, options)
  if (resolvedType instanceof protobuf.Enum && options.enumsAsNumbers) return Number(value)
  if (resolvedType instanceof protobuf.Enum) return resolvedType.valuesById[Number(value)] ?? Number(value)
  if (INT64_TYPES.has(field.type)) return int64ToString(value as Int64Like)
  if (field.type === 'bytes') return Buffer.from(value as Uint8Array).toString('base64')
  if (typeof value === 'number' && !Number.isFinite(value))
    return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity'
  return value
}

function isDefault(field: protobuf.Field, value: unknown): boolean {
  if (field.resolvedType instanceof protobuf.Type) return false
  if (INT64_TYPES.has(field.type)) return int64ToString(value as Int64Like) === '0'
  if (field.type === 'bytes') return (value as Uint8Array).length === 0
  return value === 0 || value === '' || value === false
}

/**
 * By name, ignoring case and with hyphens allowed, or by number, as Google's parser accepts them. Unknown numbers are
 * allowed.
 */
function enumFromJson(type: protobuf.Enum, value: unknown, path: string): number {
  if (typeof value === 'string') {
    const name = [value, value.toUpperCase().replaceAll('-', '_')].find((one) => Object.hasOwn(type.values, one))
    if (name !== undefined) return type.values[name] ?? 0
  }
  const number = scalarFromJson('int32', value)
  if (typeof number === 'number') return number
  throw invalidValue(path, typeUrl(type), value)
}

function isSyntheticOneof(oneof: protobuf.OneOf): boolean {
  return oneof.oneof.length === 1 && oneof.name.startsWith('_')
}

function typeName(field: protobuf.Field): string {
  return field.resolvedType ? typeUrl(field.resolvedType) : `TYPE_${field.type.toUpperCase()}`
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}
