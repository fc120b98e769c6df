import { setImmediate } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { checkedProjectId } from '../../api/resource-name.ts'
import { invalidArgument, invalidField, RpcError } from '../../api/rpc-error.ts'
import type { ChartQuery, ChartRequest, ChartResponse, QueryResult } from '../../contract/charts.ts'
import type { EmulatorState } from '../../emulator-state.ts'
import { QueryBudget } from '../../monitoring/read/query-budget.ts'
import { chartAnswer } from '../../query/chart-answer.ts'
import { readChartQuery, readPromqlQuery } from '../../query/read-chart-query.ts'
import { runChartQuery } from '../../query/run-chart-query.ts'
import { errorAnswer } from '../error-answer.ts'
import { readTimeMs } from './parameters.ts'

const MAX_QUERIES = 100
const MAX_SERIES = { fallback: 100, max: 1000 }
const FINEST_SECONDS = { fallback: 1, max: 86_400 }
const MAX_POINTS = { fallback: 2000, max: 10_000 }

/** A JSON object whose fields are not validated yet. */
type Unchecked<T> = { readonly [Name in keyof T]?: unknown }

interface Interval {
  readonly startMs: number
  readonly endMs: number
}

/** `POST /api/query`: many chart queries in one request. One that fails doesn't fail the others. */
export function registerQueryRoute(app: FastifyInstance, state: EmulatorState): void {
  app.post('/api/query', async (request): Promise<ChartResponse> => {
    const body: Unchecked<ChartRequest> = object(request.body, '(body)')
    const projectId = checkedProjectId(typeof body.project === 'string' ? body.project : state.project)
    const interval = readInterval(body, { endMs: state.nowMs() })
    const { queries } = body
    if (!Array.isArray(queries)) throw invalidField('queries', undefined, 'It must be an array.')
    if (queries.length > MAX_QUERIES)
      throw invalidField('queries', undefined, `There are ${queries.length}; at most ${MAX_QUERIES} are allowed.`)
    const budget = new QueryBudget(state.metrics.limits.maxQuerySamples)
    const results: QueryResult[] = []
    for (const [index, query] of queries.entries()) {
      results.push(await answer(state, { query, index, projectId, interval, budget }))
      // Other requests can run between the queries of this one.
      await setImmediate()
    }
    return { nowMs: state.nowMs(), results }
  })
}

async function answer(
  state: EmulatorState,
  options: { query: unknown; index: number; projectId: string; interval: Interval; budget: QueryBudget },
): Promise<QueryResult> {
  const { projectId, interval, budget } = options
  const field = `queries[${options.index}]`
  try {
    const query: Unchecked<ChartQuery> = object(options.query, field)
    const { startMs, endMs } = readInterval(query, interval, `${field}.`)
    const maxPoints = bounded(query.maxPoints, `${field}.maxPoints`, MAX_POINTS)
    const maxSeries = bounded(query.maxSeries, `${field}.maxSeries`, MAX_SERIES)
    const promql = readPromqlQuery(query.timeSeriesQuery)
    if (promql) return await state.promql.chart(projectId, { ...promql, startMs, endMs, maxPoints, maxSeries })
    const result = runChartQuery(readChartQuery(query.timeSeriesQuery), {
      store: state.metrics,
      projectId,
      afterMicros: Math.floor(startMs * 1000),
      endMicros: Math.floor(endMs * 1000),
      budget,
      partial: query.partial === true,
      finestMicros: readFinest(query, field),
      maxPoints,
    })
    return chartAnswer(result, {
      exemplars: query.exemplars === true,
      maxSeries,
    })
  } catch (error) {
    if (error instanceof RpcError) return errorAnswer(error).body
    throw error
  }
}

function readInterval(
  from: Unchecked<{ startTime: unknown; endTime: unknown }>,
  fallback: Partial<Interval>,
  prefix = '',
): Interval {
  const startMs = readTimeMs(from.startTime ?? fallback.startMs, `${prefix}startTime`)
  const endMs = readTimeMs(from.endTime ?? fallback.endMs, `${prefix}endTime`)
  if (startMs < endMs) return { startMs, endMs }
  throw invalidField(`${prefix}startTime`, String(from.startTime ?? startMs), 'It must be before endTime.')
}

/** The shortest alignment period in microseconds; undefined if that is Cloud Monitoring's. */
function readFinest({ alignment, finestSeconds }: Unchecked<ChartQuery>, field: string): number | undefined {
  if (alignment === undefined) return undefined
  if (alignment !== 'auto') throw invalidField(`${field}.alignment`, String(alignment), 'Only "auto" is allowed.')
  return bounded(finestSeconds, `${field}.finestSeconds`, FINEST_SECONDS) * 1e6
}

function object(value: unknown, field: string): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw invalidArgument(`${field} must be a JSON object.`)
}

function bounded(value: unknown, field: string, options: { fallback: number; max: number }): number {
  if (value === undefined) return options.fallback
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= options.max) return value
  throw invalidField(field, String(value), `A whole number from 1 to ${options.max} is allowed.`)
}
