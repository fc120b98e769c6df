import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { checkedProjectId } from '../../api/resource-name.ts'
import { isSecure } from '../../api/secure-request.ts'
import { ENDPOINT_PATHS, errorReply } from './answer-api.ts'
import { ApiParameters } from './api-parameters.ts'
import type { ApiOptions, ApiReply, ApiTask } from './api-task.ts'
import { type FormValue, formProblem, formValues } from './form-values.ts'

const FORM = 'application/x-www-form-urlencoded'
const PREFIXES = ['/v1/projects/:project/location/:location/prometheus/api/v1', '/api/v1']

export interface PrometheusApiOptions {
  /** The project of the path without one. */
  readonly project: string
  /** When to reject what Cloud Monitoring rejects: on the TLS ports, always, or never. */
  readonly strict: 'auto' | 'on' | 'off'
  readonly nowMs: () => number
  readonly retentionSeconds: number
  readonly answer: (projectId: string, task: ApiTask, options: ApiOptions) => Promise<ApiReply>
}

/**
 * Prometheus' HTTP API over the metrics of a project: at Cloud Monitoring's path, and at Prometheus' own path for tools
 * that support no other.
 */
export function registerPrometheusApi(app: FastifyInstance, options: PrometheusApiOptions): void {
  app.register(async (api) => {
    api.addContentTypeParser(
      FORM,
      { parseAs: 'string' },
      async (_request: FastifyRequest, body: string) => new FormBody(body),
    )
    // Prometheus ignores any other body.
    for (const type of ['text/plain', '*']) {
      api.addContentTypeParser(type, { parseAs: 'buffer' }, async () => undefined)
    }
    api.setErrorHandler((error, _request, reply) => send(reply, errorReply(error)))
    for (const prefix of PREFIXES) {
      for (const endpoint of ENDPOINT_PATHS) {
        const handler = async (request: FastifyRequest, reply: FastifyReply) => {
          const { projectId, task } = readRequest(request, options, endpoint)
          const takesTimeout = endpoint === 'query' || endpoint === 'query_range'
          const timeoutMs = takesTimeout ? new ApiParameters(task.parameters).wantedTimeoutMs() : undefined
          const gone = new AbortController()
          reply.raw.once('close', () => gone.abort())
          return send(reply, await options.answer(projectId, task, { timeoutMs, signal: gone.signal }))
        }
        api.route({ method: ['GET', 'POST'], url: `${prefix}/${endpoint}`, handler })
      }
    }
  })
}

/** A parsed form body. */
class FormBody {
  readonly values: readonly FormValue[]
  readonly problem: string | undefined

  constructor(text: string) {
    this.values = formValues(text)
    this.problem = formProblem(text)
  }
}

function send(reply: FastifyReply, { status, body }: ApiReply): FastifyReply {
  if (status === 204) return reply.code(204).send()
  return reply
    .code(status)
    .type('application/json')
    .send(Buffer.from(body.buffer, body.byteOffset, body.byteLength))
}

function readRequest(
  request: FastifyRequest,
  { project: ownProject, strict, nowMs, retentionSeconds }: PrometheusApiOptions,
  endpoint: string,
): { readonly projectId: string; readonly task: ApiTask } {
  const url = request.raw.url ?? ''
  const inUrl = url.includes('?') ? url.slice(url.indexOf('?') + 1) : ''
  const inBody = bodyValues(request.body)
  const { project, label = '' } = request.params as { project?: string; label?: string }
  const task: ApiTask = {
    kind: 'api',
    endpoint,
    // If a parameter occurs twice, the form's value is used, as in Go.
    parameters: [...inBody, ...formValues(inUrl)],
    formProblem: (request.body instanceof FormBody ? request.body.problem : undefined) ?? formProblem(inUrl),
    label: labelName(label),
    strict: strict === 'on' || (strict === 'auto' && isSecure(request)),
    nowMs: nowMs(),
    retentionMs: retentionSeconds * 1000,
  }
  return { projectId: checkedProjectId(project ?? ownProject), task }
}

/**
 * The parameters in a body: a form as in Prometheus, or JSON as in Google's API and sent by Grafana's Cloud Monitoring
 * data source.
 */
function bodyValues(body: unknown): readonly FormValue[] {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return []
  if (body instanceof FormBody) return body.values
  return Object.entries(body).flatMap(([name, value]) =>
    typeof value === 'string' || typeof value === 'number' ? [[name, String(value)] as const] : [],
  )
}

/** Prometheus escapes names with special characters as `U__…`: `_2e_` is a dot, two underscores are one. */
function labelName(escaped: string): string {
  if (!escaped.startsWith('U__')) return escaped
  return escaped.slice(3).replaceAll(/__|_([0-9a-f]{1,6})_/gi, (_all, code?: string) => {
    return code === undefined ? '_' : String.fromCodePoint(Math.min(0x10ffff, Number.parseInt(code, 16)))
  })
}
