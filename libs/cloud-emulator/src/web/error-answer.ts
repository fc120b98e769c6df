import { messageOf } from '@node-to-cloud/command-line'
import { RpcError } from '../api/rpc-error.ts'
import { httpStatus } from '../api/status.ts'
import type { ErrorBody } from '../contract/status.ts'
import { toJson } from '../protos/proto-json.ts'
import { registry } from '../protos/registry.ts'

/**
 * gcloud retries a call with status 501 for half a minute, and then shows no message; with 400 it shows the message at
 * once.
 */
const HIDES_501 = /^google-cloud-sdk\b/

/** An error in the format of Google's REST APIs, with its HTTP status. */
export function errorAnswer(
  error: RpcError,
  client: { userAgent: string } = { userAgent: '' },
): { status: number; body: ErrorBody } {
  const code = error.code === 'UNIMPLEMENTED' && HIDES_501.test(client.userAgent) ? 400 : httpStatus(error.code)
  const details = error.details.map((detail) => ({
    '@type': `type.googleapis.com/${detail.typeName}`,
    ...(toJson(registry.lookupType(detail.typeName), detail.value) as object),
  }))
  return {
    status: code,
    body: { error: { code, message: error.message, status: error.code, ...(details.length > 0 ? { details } : {}) } },
  }
}

/** Converts any error to an `RpcError`: Fastify's by their HTTP status, all others to INTERNAL. */
export function asRpcError(error: unknown): RpcError {
  if (error instanceof RpcError) return error
  if (error instanceof RangeError && /call stack/.test(error.message))
    return new RpcError('INVALID_ARGUMENT', 'The request is nested too deeply.', { cause: error })
  const message = messageOf(error)
  const statusCode =
    typeof error === 'object' && error !== null && 'statusCode' in error ? Number(error.statusCode) : 500
  if (statusCode === 404) return new RpcError('NOT_FOUND', message, { cause: error })
  if (statusCode >= 400 && statusCode < 500) return new RpcError('INVALID_ARGUMENT', message, { cause: error })
  return new RpcError('INTERNAL', `Internal error of the emulator: ${message}`, { cause: error })
}
