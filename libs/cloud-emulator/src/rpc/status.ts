import { shortened } from './shortened.ts'

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

const NAMES = Object.keys(STATUS_CODES) as StatusName[]

/** The HTTP status that Google's REST front end answers for each code (google/rpc/code.proto). */
const HTTP_STATUS: Readonly<Record<StatusName, number>> = {
  OK: 200,
  CANCELLED: 499,
  UNKNOWN: 500,
  INVALID_ARGUMENT: 400,
  DEADLINE_EXCEEDED: 504,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  PERMISSION_DENIED: 403,
  RESOURCE_EXHAUSTED: 429,
  FAILED_PRECONDITION: 400,
  ABORTED: 409,
  OUT_OF_RANGE: 400,
  UNIMPLEMENTED: 501,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  DATA_LOSS: 500,
  UNAUTHENTICATED: 401,
}

export function statusName(code: number): StatusName {
  return NAMES[code] ?? 'UNKNOWN'
}

export function httpStatus(name: StatusName): number {
  return HTTP_STATUS[name]
}

/** A message packed into a status' details: its full type name and its fields. */
export interface StatusDetail {
  readonly typeName: string
  readonly value: object
}

const MESSAGE_CHARACTERS = 16_000

/** An answer other than OK, in a form that both gRPC and REST can give. A message that is too long for that is cut. */
export class RpcError extends Error {
  readonly code: StatusName
  readonly details: readonly StatusDetail[]

  constructor(code: StatusName, message: string, options: { details?: readonly StatusDetail[]; cause?: unknown } = {}) {
    super(shortened(message, MESSAGE_CHARACTERS), options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'RpcError'
    this.code = code
    this.details = options.details ?? []
  }
}

export function invalidArgument(message: string): RpcError {
  return new RpcError('INVALID_ARGUMENT', message)
}

/** Google's wording for a field that can't be used. `field` is the path, such as `timeSeries[0].points`. */
export function invalidField(field: string, value: string | undefined, reason: string): RpcError {
  return invalidArgument(fieldMessage(field, value, reason))
}

export function fieldMessage(field: string, value: string | undefined, reason: string): string {
  return `Field ${field} had an invalid value${value === undefined ? '' : ` of "${shortened(value)}"`}: ${reason}`
}
