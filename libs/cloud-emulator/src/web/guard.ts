import { createHostRules, hostnameOf, isLoopbackAddress, isLoopbackHost } from '@node-to-cloud/browser-kit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { RpcError } from '../api/rpc-error.ts'

/** Rejects requests that pages of other sites could make through a browser, by their Host and Origin. */
export function guardRequests(
  app: FastifyInstance,
  options: { readonly listenHost: string; readonly allowedHosts: readonly string[] },
): void {
  const rules = createHostRules(options)
  const hint = isLoopbackHost(options.listenHost)
    ? 'use localhost or a loopback address'
    : 'use an address, a name without dots or of .svc, .local or .internal, or start with --http.allowed-host NAME'
  app.addHook('onRequest', async (request) => {
    const { host = '', origin } = request.headers
    if (!rules.isOriginAllowed(origin, host)) {
      throw new RpcError(
        'PERMISSION_DENIED',
        `The Origin "${origin}" is not allowed: only pages of this server may call it.`,
      )
    }
    if (!rules.isHostAllowed(host))
      throw new RpcError('PERMISSION_DENIED', `The Host "${host}" is not allowed: ${hint}.`)
  })
}

/** For requests that change the emulator's behaviour: they must come from this machine, with a loopback Host header. */
export function requireLoopback(request: FastifyRequest): void {
  if (!isLoopbackAddress(request.socket.remoteAddress)) {
    throw new RpcError(
      'PERMISSION_DENIED',
      `Faults can only be set from this machine, not from ${request.socket.remoteAddress}.`,
    )
  }
  const host = request.headers.host ?? ''
  if (!isLoopbackHost(hostnameOf(host))) {
    throw new RpcError('PERMISSION_DENIED', `The Host "${host}" is not allowed: use localhost or a loopback address.`)
  }
}
