import type { FastifyInstance } from 'fastify'
import type { EmulatorState } from '../emulator.ts'
import { checkedProjectId } from '../monitoring/resource-name.ts'
import { chartJson } from '../query/chart-json.ts'
import { readChartQuery } from '../query/chart-query.ts'
import { runChartQuery } from '../query/run-chart-query.ts'
import { invalidArgument, invalidField, RpcError } from '../rpc/status.ts'
import { readTimeMs } from './api-parameters.ts'
import { errorJson } from './error-json.ts'

const MAX_QUERIES = 100
const DEFAULT_SERIES = 100
const DEFAULT_POINTS = 2000

type JsonObject = Record<string, unknown>

/** The two ends of what a query looks at, in epoch milliseconds. */
interface Interval {
  readonly startMs: number
  readonly endMs: number
}

/** `POST /api/query`: many chart queries in one request, each answered or refused on its own. */
export function registerQueryRoute(app: FastifyInstance, state: EmulatorState): void {
  app.post('/api/query', async (request) => {
    const body = object(request.body, '(body)')
    const projectId = checkedProjectId(typeof body.project === 'string' ? body.project : state.project)
    const interval = readInterval(body, { endMs: state.nowMs() })
    const { queries } = body
    if (!Array.isArray(queries)) throw invalidField('queries', undefined, 'A list is needed.')
    if (queries.length > MAX_QUERIES)
      throw invalidField('queries', undefined, `There are ${queries.length}; at most ${MAX_QUERIES} are allowed.`)
    return {
      nowMs: state.nowMs(),
      results: queries.map((query, index) => answer(state, { query, index, projectId, interval })),
    }
  })
}

function answer(
  state: EmulatorState,
  options: { query: unknown; index: number; projectId: string; interval: Interval },
): object {
  const { index, projectId } = options
  try {
    const query = object(options.query, `queries[${index}]`)
    const { startMs, endMs } = readInterval(query, options.interval, `queries[${index}].`)
    const result = runChartQuery(readChartQuery(query.timeSeriesQuery), {
      store: state.metrics,
      projectId,
      afterMicros: Math.floor(startMs * 1000),
      endMicros: Math.floor(endMs * 1000),
      partial: query.partial === true,
      maxPoints: bounded(query.maxPoints, {
        fallback: DEFAULT_POINTS,
        max: 10_000,
        field: `queries[${index}].maxPoints`,
      }),
    })
    return chartJson(result, {
      exemplars: query.exemplars === true,
      maxSeries: bounded(query.maxSeries, {
        fallback: DEFAULT_SERIES,
        max: 1000,
        field: `queries[${index}].maxSeries`,
      }),
    })
  } catch (error) {
    if (error instanceof RpcError) return errorJson(error).body
    throw error
  }
}

/** Reads `startTime` and `endTime`, each with what holds where it is left out. Throws INVALID_ARGUMENT. */
function readInterval(from: JsonObject, otherwise: Partial<Interval>, prefix = ''): Interval {
  const startMs = readTimeMs(from.startTime ?? otherwise.startMs, `${prefix}startTime`)
  const endMs = readTimeMs(from.endTime ?? otherwise.endMs, `${prefix}endTime`)
  if (startMs < endMs) return { startMs, endMs }
  throw invalidField(`${prefix}startTime`, String(from.startTime ?? startMs), 'It must be before endTime.')
}

function object(value: unknown, field: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject
  throw invalidArgument(`${field} must be a JSON object.`)
}

function bounded(value: unknown, options: { fallback: number; max: number; field: string }): number {
  if (value === undefined) return options.fallback
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= options.max) return value
  throw invalidField(options.field, String(value), `A whole number from 1 to ${options.max} is allowed.`)
}
