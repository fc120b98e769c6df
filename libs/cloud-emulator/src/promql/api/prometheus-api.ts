import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { checkedProjectId } from '../../api/resource-name.ts'
import { RpcError } from '../../api/rpc-error.ts'
import { isSecure } from '../../api/secure-request.ts'
import type { EmulatorState } from '../../emulator-state.ts'
import { ApiError } from './api-error.ts'
import { ApiParameters } from './api-parameters.ts'
import type { ApiAnswer, ApiRequest, Endpoint } from './api-request.ts'
import { LISTING_ENDPOINTS } from './listing-endpoints.ts'
import { QUERY_ENDPOINTS } from './query-endpoints.ts'

const VERSION = '3.16.0'
const PREFIXES = ['/v1/projects/:project/location/:location/prometheus/api/v1', '/api/v1']

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  ...QUERY_ENDPOINTS,
  ...LISTING_ENDPOINTS,
  'status/buildinfo': () => ({
    data: { version: VERSION, revision: '', branch: '', buildUser: '', buildDate: '', goVersion: '' },
  }),
  rules: () => ({ data: { groups: [] } }),
  alerts: () => ({ data: { alerts: [] } }),
}

/**
 * Prometheus' HTTP API over the metrics of a project: where Cloud Monitoring has it, and at Prometheus' own path for tools
 * that know no other.
 */
export function registerPrometheusApi(app: FastifyInstance, state: EmulatorState): void {
  app.register(async (api) => {
    api.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string' },
      async (_request: FastifyRequest, body: string) => new URLSearchParams(body),
    )
    api.setErrorHandler((error, _request, reply) => sendError(error, reply))
    for (const prefix of PREFIXES) {
      for (const [path, endpoint] of Object.entries(ENDPOINTS)) {
        const handler = async (request: FastifyRequest, reply: FastifyReply) => {
          const answer = endpoint(readRequest(request, state))
          if (answer.data === undefined) return reply.code(204).send()
          return reply.type('application/json').send({ status: 'success', ...answer, ...remarks(answer) })
        }
        api.route({ method: ['GET', 'POST'], url: `${prefix}/${path}`, handler })
      }
    }
  })
}

function remarks({ warnings = [], infos = [] }: ApiAnswer): object {
  return {
    warnings: warnings.length > 0 ? warnings : undefined,
    infos: infos.length > 0 ? infos : undefined,
  }
}

function sendError(error: unknown, reply: FastifyReply): FastifyReply {
  const known = toApiError(error)
  const body = { status: 'error', errorType: known.type, error: known.message }
  return reply.code(known.status).type('application/json').send(body)
}

function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  if (error instanceof RpcError) return new ApiError('bad_data', error.message)
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
  const message = error instanceof Error ? error.message : String(error)
  return new ApiError(status < 500 ? 'bad_data' : 'internal', message)
}

function readRequest(request: FastifyRequest, state: EmulatorState): ApiRequest {
  const [, query = ''] = (request.raw.url ?? '').split('?', 2)
  // Of a parameter that is there twice, the form's value counts, as in Go.
  const values = new URLSearchParams([...parametersOf(request.body), ...new URLSearchParams(query)])
  const { project, label = '' } = request.params as { project?: string; label?: string }
  return {
    state,
    projectId: checkedProjectId(project ?? state.project),
    parameters: new ApiParameters(values),
    label: labelName(label),
    strict: state.strict === 'on' || (state.strict === 'auto' && isSecure(request)),
  }
}

/** The parameters in a body: a form as Prometheus takes it, or JSON as Google's API takes it and Grafana's Cloud Monitoring sends it. */
function* parametersOf(body: unknown): Generator<[name: string, value: string]> {
  if (body instanceof URLSearchParams) yield* body
  else if (typeof body === 'object' && body !== null && !Array.isArray(body)) {
    for (const [name, value] of Object.entries(body)) {
      if (typeof value === 'string' || typeof value === 'number') yield [name, String(value)]
    }
  }
}

/** Prometheus escapes names that are not plain as `U__…`: `_2e_` is a dot, two underscores are one. */
function labelName(escaped: string): string {
  if (!escaped.startsWith('U__')) return escaped
  return escaped.slice(3).replaceAll(/__|_([0-9a-f]{1,6})_/gi, (_all, code?: string) => {
    return code === undefined ? '_' : String.fromCodePoint(Math.min(0x10ffff, Number.parseInt(code, 16)))
  })
}
