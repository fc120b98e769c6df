import type { UndiciEngineOptions } from '@node-to-cloud/artillery-engine-undici'
import { type RequestListener, stoppedCodes } from './request-listener.ts'

/**
 * Options of the engine on undici that tell the listener of every request.
 *
 * @param given the script's own `config.engines.undici`.
 */
export function observedUndiciOptions(given: unknown, listener: RequestListener): UndiciEngineOptions {
  return {
    connections: 'reused',
    ...(typeof given === 'object' && given !== null ? given : {}),
    tracer: {
      startRequest({ method, name, url }) {
        const trace = listener.requestTrace({ method, name, url })
        if (trace?.traceparent === undefined) return undefined
        return {
          traceparent: trace.traceparent,
          end: ({ statusCode, error }) => trace.end(statusCode, error === undefined ? undefined : codeOf(error)),
        }
      },
    },
    onRequestSent: (request) => listener.requestSent(request),
    onRequestEnd(outcome, user) {
      const { method, name, url, sent, errorName } = outcome
      // What a stop withdrew before it went out was no request.
      if (!sent && stoppedCodes.includes(errorName ?? '')) return
      if (!sent) listener.requestSent({ method, name, url })
      listener.requestEnded(
        { method, name, url },
        {
          durationMs: outcome.responseTimeMs,
          firstByteMs: outcome.timeToFirstByteMs,
          status: outcome.statusCode,
          error: errorName,
          bytes: outcome.downloadedBytes,
        },
        user,
      )
    },
  }
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : error.message
}
