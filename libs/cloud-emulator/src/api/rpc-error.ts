import type { StatusName } from '../contract/status.ts'
import { shortened } from './shortened.ts'

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
