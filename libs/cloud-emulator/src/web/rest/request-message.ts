import protobuf from 'protobufjs'
import { invalidArgument, type RpcError } from '../../api/rpc-error.ts'
import type { Method } from '../../grpc/dispatcher.ts'
import { fieldByJsonName, snakeCase } from '../../protos/json-fields.ts'
import { fromJson, valueFromJson } from '../../protos/proto-json.ts'
import type { HttpRule } from './http-rule.ts'
import { SYSTEM_PARAMETERS } from './system-parameters.ts'

type Properties = Record<string, unknown>

/** Parameters with dots are at most this deep. */
const MAX_DEPTH = 20

/** Builds a method's request from the path's variables, the query and the JSON body. Throws INVALID_ARGUMENT. */
export function requestMessage(options: {
  method: Method
  rule: HttpRule
  variables: Record<string, string>
  query: URLSearchParams
  body: unknown
}): object {
  const { method, rule, variables, query, body } = options
  const { requestType } = method
  const properties = bodyProperties(method, rule, body)
  for (const [name, value] of query) {
    if (SYSTEM_PARAMETERS.has(name)) continue
    setField(requestType, properties, { path: name.split('.'), value, name, place: '' })
  }
  for (const [name, value] of Object.entries(variables))
    setField(requestType, properties, { path: name.split('.'), value, name, place: '' })
  return requestType.create(properties)
}

function bodyProperties(method: Method, rule: HttpRule, body: unknown): Properties {
  const { requestType } = method
  if (rule.body === '*') return { ...fromJson(requestType, body ?? {}, '') }
  if (rule.body === undefined) {
    if (body !== undefined && body !== null && method.definition.name.startsWith('List'))
      throw invalidArgument(`Invalid JSON payload received. ${method.name} takes no body.`)
    return {}
  }
  const field = fieldByJsonName(requestType, rule.body)
  if (!field) throw new TypeError(`${method.name} has no field ${rule.body}`)
  if (body === undefined || body === null)
    throw invalidArgument(`The request needs a JSON body with its ${snakeCase(field.name)}.`)
  return { [field.name]: valueFromJson(field, body, snakeCase(field.name)) }
}

interface Target {
  /** The rest of the name. */
  readonly path: readonly string[]
  /** The prefix of that rest, such as `aggregation.`. */
  readonly place: string
  readonly value: string
  readonly name: string
}

function setField(type: protobuf.Type, properties: Properties, target: Target): void {
  const { path, value, name, place } = target
  const [head = '', ...rest] = path
  const field = fieldByJsonName(type, head)
  if (!field || path.length > MAX_DEPTH) throw unknownParameter(name, head)
  const fieldPath = `${place}${snakeCase(field.name)}`
  if (rest.length > 0) {
    const nested = field.resolvedType
    if (!(nested instanceof protobuf.Type) || field.repeated) throw unknownParameter(name, rest[0] ?? '')
    const known = properties[field.name]
    const inner = (known ?? nested.create()) as Properties
    properties[field.name] = inner
    setField(nested, inner, { path: rest, value, name, place: `${fieldPath}.` })
    return
  }
  const parsed = valueFromJson(field, value, fieldPath)
  if (field.repeated) {
    const list = Object.hasOwn(properties, field.name) ? (properties[field.name] as unknown[]) : []
    properties[field.name] = [...list, parsed]
  } else {
    properties[field.name] = parsed
  }
}

function unknownParameter(name: string, field: string): RpcError {
  return invalidArgument(
    `Invalid JSON payload received. Unknown name "${name}": Cannot bind query parameter. Field '${field}' could not be found in request message.`,
  )
}
