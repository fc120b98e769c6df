import {
  type Expression,
  type Labels,
  ParseError,
  parseQuery,
  prettify,
  QueryError,
  type QueryResult,
} from '@node-to-cloud/promql'
import { selectorsIn } from '../cloud/cloud-differences.ts'
import { type ProjectAnswer, ProjectPromql } from '../promql-engine.ts'
import type { Exemplar } from '../promql-source.ts'
import { ApiError, invalidParameter, toApiError } from './api-error.ts'
import { readQueryRange } from './api-parameters.ts'
import type { ApiAnswer, ApiRequest, Endpoint } from './api-request.ts'
import { isCut, resultData } from './api-values.ts'
import { expressionJson } from './expression-json.ts'
import { EARLIEST_MS, evaluationTimeMs, LATEST_MS } from './go-time.ts'

const TRUNCATED = 'results truncated due to limit'

/** The endpoints that take a query. Parameters are validated in Prometheus' order. */
export const QUERY_ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  query: (request) => {
    const limit = request.parameters.limit()
    const timeMs = evaluationTimeMs(request.parameters.time('time', request.nowMs))
    return queryAnswer(request, { limit, timeMs }, (promql, query) => promql.instant(query, timeMs))
  },
  query_range: (request) => {
    const limit = request.parameters.limit()
    const { startMs, endMs, stepMs } = readQueryRange(request.parameters)
    return queryAnswer(request, { limit, timeMs: endMs }, (promql, query) =>
      promql.range(query, startMs, endMs, stepMs),
    )
  },
  query_exemplars: ({ source, parameters }) => {
    const startMs = parameters.time('start', EARLIEST_MS)
    const endMs = parameters.time('end', LATEST_MS)
    if (endMs < startMs) throw new ApiError('bad_data', 'end timestamp must not be before start timestamp')
    const expression = parsed(parameters.text('query'), (message) => new ApiError('bad_data', message))
    const selectors = selectorsIn(expression)
    if (selectors.length === 0) return { data: undefined }
    const found = new Map<string, { labels: Labels; exemplars: readonly Exemplar[] }>()
    for (const { matchers } of selectors) {
      for (const one of source.exemplars(matchers, { startMs, endMs })) found.set(one.labels.key, one)
    }
    return { data: [...found.values()].map(({ labels, exemplars }) => ({ seriesLabels: labels.toJSON(), exemplars })) }
  },
  format_query: ({ parameters }) => ({ data: prettify(parsed(parameters.text('query'))) }),
  parse_query: ({ parameters }) => ({ data: expressionJson(parsed(parameters.text('query'))) }),
}

function queryAnswer(
  request: ApiRequest,
  { limit, timeMs }: { limit: number; timeMs: number },
  evaluate: (promql: ProjectPromql, query: string) => ProjectAnswer,
): ApiAnswer {
  const { parameters } = request
  const promql = promqlOf(request)
  const startedMs = performance.now()
  const { result, infos } = answered(() => evaluate(promql, parameters.text('query')))
  const seconds = (performance.now() - startedMs) / 1000
  const wanted = parameters.text('stats')
  return {
    data: { ...resultData(result, timeMs, limit), ...(wanted !== '' && { stats: statistics(result, seconds) }) },
    warnings: [...result.warnings, ...(isCut(result, limit) ? [TRUNCATED] : []), ...statsWarning(wanted)],
    infos: [...result.infos, ...infos],
  }
}

function promqlOf({ source, parameters, strict, limits, now }: ApiRequest): ProjectPromql {
  const wantedMs = parameters.duration('timeout')
  if (wantedMs !== undefined && wantedMs <= 0) {
    throw invalidParameter('timeout', `timeout must be positive, got ${wantedMs / 1000}s`)
  }
  const lookbackMs = parameters.duration('lookback_delta', (problem) => {
    return new ApiError('bad_data', `error parsing lookback delta duration: ${problem}`)
  })
  return new ProjectPromql({ source, strict, limits, now, ...(lookbackMs && { lookbackMs }) })
}

/** Prometheus' statistics. Prometheus measures several phases of its engine; this engine has only one. */
function statistics({ samples }: QueryResult, seconds: number): object {
  const timings = {
    evalTotalTime: seconds,
    resultSortTime: 0,
    queryPreparationTime: 0,
    innerEvalTime: seconds,
    execQueueTime: 0,
    execTotalTime: seconds,
  }
  return { timings, samples }
}

function statsWarning(wanted: string): string[] {
  if (['', 'true', 'all'].includes(wanted)) return []
  const rest = 'is deprecated and will be rejected in the next major release, use "true" or "all"'
  return [`value ${JSON.stringify(wanted)} for parameter "stats" ${rest}`]
}

function answered(evaluate: () => ProjectAnswer): ProjectAnswer {
  try {
    return evaluate()
  } catch (error) {
    if (error instanceof ParseError) throw invalidParameter('query', error.message)
    if (!(error instanceof QueryError)) throw error
    if (error.kind === 'query') throw invalidParameter('query', error.message)
    throw toApiError(error)
  }
}

function parsed(query: string, refusal = (message: string) => invalidParameter('query', message)): Expression {
  try {
    return parseQuery(query)
  } catch (error) {
    throw error instanceof ParseError ? refusal(error.message) : error
  }
}
