import protobuf from 'protobufjs'
import { type TimestampMessage, timestampToMicros } from '../../protos/timestamp.ts'
import type { FieldValue } from './list-filter.ts'
import { namedField } from './named-field.ts'

type Properties = Record<string, unknown>

/** Whether a message type has a field at a path; a map may have any key. */
export function hasField(type: protobuf.Type, path: readonly string[]): boolean {
  const [head = '', ...rest] = path
  const field = namedField(type, head)
  if (!field) return false
  if (rest.length === 0) return true
  if (field instanceof protobuf.MapField) return true
  return field.resolvedType instanceof protobuf.Type && hasField(field.resolvedType, rest)
}

/**
 * The values at a path of a message: those of all list items, the keys of maps, the names of enums, times in
 * microseconds, durations in seconds.
 */
export function fieldValues(type: protobuf.Type, message: object, path: readonly string[]): FieldValue[] {
  const [head = '', ...rest] = path
  const field = namedField(type, head)
  if (!field) return []
  const properties = message as Properties
  const value = properties[field.name]
  if (field instanceof protobuf.MapField) return mapValues(value, rest)
  const items = field.repeated ? (Array.isArray(value) ? value : []) : [value]
  return items.flatMap((item) => itemValues(field, item, rest))
}

function mapValues(value: unknown, rest: readonly string[]): FieldValue[] {
  const entries = (value ?? {}) as Record<string, FieldValue>
  if (rest.length === 0) return Object.keys(entries)
  const found = Object.hasOwn(entries, rest.join('.')) ? entries[rest.join('.')] : undefined
  return found === undefined ? [] : [found]
}

function itemValues(field: protobuf.Field, item: unknown, rest: readonly string[]): FieldValue[] {
  const { resolvedType } = field
  if (resolvedType instanceof protobuf.Enum) return [resolvedType.valuesById[Number(item)] ?? String(item)]
  if (!(resolvedType instanceof protobuf.Type)) return typeof item === 'object' ? [Number(item)] : [item as FieldValue]
  if (typeof item !== 'object' || item === null) return []
  if (rest.length > 0) return fieldValues(resolvedType, item, rest)
  switch (resolvedType.fullName) {
    case '.google.protobuf.Timestamp':
      return [timestampToMicros(item as TimestampMessage)]
    case '.google.protobuf.Duration':
      return [timestampToMicros(item as TimestampMessage) / 1e6]
    case '.google.protobuf.BoolValue':
      return [(item as { value?: boolean }).value ?? false]
    default:
      return [true]
  }
}
