/** The kinds of errors of Prometheus' HTTP API, with their HTTP status. */
const STATUS = { bad_data: 400, execution: 422, timeout: 503, not_found: 404, internal: 500 } as const

export type ApiErrorType = keyof typeof STATUS

/** An error of Prometheus' HTTP API. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly type: ApiErrorType

  constructor(type: ApiErrorType, message: string) {
    super(message)
    this.type = type
  }

  get status(): number {
    return STATUS[this.type]
  }
}

/** A parameter that can't be used. */
export function invalidParameter(name: string, reason: string): ApiError {
  return new ApiError('bad_data', `invalid parameter "${name}": ${reason}`)
}
