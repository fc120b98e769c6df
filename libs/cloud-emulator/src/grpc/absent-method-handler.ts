import type { Server, ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js'
import type { RpcError } from '../api/rpc-error.ts'

const PATH = '/cloud_emulator.Absent/Method'

/**
 * Makes the server respond with `refuse` to methods without a registered handler, since its own message only says that
 * the method is not implemented. grpc-js has no such hook, so its map of handlers gets a default; if a later version
 * has no such map, its own message remains.
 */
export function answerAbsentMethods(
  server: Server,
  refuse: (path: string) => RpcError,
  asGrpc: (error: RpcError) => object,
): void {
  const bytes = (message: Buffer): Buffer => message
  const refuseAt =
    (path: string) =>
    (_call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>): void =>
      answer(asGrpc(refuse(path)))
  server.register(PATH, refuseAt(PATH), bytes, bytes, 'unary')
  const handlers: unknown = Reflect.get(server, 'handlers')
  if (!(handlers instanceof Map)) return
  const absent: unknown = handlers.get(PATH)
  if (typeof absent !== 'object' || absent === null) return
  handlers.delete(PATH)
  const registered = handlers.get.bind(handlers)
  handlers.get = (path) => registered(path) ?? { ...absent, path, func: refuseAt(String(path)) }
}
