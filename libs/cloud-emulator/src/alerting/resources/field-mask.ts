import protobuf from 'protobufjs'
import { invalidField } from '../../api/rpc-error.ts'
import { snakeCase } from '../../protos/json-fields.ts'
import type { MessageCodec } from '../../protos/registry.ts'
import { namedField } from './named-field.ts'

type Properties = Record<string, unknown>

export interface FieldMaskMessage {
  paths?: string[]
}

/**
 * The message with the fields of a mask taken from `update`; a field that `update` lacks gets its default value. Throws
 * INVALID_ARGUMENT for a path that is invalid or leads into a list.
 */
export function updatedByMask<T extends object>(
  codec: MessageCodec<T>,
  messages: { readonly current: T; readonly update: T },
  paths: readonly string[],
): T {
  // A copy that shares nothing with the stored message.
  const result = codec.decode(codec.encode(messages.current))
  for (const path of paths)
    takeField(codec.type, result as Properties, messages.update as Properties, { path, parts: path.split('.') })
  return codec.decode(codec.encode(codec.type.create(result as Properties) as object as T))
}

interface Place {
  /** The whole path. */
  readonly path: string
  readonly parts: readonly string[]
}

function takeField(type: protobuf.Type, target: Properties, source: Properties, { path, parts }: Place): void {
  const [head = '', ...rest] = parts
  const field = namedField(type, head)
  if (!field) throw invalidField('update_mask', path, `${type.name} has no field "${head}".`)
  const given = Object.hasOwn(source, field.name) ? source[field.name] : undefined
  if (rest.length === 0) {
    for (const other of field.partOf?.oneof ?? []) delete target[other]
    if (given === undefined || given === null) delete target[field.name]
    else target[field.name] = given
    return
  }
  if (field instanceof protobuf.MapField) {
    const key = rest.join('.')
    const entries = { ...(ownProperties(target, field.name) ?? {}) }
    const value = ownProperties(source, field.name)?.[key]
    if (value === undefined) delete entries[key]
    else entries[key] = value
    target[field.name] = entries
    return
  }
  const { resolvedType } = field
  if (field.repeated || !(resolvedType instanceof protobuf.Type))
    throw invalidField(
      'update_mask',
      path,
      `"${snakeCase(field.name)}" has no fields that can be updated individually.`,
    )
  const inner: Properties = ownProperties(target, field.name) ?? {}
  for (const other of field.partOf?.oneof ?? []) if (other !== field.name) delete target[other]
  target[field.name] = inner
  takeField(resolvedType, inner, ownProperties(source, field.name) ?? {}, { path, parts: rest })
}

function ownProperties(message: Properties, name: string): Properties | undefined {
  const value = Object.hasOwn(message, name) ? message[name] : undefined
  return typeof value === 'object' && value !== null ? (value as Properties) : undefined
}
