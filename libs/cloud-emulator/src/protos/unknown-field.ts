import protobuf from 'protobufjs'
import { snakeCase } from './json-fields.ts'

/** A field of an encoded message that is missing in its definition. */
export interface UnknownField {
  readonly number: number
  /** The full name of the type without the field. */
  readonly typeName: string
  /** The path of the message, such as `alert_policy.conditions`; empty for the request itself. */
  readonly path: string
}

const DELIMITED = 2
const MAX_DEPTH = 100

/**
 * The first field that is lost when the bytes are decoded as this type; undefined if there is none. The bytes must be
 * decodable.
 */
export function unknownFieldOf(type: protobuf.Type, bytes: Uint8Array): UnknownField | undefined {
  return search(type, protobuf.Reader.create(bytes), { end: bytes.length, path: [] })
}

function search(
  type: protobuf.Type,
  reader: protobuf.Reader,
  { end, path }: { end: number; path: readonly string[] },
): UnknownField | undefined {
  if (path.length > MAX_DEPTH) return undefined
  while (reader.pos < end) {
    const tag = reader.uint32()
    const field = type.fieldsById[tag >>> 3]
    if (!field) return { number: tag >>> 3, typeName: type.fullName.slice(1), path: path.join('.') }
    const inner = field.resolvedType instanceof protobuf.Type ? field.resolvedType : undefined
    if (!inner || (tag & 7) !== DELIMITED) {
      reader.skipType(tag & 7)
      continue
    }
    const length = reader.uint32()
    const stop = reader.pos + length
    const place = { end: stop, path: [...path, snakeCase(field.name)] }
    const found = field instanceof protobuf.MapField ? searchEntry(inner, reader, place) : search(inner, reader, place)
    if (found) return found
    reader.pos = stop
  }
  return undefined
}

/** An entry of a map whose values are messages. */
function searchEntry(
  valueType: protobuf.Type,
  reader: protobuf.Reader,
  { end, path }: { end: number; path: readonly string[] },
): UnknownField | undefined {
  while (reader.pos < end) {
    const tag = reader.uint32()
    if (tag >>> 3 !== 2) {
      reader.skipType(tag & 7)
      continue
    }
    const length = reader.uint32()
    const found = search(valueType, reader, { end: reader.pos + length, path })
    if (found) return found
  }
  return undefined
}
