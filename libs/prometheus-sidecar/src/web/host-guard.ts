import { createHostRules } from '@node-to-cloud/browser-kit'
import type { FastifyInstance } from 'fastify'

/** Rejects requests that other sites' pages could make through a browser, by their Host and Origin, with 403. */
export function guardHosts(
  server: FastifyInstance,
  options: { readonly listenHost: string; readonly allowedHosts: readonly string[] },
): void {
  const rules = createHostRules(options)
  server.addHook('onRequest', async (request, reply) => {
    const { host = '', origin } = request.headers
    const problem = !rules.isHostAllowed(host)
      ? `the Host ${JSON.stringify(host)} is not allowed: use an IP address or a private name, or set --web.allowed-host`
      : !rules.isOriginAllowed(origin, host)
        ? `the Origin ${JSON.stringify(origin)} is not allowed`
        : undefined
    if (problem === undefined) return undefined
    return reply.code(403).type('text/plain; charset=utf-8').send(`${problem}\n`)
  })
}
