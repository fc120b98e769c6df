import type { StatusName } from '../contract/status.ts'
import { shortened } from './shortened.ts'

/** A message in the details of a status: its full type name and its fields. */
export interface StatusDetail {
  readonly typeName: string
  readonly value: object
}

const MESSAGE_CHARACTERS = 16_000

/** A status other than OK, for gRPC and REST. Long messages are truncated. */
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

/** INVALID_ARGUMENT in Google's wording. `field` is a path, such as `timeSeries[0].points`. */
export function invalidField(field: string, value: string | undefined, reason: string): RpcError {
  return invalidArgument(fieldMessage(field, value, reason))
}

/** The message about an invalid field in Google's wording. */
export function fieldMessage(field: string, value: string | undefined, reason: string): string {
  return `Field ${field} had an invalid value${value === undefined ? '' : ` of "${shortened(value)}"`}: ${reason}`
}
