import {
  compareText,
  type Expression,
  ParseError,
  parseQuery,
  prettify,
  QueryError,
  type QueryResult,
} from '@node-to-cloud/promql'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { checkedProjectId } from '../api/resource-name.ts'
import { RpcError } from '../api/rpc-error.ts'
import type { EmulatorState } from '../emulator-state.ts'
import { ApiError, invalidParameter } from './api-error.ts'
import { ApiParameters, readQueryRange } from './api-parameters.ts'
import { isCut, resultData } from './api-values.ts'
import { exemplarsOf } from './exemplars.ts'
import { expressionJson } from './expression-json.ts'
import { ProjectPromql } from './promql-engine.ts'
import { listMetadata, listSeries } from './series-listing.ts'

const VERSION = '3.16.0'
const MAX_TIMEOUT_MS = 120_000
const PREFIXES = ['/v1/projects/:project/location/:location/prometheus/api/v1', '/api/v1']

/** One request of Prometheus' API. */
interface ApiRequest {
  readonly state: EmulatorState
  readonly projectId: string
  readonly parameters: ApiParameters
  /** The name in `label/…/values`. */
  readonly label: string
}

/** What an endpoint answers. */
interface ApiAnswer {
  readonly data: unknown
  readonly warnings?: readonly string[]
  readonly infos?: readonly string[]
}

type Endpoint = (request: ApiRequest) => ApiAnswer

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  query: ({ state, projectId, parameters }) => {
    const timeMs = parameters.time('time', state.nowMs())
    const promql = promqlOf(state, projectId, parameters)
    return queryAnswer(
      answered(() => promql.instant(parameters.text('query'), timeMs)),
      timeMs,
      parameters,
    )
  },
  query_range: ({ state, projectId, parameters }) => {
    const { startMs, endMs, stepMs } = readQueryRange(parameters)
    const promql = promqlOf(state, projectId, parameters)
    const result = answered(() => promql.range(parameters.text('query'), startMs, endMs, stepMs))
    return queryAnswer(result, endMs, parameters)
  },
  query_exemplars: ({ state, projectId, parameters }) => {
    const window = readWindow(state, parameters)
    return { data: exemplarsOf(projectOf(state, projectId), parsed(parameters.text('query')), window) }
  },
  format_query: ({ parameters }) => ({ data: prettify(parsed(parameters.text('query'))) }),
  parse_query: ({ parameters }) => ({ data: expressionJson(parsed(parameters.text('query'))) }),
  series: ({ state, projectId, parameters }) => {
    const selectors = parameters.selectors()
    if (selectors.length === 0) throw new ApiError('bad_data', 'no match[] parameter provided')
    const found = listSeries(projectOf(state, projectId), selectors, readWindow(state, parameters))
    return cut(
      found.map((labels) => labels.toJSON()),
      parameters,
    )
  },
  labels: (request) => {
    const names = new Set(listed(request).flatMap((labels) => [...labels].map(([name]) => name)))
    return cut([...names].sort(compareText), request.parameters)
  },
  'label/:label/values': (request) => {
    const values = new Set(listed(request).map((labels) => labels.get(request.label)))
    values.delete('')
    return cut([...values].sort(compareText), request.parameters)
  },
  metadata: ({ state, projectId, parameters }) => {
    const all = [...listMetadata(projectOf(state, projectId))]
    const metric = parameters.text('metric')
    const wanted = metric === '' ? all : all.filter(([name]) => name === metric)
    const limit = parameters.limit()
    const perMetric = parameters.limit('limit_per_metric') || undefined
    const shown = limit > 0 ? wanted.slice(0, limit) : wanted
    return { data: Object.fromEntries(shown.map(([name, list]) => [name, list.slice(0, perMetric)])) }
  },
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
  const values = new URLSearchParams(query)
  for (const [name, value] of parametersOf(request.body)) values.append(name, value)
  const { project, label = '' } = request.params as { project?: string; label?: string }
  return {
    state,
    projectId: checkedProjectId(project ?? state.project),
    parameters: new ApiParameters(values),
    label: labelName(label),
  }
}

/** The parameters in a body: a form as Prometheus takes it, or JSON as Google's API takes it and Grafana's Cloud Monitoring sends it. */
function* parametersOf(body: unknown): Generator<readonly [name: string, value: string]> {
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

function promqlOf(state: EmulatorState, projectId: string, parameters: ApiParameters): ProjectPromql {
  const timeoutMs = Math.min(MAX_TIMEOUT_MS, parameters.duration('timeout') ?? MAX_TIMEOUT_MS)
  const lookbackMs = parameters.duration('lookback_delta')
  return new ProjectPromql({ store: state.metrics, projectId, timeoutMs, ...(lookbackMs && { lookbackMs }) })
}

function projectOf(state: EmulatorState, projectId: string) {
  return state.metrics.projects.get(projectId)
}

function readWindow(state: EmulatorState, parameters: ApiParameters) {
  const startMs = parameters.time('start', state.nowMs() - state.retentionSeconds * 1000)
  const endMs = parameters.time('end', state.nowMs())
  if (endMs < startMs) throw invalidParameter('end', 'end timestamp must not be before start time')
  return { startMs, endMs }
}

function listed({ state, projectId, parameters }: ApiRequest) {
  return listSeries(projectOf(state, projectId), parameters.selectors(), readWindow(state, parameters))
}

function cut<T>(list: readonly T[], parameters: ApiParameters): ApiAnswer {
  const limit = parameters.limit()
  if (limit === 0 || list.length <= limit) return { data: list }
  return { data: list.slice(0, limit), warnings: ['results truncated due to limit'] }
}

function queryAnswer(result: QueryResult, timeMs: number, parameters: ApiParameters): ApiAnswer {
  const limit = parameters.limit()
  const warnings = isCut(result, limit) ? [...result.warnings, 'results truncated due to limit'] : result.warnings
  return { data: resultData(result, timeMs, limit), warnings, infos: result.infos }
}

function answered(evaluate: () => QueryResult): QueryResult {
  try {
    return evaluate()
  } catch (error) {
    if (error instanceof ParseError) throw invalidParameter('query', error.message)
    if (error instanceof QueryError)
      throw new ApiError(error.kind === 'timeout' ? 'timeout' : 'execution', error.message)
    throw error
  }
}

function parsed(query: string): Expression {
  try {
    return parseQuery(query)
  } catch (error) {
    if (error instanceof ParseError) throw invalidParameter('query', error.message)
    throw error
  }
}
