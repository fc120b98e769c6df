import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { absentRest } from '../../api/absent-methods.ts'
import { invalidArgument } from '../../api/rpc-error.ts'
import { AnswerLost, type Dispatcher, type Method } from '../../grpc/dispatcher.ts'
import { toJson } from '../../protos/proto-json.ts'
import { type HttpRule, httpRules } from './http-rule.ts'
import { partOf } from './partial-response.ts'
import { requestMessage } from './request-message.ts'
import { streamAnswers } from './stream-answers.ts'
import { type AnswerFormat, readAnswerFormat } from './system-parameters.ts'

interface Route {
  readonly method: Method
  readonly rule: HttpRule
}

/** The parts of a request, wherever they are: path, query, form body, headers. */
interface RestRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: unknown
}

const VERBS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** The REST routes of all methods, by the HTTP rules in their definitions. */
export function registerRestRoutes(app: FastifyInstance, dispatcher: Dispatcher): void {
  const routes: Route[] = dispatcher.methods.flatMap((method) =>
    httpRules(method.definition).map((rule) => ({ method, rule })),
  )
  const handle = async (raw: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const request = readRequest(raw)
    for (const { method, rule } of routes) {
      if (rule.method !== request.method) continue
      const variables = rule.match(request.path)
      if (!variables) continue
      const format = readAnswerFormat(request.query)
      const message = requestMessage({ method, rule, variables, query: request.query, body: request.body })
      if (method.definition.responseStream) return streamAnswers(dispatcher, method, { message, reply })
      return answer({ dispatcher, method, message, format, reply, secure: 'encrypted' in raw.raw.socket })
    }
    throw absentRest(request.method, request.path)
  }
  app.register(async (rest) => {
    rest.removeContentTypeParser('application/x-protobuf')
    rest.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string' },
      async (_request: FastifyRequest, body: string) => new URLSearchParams(body),
    )
    for (const prefix of ['/v1/*', '/v2/*', '/v3/*']) rest.route({ method: [...VERBS], url: prefix, handler: handle })
  })
}

/**
 * Clients send a query that is too long for a URL as a form in a POST, with the actual method in a header: Google's
 * Python clients do so above 2,000 characters.
 */
function readRequest(request: FastifyRequest): RestRequest {
  const [rawPath = '', rawQuery = ''] = splitOnce(request.raw.url ?? '', '?')
  const query = new URLSearchParams(rawQuery)
  const isForm = request.body instanceof URLSearchParams
  if (request.body instanceof URLSearchParams) for (const [name, value] of request.body) query.append(name, value)
  const meant = request.headers['x-http-method-override']
  const overridden = request.method === 'POST' && typeof meant === 'string' ? meant.trim().toUpperCase() : undefined
  return {
    method: overridden ?? request.method,
    path: decodePath(rawPath),
    query,
    body: isForm ? undefined : request.body,
  }
}

async function answer(call: {
  dispatcher: Dispatcher
  method: Method
  message: object
  format: AnswerFormat
  reply: FastifyReply
  secure: boolean
}): Promise<unknown> {
  const { dispatcher, method, message, format, reply, secure } = call
  try {
    const response = await dispatcher.call(method, message, { secure })
    const whole = toJson(method.responseType, response, { enumsAsNumbers: format.enumsAsNumbers })
    const json = format.fields ? partOf(whole, format.fields) : whole
    return reply.type('application/json; charset=utf-8').send(JSON.stringify(json, null, format.pretty ? 2 : 0))
  } catch (error) {
    if (!(error instanceof AnswerLost)) throw error
    reply.hijack()
    return undefined
  }
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
