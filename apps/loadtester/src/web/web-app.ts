import { type FastifyInstance, fastify } from 'fastify'
import { MasterError } from '../run/master-error.ts'
import { TargetError } from '../run/target-check.ts'
import { ScriptError } from '../script/script-error.ts'
import type { HostPolicy } from '../security/host-check.ts'
import { TargetNotAllowedError } from '../security/target-policy.ts'
import { guardAccess } from './access-guard.ts'
import { addApiRoutes } from './api-routes.ts'
import type { Console } from './console.ts'
import { addLocustRoutes } from './locust-routes.ts'
import { addUiRoutes } from './ui-routes.ts'
import { attachWorkerEndpoint } from './worker-endpoint.ts'

export interface WebAppOptions {
  readonly token: string
  readonly hosts: HostPolicy
}

const maximumBodyBytes = 64 * 1024

/** Builds the master's HTTP server: UI, REST, Locust's REST, and the endpoint of the workers. Does not listen yet. */
export function createWebApp(console: Console, options: WebAppOptions): FastifyInstance {
  const app = fastify({
    bodyLimit: maximumBodyBytes,
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
    const { status, code, field } = classify(error)
    const message = status === 500 ? 'Something went wrong in the load tester; its log says more.' : messageOf(error)
    if (status === 500)
      console.log.add(`error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    return reply.code(status).send({ error: code, message, ...(field === undefined ? {} : { field }) })
  })
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ error: 'NOT_FOUND', message: 'There is nothing here.' }),
  )
  guardAccess(app, options)
  addApiRoutes(app, console)
  addLocustRoutes(app, console)
  addUiRoutes(app)
  attachWorkerEndpoint(app.server, console.master, { token: options.token })
  return app
}

interface Failure {
  readonly status: number
  readonly code: string
  readonly field?: string | undefined
}

function classify(error: unknown): Failure {
  if (error instanceof ScriptError) return { status: 422, code: error.code, field: error.field ?? 'script' }
  if (error instanceof TargetNotAllowedError) return { status: 403, code: error.code, field: error.field }
  if (error instanceof TargetError) return { status: 422, code: error.code, field: 'target' }
  if (error instanceof MasterError) {
    const conflict = error.code === 'RUN_ACTIVE' || error.code === 'NO_RUN' || error.code === 'NO_WORKERS'
    return {
      status: conflict ? 409 : error.code === 'PREPARE_FAILED' || error.code === 'HOOK_FAILED' ? 422 : 400,
      code: error.code,
      field: error.field,
    }
  }
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? Number(error.statusCode) : 500
  return status >= 400 && status < 500 ? { status, code: 'BAD_REQUEST' } : { status: 500, code: 'INTERNAL' }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
