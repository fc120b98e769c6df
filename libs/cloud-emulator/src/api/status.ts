import { STATUS_CODES, type StatusName } from '../contract/status.ts'

const NAMES = Object.keys(STATUS_CODES) as StatusName[]

/** The HTTP status that Google's REST front end returns for each code (google/rpc/code.proto). */
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

/** The name of a canonical code; `UNKNOWN` for a code that has none. */
export function statusName(code: number): StatusName {
  return NAMES[code] ?? 'UNKNOWN'
}

/** The HTTP status of Google's REST front end for a code. */
export function httpStatus(name: StatusName): number {
  return HTTP_STATUS[name]
}
