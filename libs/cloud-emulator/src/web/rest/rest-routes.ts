import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import protobuf from 'protobufjs'
import { invalidArgument, type RpcError } from '../../api/rpc-error.ts'
import { AnswerLost, type Dispatcher, type Method } from '../../grpc/dispatcher.ts'
import { fieldByJsonName, snakeCase } from '../../protos/json-fields.ts'
import { fromJson, toJson, valueFromJson } from '../../protos/proto-json.ts'
import { absentMethod } from './absent-methods.ts'
import { type HttpRule, httpRules } from './http-rule.ts'

interface Route {
  readonly method: Method
  readonly rule: HttpRule
}

type Properties = Record<string, unknown>

/** Parameters of Google's front end that are not fields of requests. */
const SYSTEM_PARAMETERS = new Set([
  '$alt',
  'alt',
  'key',
  'access_token',
  'oauth_token',
  'prettyPrint',
  '$prettyPrint',
  'quotaUser',
  'fields',
  '$fields',
  '$.xgafv',
  '$httpHeaders',
  'callback',
  'uploadType',
  'upload_protocol',
])

/** The REST forms of all methods, by the HTTP rules in their definitions. */
export function registerRestRoutes(app: FastifyInstance, dispatcher: Dispatcher): void {
  const routes: Route[] = dispatcher.methods.flatMap((method) =>
    httpRules(method.definition).map((rule) => ({ method, rule })),
  )
  const handle = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const [rawPath = '', rawQuery = ''] = splitOnce(request.raw.url ?? '', '?')
    const path = decodePath(rawPath)
    for (const { method, rule } of routes) {
      if (rule.method !== request.method) continue
      const variables = rule.match(path)
      if (!variables) continue
      const message = requestMessage({
        method,
        rule,
        variables,
        query: new URLSearchParams(rawQuery),
        body: request.body,
      })
      return answer(dispatcher, method, message, reply)
    }
    throw absentMethod(request.method, path)
  }
  for (const prefix of ['/v1/*', '/v2/*', '/v3/*']) {
    app.route({ method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], url: prefix, handler: handle })
  }
}

async function answer(dispatcher: Dispatcher, method: Method, message: object, reply: FastifyReply): Promise<unknown> {
  try {
    const response = await dispatcher.call(method, message)
    return reply.type('application/json; charset=utf-8').send(JSON.stringify(toJson(method.responseType, response)))
  } catch (error) {
    if (!(error instanceof AnswerLost)) throw error
    reply.hijack()
    return undefined
  }
}

function requestMessage(options: {
  method: Method
  rule: HttpRule
  variables: Record<string, string>
  query: URLSearchParams
  body: unknown
}): object {
  const { method, rule, variables, query, body } = options
  const { requestType } = method
  let properties: Properties = {}
  if (rule.body === '*') {
    properties = { ...fromJson(requestType, body ?? {}, '') }
  } else if (rule.body !== undefined) {
    const field = fieldByJsonName(requestType, rule.body)
    if (!field) throw new TypeError(`${method.name} has no field ${rule.body}`)
    if (body === undefined || body === null)
      throw invalidArgument(`The request needs a JSON body with its ${snakeCase(field.name)}.`)
    properties = { [field.name]: valueFromJson(field, body, snakeCase(field.name)) }
  } else if (body !== undefined && body !== null && method.definition.name.startsWith('List')) {
    throw invalidArgument(`Invalid JSON payload received. ${method.name} takes no body.`)
  }
  for (const [name, value] of query) {
    if (SYSTEM_PARAMETERS.has(name)) continue
    setField(requestType, properties, { path: name.split('.'), value, name })
  }
  for (const [name, value] of Object.entries(variables))
    setField(requestType, properties, { path: name.split('.'), value, name })
  return requestType.create(properties)
}

function setField(
  type: protobuf.Type,
  properties: Properties,
  target: { path: readonly string[]; value: string; name: string },
): void {
  const { path, value, name } = target
  const [head = '', ...rest] = path
  const field = fieldByJsonName(type, head)
  if (!field) throw unknownParameter(name, head)
  if (rest.length > 0) {
    const nested = field.resolvedType
    if (!(nested instanceof protobuf.Type) || field.repeated) throw unknownParameter(name, rest[0] ?? '')
    const known = properties[field.name]
    const inner = (known ?? nested.create()) as Properties
    properties[field.name] = inner
    setField(nested, inner, { path: rest, value, name })
    return
  }
  const parsed = valueFromJson(field, scalarText(field, value), path.length === 1 ? snakeCase(field.name) : name)
  if (field.repeated) {
    const list = Object.hasOwn(properties, field.name) ? (properties[field.name] as unknown[]) : []
    properties[field.name] = [...list, parsed]
  } else {
    properties[field.name] = parsed
  }
}

/** Query parameters may give enums by number. */
function scalarText(field: protobuf.Field, value: string): unknown {
  return field.resolvedType instanceof protobuf.Enum && /^\d+$/.test(value) ? Number(value) : value
}

function unknownParameter(name: string, field: string): RpcError {
  return invalidArgument(
    `Invalid JSON payload received. Unknown name "${name}": Cannot bind query parameter. Field '${field}' could not be found in request message.`,
  )
}

function splitOnce(text: string, separator: string): string[] {
  const index = text.indexOf(separator)
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)]
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw invalidArgument(`The path ${path} is not valid percent-encoding.`)
  }
}
