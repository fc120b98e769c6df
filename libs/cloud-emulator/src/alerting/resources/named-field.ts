import protobuf from 'protobufjs'
import { fieldByJsonName } from '../../protos/json-fields.ts'

/** The field with the name in a part of a path. Maps can also be named in the singular: `user_label.team`. */
export function namedField(type: protobuf.Type, name: string): protobuf.Field | undefined {
  const field = fieldByJsonName(type, name)
  if (field) return field
  const plural = fieldByJsonName(type, `${name}s`)
  return plural instanceof protobuf.MapField ? plural : undefined
}
