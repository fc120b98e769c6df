import type { HostRules } from '@node-to-cloud/browser-kit'
import { messageOf } from '@node-to-cloud/command-line'
import { type FastifyInstance, fastify } from 'fastify'
import type { Problem } from '../contract/api.ts'
import { MasterError, type MasterErrorCode } from '../run/master-error.ts'
import { ScriptError } from '../script/script-error.ts'
import { Attempts } from '../security/attempts.ts'
import { TargetNotAllowedError } from '../security/target-policy.ts'
import { TargetError } from '../start/target-check.ts'
import { guardAccess } from './access-guard.ts'
import { addApiRoutes } from './api-routes.ts'
import { addLocustRoutes } from './locust-routes.ts'
import { addUiRoutes } from './ui-routes.ts'
import type { WebContext } from './web-context.ts'
import { attachWorkerEndpoint } from './worker-endpoint.ts'

export interface WebAppOptions {
  readonly token: string
  readonly hosts: HostRules
}

const MAX_BODY_BYTES = 64 * 1024

const MASTER_ERROR_STATUS: Readonly<Record<MasterErrorCode, number>> = {
  ERR_NO_RUN: 409,
  ERR_NO_WORKERS: 409,
  ERR_RUN_ACTIVE: 409,
  ERR_PREPARE_FAILED: 422,
  ERR_HOOK_FAILED: 422,
  ERR_VALUE: 400,
}

/** Builds the master's HTTP server: console, REST, Locust's REST, and the workers' endpoint. It does not listen yet. */
export function createWebApp(context: WebContext, options: WebAppOptions): FastifyInstance {
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: 30_000,
    connectionTimeout: 60_000,
    keepAliveTimeout: 72_000,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 300 },
  })
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    done(null, Object.fromEntries(new URLSearchParams(String(body))))
  })
  app.setErrorHandler((error, _request, reply) => {
    const { status, ...problem } = problemOf(error)
    if (status === 500) context.log.add(`error: ${error instanceof Error ? (error.stack ?? error.message) : error}`)
    return reply.code(status).send(problem)
  })
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ error: 'ERR_NOT_FOUND', message: 'There is nothing here.' } satisfies Problem),
  )
  const attempts = new Attempts()
  guardAccess(app, { ...options, attempts })
  addApiRoutes(app, context)
  addLocustRoutes(app, context)
  addUiRoutes(app)
  attachWorkerEndpoint(app.server, context.master.fleet, { token: options.token, attempts })
  return app
}

function problemOf(error: unknown): Problem & { readonly status: number } {
  const message = messageOf(error)
  if (error instanceof ScriptError) return { status: 422, error: error.code, message, field: error.field ?? 'script' }
  if (error instanceof TargetNotAllowedError) return { status: 403, error: error.code, message, field: error.field }
  if (error instanceof TargetError) return { status: 422, error: error.code, message, field: 'target' }
  if (error instanceof MasterError)
    return { status: MASTER_ERROR_STATUS[error.code], error: error.code, message, field: error.field }
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? Number(error.statusCode) : 500
  if (status >= 400 && status < 500) return { status, error: 'ERR_REQUEST', message }
  return { status: 500, error: 'ERR_INTERNAL', message: 'Something went wrong; see the log of the load tester.' }
}
