import { messageOf } from '@node-to-cloud/command-line'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { invalidArgument, type RpcError } from '../api/rpc-error.ts'
import { isSecure } from '../api/secure-request.ts'
import { httpStatus } from '../api/status.ts'
import { STATUS_CODES } from '../contract/status.ts'
import { AnswerLost, type Dispatcher, type Method } from '../grpc/dispatcher.ts'
import { toJson } from '../protos/proto-json.ts'
import { messageCodec } from '../protos/registry.ts'
import { otlpFromJson } from './otlp-json.ts'
import { OTLP_SERVICES } from './otlp-services.ts'

const PROTOBUF = 'application/x-protobuf'
const PATHS = Object.entries(OTLP_SERVICES).map(([signal, service]) => ({ path: `/v1/${signal}`, service }))

const statusCodec = messageCodec<{ code: number; message: string }>('google.rpc.Status')

/**
 * OTLP over HTTP at `/v1/traces`, `/v1/metrics` and `/v1/logs`, protobuf and JSON (opentelemetry-proto,
 * docs/specification.md). Errors are a `google.rpc.Status` in the encoding of the request.
 */
export function registerOtlpRoute(
  app: FastifyInstance,
  options: { dispatcher: Dispatcher; asRpcError: (error: unknown) => RpcError },
): void {
  const { dispatcher, asRpcError } = options
  app.register(async (scope) => {
    for (const { path, service } of PATHS) {
      const method = dispatcher.methods.find((candidate) => candidate.service === service)
      if (!method) continue
      scope.post(path, {
        handler: (request, reply) => receive(dispatcher, method, { request, reply }),
        errorHandler: (error, request, reply) => {
          const known = asRpcError(error)
          if (!(error instanceof AnsweredError)) dispatcher.countUnreadable(method, known.code)
          return sendError(error instanceof AnsweredError ? asRpcError(error.cause) : known, request, reply)
        },
      })
    }
  })
}

/** An error that the dispatcher has already counted. */
class AnsweredError extends Error {}

async function receive(
  dispatcher: Dispatcher,
  method: Method,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
): Promise<unknown> {
  const { body } = request
  const binary = body instanceof Uint8Array
  const message = binary ? decode(method, body) : otlpFromJson(method.requestType, body)
  try {
    const answer = await dispatcher.call(method, message, { secure: isSecure(request) })
    return binary
      ? reply.type(PROTOBUF).send(Buffer.from(method.responseType.encode(answer).finish()))
      : reply.send(toJson(method.responseType, answer))
  } catch (error) {
    if (!(error instanceof AnswerLost)) throw new AnsweredError('the call failed', { cause: error })
    reply.hijack()
    return undefined
  }
}

function decode({ requestType }: Method, bytes: Uint8Array): object {
  try {
    return requestType.decode(bytes)
  } catch (error) {
    throw invalidArgument(`The body is not a valid ${requestType.name} in protobuf: ${messageOf(error)}`)
  }
}

function sendError(error: RpcError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const status = { code: STATUS_CODES[error.code], message: error.message }
  reply.code(httpStatus(error.code))
  return request.headers['content-type']?.startsWith(PROTOBUF)
    ? reply.type(PROTOBUF).send(Buffer.from(statusCodec.encode(status)))
    : reply.send(status)
}
