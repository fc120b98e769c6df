import type protobuf from 'protobufjs'
import { RpcError } from '../api/rpc-error.ts'
import { shortened } from '../api/shortened.ts'

export type JsonObject = Record<string, unknown>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The field with a JSON name: in camelCase, or as in the definition. */
export function fieldByJsonName(type: protobuf.Type, name: string): protobuf.Field | undefined {
  const camelCase = name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  const known = [name, camelCase].find((candidate) => Object.hasOwn(type.fields, candidate))
  return known === undefined ? undefined : type.fields[known]
}

export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** The `type_url` of a type in an Any. */
export function typeUrl(type: protobuf.ReflectionObject): string {
  return `type.googleapis.com/${type.fullName.replace(/^\./, '')}`
}

/** INVALID_ARGUMENT in the words of Google's REST front end. */
export function invalidValue(path: string, type: string, value: unknown): RpcError {
  const shown = JSON.stringify(value, (_, item) => (isOfJson(item) ? item : `${item}`)) ?? 'undefined'
  return badField(path, `Invalid value at '${path}' (${type}), ${shortened(shown)}`)
}

/** Integers that don't fit into a number are bigints; larger values are infinite. */
function isOfJson(value: unknown): boolean {
  return typeof value !== 'bigint' && (typeof value !== 'number' || Number.isFinite(value))
}

/** Like `invalidValue`, for a value of the right type that can't be parsed; `reason` says why. */
export function unreadableValue(path: string, type: string, reason: string): RpcError {
  const field = path.slice(path.lastIndexOf('.') + 1)
  return badField(path, `Invalid value at '${path}' (${type}), Field '${field}', ${reason}`)
}

/** INVALID_ARGUMENT with a `google.rpc.BadRequest` that names the field, as returned by Google's REST front end. */
export function badField(path: string, message: string): RpcError {
  const violation = { ...(path === '' ? {} : { field: path }), description: message }
  return new RpcError('INVALID_ARGUMENT', message, {
    details: [{ typeName: 'google.rpc.BadRequest', value: { fieldViolations: [violation] } }],
  })
}
