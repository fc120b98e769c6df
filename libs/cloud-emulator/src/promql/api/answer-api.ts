import type { PromqlSource } from '../promql-source.ts'
import type { QueryLimits } from '../query-limits.ts'
import { ApiError, toApiError } from './api-error.ts'
import { ApiParameters } from './api-parameters.ts'
import type { ApiAnswer, Endpoint } from './api-request.ts'
import type { ApiReply, ApiTask } from './api-task.ts'
import { LISTING_ENDPOINTS } from './listing-endpoints.ts'
import { QUERY_ENDPOINTS } from './query-endpoints.ts'

const VERSION = '3.16.0'

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  ...QUERY_ENDPOINTS,
  ...LISTING_ENDPOINTS,
  'status/buildinfo': () => ({
    data: { version: VERSION, revision: '', branch: '', buildUser: '', buildDate: '', goVersion: '' },
  }),
  rules: () => ({ data: { groups: [] } }),
  alerts: () => ({ data: { alerts: [] } }),
}

/** The paths of the endpoints. */
export const ENDPOINT_PATHS: readonly string[] = Object.keys(ENDPOINTS)

export interface ApiContext {
  readonly source: PromqlSource
  readonly limits: QueryLimits
  readonly now: () => number
  /** Whether an error is to be thrown instead of returned in the response. */
  readonly mayFail: (error: unknown) => boolean
}

/** Handles a request of Prometheus' API; errors are returned in its format. */
export function answerApi(task: ApiTask, { mayFail, ...context }: ApiContext): ApiReply {
  const { endpoint, formProblem, label, strict, nowMs, retentionMs } = task
  const parameters = new ApiParameters(task.parameters)
  try {
    const answer = ENDPOINTS[endpoint]?.({ ...context, parameters, formProblem, label, strict, nowMs, retentionMs })
    if (answer === undefined) throw new ApiError('not_found', `there is no ${endpoint}`)
    if (answer.data === undefined) return { status: 204, body: new Uint8Array() }
    return { status: 200, body: jsonBytes({ status: 'success', ...answer, ...annotations(answer) }) }
  } catch (error) {
    if (mayFail(error)) throw error
    return errorReply(error)
  }
}

/** An error in the format of Prometheus' API. */
export function errorReply(error: unknown): ApiReply {
  const { status, type, message } = toApiError(error)
  return { status, body: jsonBytes({ status: 'error', errorType: type, error: message }) }
}

function annotations({ warnings = [], infos = [] }: ApiAnswer): object {
  return {
    warnings: warnings.length > 0 ? warnings : undefined,
    infos: infos.length > 0 ? infos : undefined,
  }
}

/** Throws an `ApiError` if the result is longer than a string can be. */
function jsonBytes(json: object): Uint8Array<ArrayBuffer> {
  try {
    return new TextEncoder().encode(JSON.stringify(json))
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new ApiError('execution', 'query processing would load too many samples into memory in query execution')
  }
}
