/** The canonical status codes of gRPC (google.rpc.Code) by name. */
export const STATUS_CODES = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const

export type StatusName = keyof typeof STATUS_CODES

/** The `error` of a response that is not OK, in the format of Google's REST APIs. */
export interface ErrorStatus {
  /** The HTTP status. */
  readonly code: number
  readonly status: StatusName
  readonly message: string
  readonly details?: readonly object[]
}

/** The body of a response that is not OK. */
export interface ErrorBody {
  readonly error: ErrorStatus
}
