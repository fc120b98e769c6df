import type { UndiciEngineOptions } from '@node-to-cloud/artillery-engine-undici'
import { asRecord } from '../script/plain-object.ts'
import { errorCodeOf } from './error-code.ts'
import { headersOf, type RequestListener, STOPPED_CODE } from './request-events.ts'

/**
 * Options that make the undici engine report every request.
 *
 * @param given the script's own `config.engines.undici`.
 */
export function observedUndiciOptions(given: unknown, listener: RequestListener): UndiciEngineOptions {
  return {
    connections: 'reused',
    ...asRecord(given),
    tracer: {
      startRequest({ method, name, url }) {
        const trace = listener.requestTrace({ method, name, url })
        const headers = trace && headersOf(trace)
        if (trace === undefined || headers === undefined) return undefined
        return {
          headers,
          end: ({ statusCode, error }) => trace.end(statusCode, error === undefined ? undefined : errorCodeOf(error)),
        }
      },
    },
    onRequestSent: (request) => listener.requestSent(request),
    onRequestEnd(outcome, user) {
      const { method, name, url, sent, errorName } = outcome
      // A request that a stop withdrew before it was sent does not count.
      if (!sent && errorName === STOPPED_CODE) return
      const start = { method, name, url }
      if (!sent) listener.requestSent(start)
      const { responseTimeMs: durationMs, timeToFirstByteMs: firstByteMs, statusCode: status } = outcome
      listener.requestEnded(
        start,
        { durationMs, firstByteMs, status, error: errorName, bytes: outcome.downloadedBytes },
        user,
      )
    },
  }
}
