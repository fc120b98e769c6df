import {
  collectFamilies,
  EXPOSITION_CONTENT_TYPES,
  negotiateFormat,
  type Registry,
  renderExposition,
} from '@node-to-cloud/telemetry'
import { type FastifyInstance, fastify } from 'fastify'
import type { StatusSection } from '../contract/status.ts'
import type { Log } from '../log/log.ts'
import { guardHosts } from './host-guard.ts'
import { registerStatusPage } from './status-page.ts'

/** Options of {@link createWebServer}. */
export interface WebServerOptions {
  readonly registry: Registry
  /** Why the sidecar is not ready; empty if it is. */
  readonly readiness: () => readonly string[]
  readonly status: () => readonly StatusSection[]
  readonly log: Pick<Log, 'error'>
  /** The host that the server listens on. Default: a loopback address. */
  readonly listenHost?: string
  /** Other host names that the Host header of requests may contain. */
  readonly allowedHosts?: readonly string[]
}

/** Creates the web server with `/metrics`, `/healthz`, `/readyz` and the status page. */
export function createWebServer(options: WebServerOptions): FastifyInstance {
  const server = fastify({
    logger: false,
    requestTimeout: 60_000,
    connectionTimeout: 0,
    keepAliveTimeout: 75_000,
    forceCloseConnections: 'idle',
  })
  server.server.maxConnections = 1024
  guardHosts(server, { listenHost: options.listenHost ?? '127.0.0.1', allowedHosts: options.allowedHosts ?? [] })
  server.setErrorHandler((error: { readonly statusCode?: number; readonly message: string }, request, reply) => {
    const status = error.statusCode ?? 500
    if (status >= 500) options.log.error({ err: error, url: request.url }, 'A request failed.')
    reply
      .code(status)
      .type('text/plain; charset=utf-8')
      .send(`${status >= 500 ? 'the request failed; see the log' : error.message}\n`)
  })

  server.get('/metrics', async (request, reply) => {
    const format = negotiateFormat(request.headers.accept)
    const families = await collectFamilies(options.registry)
    return reply.header('Content-Type', EXPOSITION_CONTENT_TYPES[format]).send(renderExposition(families, format))
  })
  server.get('/healthz', async (_request, reply) => reply.type('text/plain; charset=utf-8').send('ok\n'))
  server.get('/readyz', async (_request, reply) => {
    const reasons = options.readiness()
    reply.code(reasons.length === 0 ? 200 : 503).type('text/plain; charset=utf-8')
    return reasons.length === 0 ? 'ok\n' : `not ready: ${reasons.join('; ')}\n`
  })
  registerStatusPage(server, () => ({ notReady: options.readiness(), sections: options.status() }))
  return server
}
