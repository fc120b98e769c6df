import type { FastifyInstance, FastifyRequest } from 'fastify'
import { RpcError } from '../rpc/status.ts'
import { hostnameOf, isLoopbackAddress, isLoopbackHost, isSameOrigin } from './loopback.ts'

/**
 * Refuses what pages of other sites may try through a browser on this machine: requests with a foreign Origin, and, where
 * the server listens on loopback only, a Host that is not loopback (DNS rebinding).
 */
export function guardRequests(app: FastifyInstance, options: { loopbackOnly: boolean }): void {
  app.addHook('onRequest', async (request) => {
    if (!isSameOrigin(request.headers.origin, request.headers.host)) {
      throw new RpcError(
        'PERMISSION_DENIED',
        `The Origin "${request.headers.origin}" is not allowed: only pages of this server may call it.`,
      )
    }
    if (options.loopbackOnly) checkHost(request)
  })
}

/** For what changes the emulator's behaviour: from this machine, by a loopback Host and no foreign Origin. */
export function requireLoopback(request: FastifyRequest): void {
  if (!isLoopbackAddress(request.socket.remoteAddress)) {
    throw new RpcError(
      'PERMISSION_DENIED',
      `Faults can only be set from this machine, not from ${request.socket.remoteAddress}.`,
    )
  }
  checkHost(request)
}

function checkHost(request: FastifyRequest): void {
  const host = request.headers.host ?? ''
  if (!isLoopbackHost(hostnameOf(host))) {
    throw new RpcError('PERMISSION_DENIED', `The Host "${host}" is not allowed: use localhost or a loopback address.`)
  }
}
