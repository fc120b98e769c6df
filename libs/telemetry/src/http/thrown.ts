import { inspect, types } from 'node:util'

/**
 * The thrown value as an exception of the service; `undefined` if it is a response that the service chose, which has a
 * status code. Fastify's own errors with status 500 or higher have one too, but are faults of the service.
 */
export function exceptionOf(thrown: unknown): Error | undefined {
  if (hasStatusCode(thrown) && !(thrown.statusCode >= 500 && isOfFastify(thrown))) return undefined
  if (thrown instanceof Error || types.isNativeError(thrown)) return thrown
  return new Error(`the thrown value is not an error: ${inspect(thrown, { depth: 1, maxStringLength: MAX_LENGTH })}`)
}

const MAX_LENGTH = 1_000

function hasStatusCode(thrown: unknown): thrown is { readonly statusCode: number } {
  return typeof thrown === 'object' && thrown !== null && 'statusCode' in thrown && thrown.statusCode !== undefined
}

/** https://fastify.dev/docs/latest/Reference/Errors/#fastify-error-codes */
function isOfFastify(thrown: object): boolean {
  return 'code' in thrown && typeof thrown.code === 'string' && thrown.code.startsWith('FST_ERR_')
}
