import { messageOf } from '@node-to-cloud/command-line'
import { QueryError } from '@node-to-cloud/promql'
import { RpcError } from '../../api/rpc-error.ts'

/** The kinds of errors of Prometheus' HTTP API, with their HTTP status. */
const STATUS = { bad_data: 400, execution: 422, timeout: 503, canceled: 499, not_found: 404, internal: 500 } as const

export type ApiErrorType = keyof typeof STATUS

/** An error of Prometheus' HTTP API. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly type: ApiErrorType

  constructor(type: ApiErrorType, message: string, options?: { readonly cause: unknown }) {
    super(message, options)
    this.type = type
  }

  get status(): number {
    return STATUS[this.type]
  }
}

/** An invalid parameter. */
export function invalidParameter(name: string, reason: string): ApiError {
  return new ApiError('bad_data', `invalid parameter "${name}": ${reason}`)
}

/** Converts any error to one of Prometheus' API: Fastify's by their HTTP status. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  if (error instanceof QueryError) {
    return new ApiError(error.kind === 'timeout' ? 'timeout' : 'execution', error.message, { cause: error })
  }
  const isKnown = error instanceof RpcError && error.code === 'INVALID_ARGUMENT'
  const status = isKnown ? 400 : error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
  return new ApiError(status < 500 ? 'bad_data' : 'internal', messageOf(error), { cause: error })
}
