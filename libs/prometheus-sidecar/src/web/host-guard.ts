import { isIP } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { isLoopback } from './loopback.ts'

/** Names that no public domain has, so that no other site controls them. */
const PRIVATE_NAME = /^[^.]+$|\.(?:svc|local|localdomain|lan|internal|intranet|localhost|test)$/
const HOST = /^(\[[^\]]*\]|[^:]*)(?::\d+)?$/

/**
 * Refuses requests that pages of other sites could make through a browser, with 403: those with a Host that such a site
 * could point here (DNS rebinding), and those with a foreign Origin. A server that listens on loopback only takes
 * loopback hosts; others also IP addresses and private names, such as those of a cluster's services.
 */
export function guardHosts(
  server: FastifyInstance,
  { listenHost, allowedHosts }: { readonly listenHost: string; readonly allowedHosts: readonly string[] },
): void {
  const allowed = new Set(allowedHosts.map((host) => host.toLowerCase()))
  const isTrusted = isLoopbackHost(listenHost) ? isLoopbackHost : isPrivateHost
  server.addHook('onRequest', async (request, reply) => {
    const { host = '', origin } = request.headers
    const name = (HOST.exec(host)?.[1] ?? '').toLowerCase()
    const problem =
      !allowed.has(name) && !isTrusted(name)
        ? `the Host ${JSON.stringify(host)} is not allowed: use an IP address or a private name, or set --web.allowed-host`
        : origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === host.toLowerCase())
          ? `the Origin ${JSON.stringify(origin)} is not allowed`
          : undefined
    if (problem === undefined) return undefined
    return reply.code(403).type('text/plain; charset=utf-8').send(`${problem}\n`)
  })
}

function isLoopbackHost(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '')
  return name === 'localhost' || name.endsWith('.localhost') || isLoopback(name)
}

function isPrivateHost(host: string): boolean {
  return isIP(host.replace(/^\[|\]$/g, '')) !== 0 || PRIVATE_NAME.test(host)
}
