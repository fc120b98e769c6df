import type { Enum, Root, Type } from 'protobufjs'
import protobuf from 'protobufjs'

/** Something in a JSON document that the API would refuse. */
export interface JsonProblem {
  /** Where, as `mosaicLayout.tiles[3].widget.title`. */
  readonly path: string
  /** What is wrong, and what is allowed. */
  readonly message: string
}

type Json = unknown

/** A field as a message type lists it. */
type Field = Type['fieldsArray'][number]

function isObject(value: Json): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const integers = new Set(['int32', 'sint32', 'uint32', 'fixed32', 'sfixed32'])
const longs = new Set(['int64', 'sint64', 'uint64', 'fixed64', 'sfixed64'])

/** Well-known types that have a JSON form of their own. */
const wellKnown: Readonly<Record<string, { readonly test: (value: Json) => boolean; readonly form: string }>> = {
  'google.protobuf.Duration': {
    test: (value) => typeof value === 'string' && /^-?\d+(\.\d{1,9})?s$/.test(value),
    form: 'a duration such as "60s"',
  },
  'google.protobuf.Timestamp': {
    test: (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
    form: 'an RFC 3339 time',
  },
  'google.protobuf.BoolValue': { test: (value) => typeof value === 'boolean', form: 'true or false' },
  'google.protobuf.Empty': { test: (value) => isObject(value) && Object.keys(value).length === 0, form: '{}' },
}

function scalarProblem(type: string, value: Json): string | undefined {
  if (type === 'string' || type === 'bytes') return typeof value === 'string' ? undefined : 'has to be a string'
  if (type === 'bool') return typeof value === 'boolean' ? undefined : 'has to be true or false'
  if (type === 'double' || type === 'float') return typeof value === 'number' ? undefined : 'has to be a number'
  if (integers.has(type)) return Number.isInteger(value) ? undefined : 'has to be a whole number'
  if (longs.has(type)) {
    const whole = Number.isInteger(value) || (typeof value === 'string' && /^-?\d+$/.test(value))
    return whole ? undefined : 'has to be a whole number'
  }
  return undefined
}

function isRequired(field: Field): boolean {
  const behavior: unknown = field.options?.['(google.api.field_behavior)']
  return behavior === 'REQUIRED' || (Array.isArray(behavior) && behavior.includes('REQUIRED'))
}

function checkValue(field: Field, value: Json, path: string, problems: JsonProblem[]): void {
  const resolved: Type | Enum | null = field.resolve().resolvedType
  if (resolved === null) {
    const message = scalarProblem(field.type, value)
    if (message !== undefined) problems.push({ path, message: `${message}, not ${JSON.stringify(value)}` })
  } else if (resolved instanceof protobuf.Enum) {
    const names = Object.keys(resolved.values).filter((name) => !name.endsWith('_UNSPECIFIED'))
    if (typeof value !== 'string' || !names.includes(value)) {
      problems.push({ path, message: `has to be one of ${names.join(', ')}, not ${JSON.stringify(value)}` })
    }
  } else {
    const special = wellKnown[resolved.fullName.slice(1)]
    if (special === undefined) checkMessage(resolved, value, path, problems)
    else if (!special.test(value)) {
      problems.push({ path, message: `has to be ${special.form}, not ${JSON.stringify(value)}` })
    }
  }
}

function checkField(field: Field, value: Json, path: string, problems: JsonProblem[]): void {
  if (field.map) {
    if (!isObject(value)) problems.push({ path, message: 'has to be an object' })
    else for (const [key, one] of Object.entries(value)) checkValue(field, one, `${path}.${key}`, problems)
  } else if (field.repeated) {
    if (!Array.isArray(value)) problems.push({ path, message: 'has to be an array' })
    else value.forEach((one, index) => void checkValue(field, one, `${path}[${index}]`, problems))
  } else checkValue(field, value, path, problems)
}

function checkMessage(type: Type, value: Json, path: string, problems: JsonProblem[]): void {
  if (!isObject(value)) {
    problems.push({ path, message: `has to be an object (${type.name})` })
    return
  }
  const prefix = path === '' ? '' : `${path}.`
  for (const [name, one] of Object.entries(value)) {
    const field = Object.hasOwn(type.fields, name) ? type.fields[name] : undefined
    if (field) checkField(field, one, `${prefix}${name}`, problems)
    else problems.push({ path: `${prefix}${name}`, message: `${type.name} has no such field` })
  }
  for (const oneof of type.oneofsArray) {
    const set = oneof.fieldsArray.filter((field) => Object.hasOwn(value, field.name)).map((field) => field.name)
    if (set.length > 1) problems.push({ path, message: `may have only one of ${set.join(', ')}` })
  }
  for (const field of type.fieldsArray) {
    if (isRequired(field) && !Object.hasOwn(value, field.name)) {
      problems.push({ path: `${prefix}${field.name}`, message: 'is required' })
    }
  }
}

/**
 * Checks a document in protobuf's JSON form against its message type: unknown fields, wrong types, unknown enum values,
 * more than one field of a oneof, missing required fields.
 *
 * @param root the protos that hold the type
 * @param typeName the message's full name
 * @returns what is wrong; empty when the document is well-formed
 */
export function checkProtoJson(root: Root, typeName: string, document: unknown): JsonProblem[] {
  const problems: JsonProblem[] = []
  checkMessage(root.lookupType(typeName), document, '', problems)
  return problems
}
