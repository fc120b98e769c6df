import type { FastifyReply } from 'fastify'
import type { RequestStream } from '../../api/service.ts'
import type { Dispatcher, Method } from '../../grpc/dispatcher.ts'
import { toJson } from '../../protos/proto-json.ts'

/**
 * The REST form of a method with a response stream: one request, and its responses as the items of a JSON array, until
 * the client closes the connection. Throws `RpcError` if the request is rejected.
 */
export function streamAnswers(
  dispatcher: Dispatcher,
  method: Method,
  { message, reply }: { message: object; reply: FastifyReply },
): FastifyReply {
  const { raw } = reply
  let separator = '['
  const requests: RequestStream = dispatcher.open(method, {
    send(answer) {
      raw.write(`${separator}${JSON.stringify(toJson(method.responseType, answer))}\n`)
      separator = ','
    },
    isBusy: () => raw.writableNeedDrain,
  })
  try {
    requests.receive(message)
  } catch (error) {
    requests.end()
    throw error
  }
  reply.hijack()
  raw.on('close', () => requests.end())
  raw.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
  raw.flushHeaders()
  return reply
}
