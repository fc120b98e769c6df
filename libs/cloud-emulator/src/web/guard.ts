import type { FastifyInstance, FastifyRequest } from 'fastify'
import { RpcError } from '../api/rpc-error.ts'
import { hostnameOf, isLoopbackAddress, isLoopbackHost, isPrivateHost, isSameOrigin } from './loopback.ts'

/**
 * Refuses what pages of other sites may try through a browser that reaches this server: requests with a foreign Origin, and a
 * Host that such a site may have made point here (DNS rebinding): one that is not loopback where the server listens on
 * loopback only, else a public name that is not among `allowedHosts`.
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

function checkPrivateHost(request: FastifyRequest): void {
  const host = request.headers.host ?? ''
  if (!isPrivateHost(hostnameOf(host))) {
    throw new RpcError(
      'PERMISSION_DENIED',
      `The Host "${host}" is not allowed: use an address, a name without dots or of .svc, .local or .internal, or start with --http.allowed-host NAME.`,
    )
  }
}
