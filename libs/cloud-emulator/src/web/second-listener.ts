import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { formatHostPort, type HostPort, ListenError } from '@node-to-cloud/command-line'
import type { FastifyInstance } from 'fastify'
import type { TlsMaterial } from '../grpc/grpc-server.ts'

export const HTTP_TIMEOUTS = { requestTimeout: 30_000, keepAliveTimeout: 75_000 } as const

/** Serves an app at an additional address, over TLS with `tls`. Throws `ListenError`. */
export async function listenBeside(
  app: FastifyInstance,
  address: HostPort,
  tls?: TlsMaterial,
): Promise<{ server: Server; port: number }> {
  await app.ready()
  const route: RequestListener = (request, response) => app.routing(request, response)
  const server = tls
    ? createTlsServer({ cert: tls.certificate, key: tls.privateKey, ...HTTP_TIMEOUTS }, route)
    : createServer(HTTP_TIMEOUTS, route)
  server.listen(address.port, address.host)
  try {
    await once(server, 'listening')
  } catch (error) {
    throw new ListenError(formatHostPort(address), error)
  }
  const bound = server.address()
  return { server, port: typeof bound === 'object' && bound !== null ? bound.port : address.port }
}
