import type protobuf from 'protobufjs'
import { invalidArgument, type RpcError } from '../api/rpc-error.ts'
import { shortened } from '../api/shortened.ts'

export type JsonObject = Record<string, unknown>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The field that a JSON name stands for: camelCase, or as in the definition. */
export function fieldByJsonName(type: protobuf.Type, name: string): protobuf.Field | undefined {
  const camelCase = name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  const known = [name, camelCase].find((candidate) => Object.hasOwn(type.fields, candidate))
  return known === undefined ? undefined : type.fields[known]
}

export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

export function typeUrl(type: protobuf.ReflectionObject): string {
  return `type.googleapis.com/${type.fullName.replace(/^\./, '')}`
}

/** INVALID_ARGUMENT in the words of Google's REST front end. */
export function invalidValue(path: string, type: string, value: unknown): RpcError {
  const shown = JSON.stringify(value) ?? 'undefined'
  return invalidArgument(`Invalid value at '${path}' (${type}), ${shortened(shown)}`)
}
