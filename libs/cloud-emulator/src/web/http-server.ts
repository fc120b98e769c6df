import type { Server } from 'node:http'
import { type HostPort, listenOn } from '@node-to-cloud/command-line'
import { collectFamilies, EXPOSITION_CONTENT_TYPES, negotiateFormat, renderExposition } from '@node-to-cloud/telemetry'
import Fastify, { type FastifyInstance } from 'fastify'
import { absentRest, isApiPath } from '../api/absent-methods.ts'
import { RpcError } from '../api/rpc-error.ts'
import type { EmulatorState } from '../emulator-state.ts'
import type { TlsMaterial } from '../grpc/grpc-server.ts'
import { registerOtlpRoute } from '../otlp/otlp-route.ts'
import { registerPrometheusApi } from '../promql/api/prometheus-api.ts'
import { registerUi } from '../ui/register-ui.ts'
import { registerApi } from './api/register-api.ts'
import { registerBodyParsers } from './body-parsers.ts'
import { asRpcError, errorAnswer } from './error-answer.ts'
import { registerFaultRoutes } from './fault-routes.ts'
import { guardRequests } from './guard.ts'
import { registerRestRoutes } from './rest/rest-routes.ts'
import { HTTP_TIMEOUTS, listenBeside } from './second-listener.ts'
import { registerTestControlRoutes } from './test-control-routes.ts'
import { registerTokenRoute } from './token-route.ts'

const MAX_BODY_BYTES = 10 * 1024 * 1024

export interface HttpServer {
  readonly app: FastifyInstance
  /** Resolves to the port. Throws `ListenError`. */
  listen(address: HostPort): Promise<number>
  /** Serves the same at an additional address, over TLS with `tls`. Resolves to the port. Throws `ListenError`. */
  listenBeside(address: HostPort, tls?: TlsMaterial): Promise<number>
  close(): Promise<void>
}

/** Builds the HTTP server: REST, OTLP, the UI and its endpoints, faults, metrics and health. */
export async function buildHttpServer(
  state: EmulatorState,
  options: { host: string; allowedHosts: readonly string[] },
): Promise<HttpServer> {
  const app = Fastify({
    bodyLimit: MAX_BODY_BYTES,
    ...HTTP_TIMEOUTS,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 2000 },
  })
  registerBodyParsers(app, { maxBytes: MAX_BODY_BYTES })
  guardRequests(app, { listenHost: options.host, allowedHosts: options.allowedHosts })
  app.setErrorHandler((error, request, reply) => {
    const { status, body } = errorAnswer(asRpcError(error), { userAgent: request.headers['user-agent'] ?? '' })
    return reply.code(status).type('application/json; charset=utf-8').send(body)
  })
  app.setNotFoundHandler((request) => {
    const [path = ''] = request.url.split('?')
    if (isApiPath(path)) throw absentRest(request.method, path)
    throw new RpcError('NOT_FOUND', `Nothing is served at ${request.method} ${request.url}.`)
  })
  registerHealth(app, state)
  registerFaultRoutes(app, state.faults)
  registerTestControlRoutes(app, state)
  registerTokenRoute(app)
  registerOtlpRoute(app, { dispatcher: state.dispatcher, asRpcError })
  registerRestRoutes(app, state.dispatcher)
  registerApi(app, state)
  registerPrometheusApi(app, { ...state, answer: (...request) => state.promql.api(...request) })
  await registerUi(app, { project: state.project })
  const servers: Server[] = []
  return {
    app,
    async listen(address) {
      await listenOn(app, address)
      const bound = app.server.address()
      return typeof bound === 'object' && bound !== null ? bound.port : address.port
    },
    async listenBeside(address, tls) {
      const { server, port } = await listenBeside(app, address, tls)
      servers.push(server)
      return port
    },
    async close() {
      for (const server of servers) {
        server.close()
        server.closeAllConnections()
      }
      await app.close()
    },
  }
}

function registerHealth(app: FastifyInstance, state: EmulatorState): void {
  app.get('/healthz', async (_request, reply) => reply.type('text/plain').send('ok\n'))
  app.get('/readyz', async (_request, reply) => reply.type('text/plain').send('ok\n'))
  app.get('/metrics', async (request, reply) => {
    const format = negotiateFormat(request.headers.accept)
    const text = renderExposition(await collectFamilies(state.ownMetrics.registry), format)
    return reply.header('Vary', 'Accept').type(EXPOSITION_CONTENT_TYPES[format]).send(text)
  })
}
