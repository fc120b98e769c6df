import type { FastifyInstance, FastifyRequest } from 'fastify'
import { RpcError } from '../api/rpc-error.ts'
import { hostnameOf, isLoopbackAddress, isLoopbackHost, isPrivateHost, isSameOrigin } from './loopback.ts'

/**
 * Refuses requests that pages of other sites could make through a browser: those with a foreign Origin, and those with
 * a Host that such a site could point here (DNS rebinding). That is any but a loopback host if the server only listens
 * on loopback, otherwise a public name that is not in `allowedHosts`.
 */
export function guardRequests(
  app: FastifyInstance,
  options: { loopbackOnly: boolean; allowedHosts: readonly string[] },
): void {
  const allowed = new Set(options.allowedHosts.map((host) => host.toLowerCase()))
  app.addHook('onRequest', async (request) => {
    if (!isSameOrigin(request.headers.origin, request.headers.host)) {
      throw new RpcError(
        'PERMISSION_DENIED',
        `The Origin "${request.headers.origin}" is not allowed: only pages of this server may call it.`,
      )
    }
    if (allowed.has(hostnameOf(request.headers.host ?? '').toLowerCase())) return
    if (options.loopbackOnly) checkHost(request)
    else checkPrivateHost(request)
  })
}

/** For requests that change the emulator's behaviour: they must come from this machine, with a loopback Host. */
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

function checkPrivateHost(request: FastifyRequest): void {
  const host = request.headers.host ?? ''
  if (!isPrivateHost(hostnameOf(host))) {
    throw new RpcError(
      'PERMISSION_DENIED',
      `The Host "${host}" is not allowed: use an address, a name without dots or of .svc, .local or .internal, or start with --http.allowed-host NAME.`,
    )
  }
}
