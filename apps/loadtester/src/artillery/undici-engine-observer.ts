import type { UndiciEngineOptions } from 'artillery-engine-undici'
import type { RequestListener } from './request-listener.ts'

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
        const start = { method, name, url }
        listener.requestSent(start)
        const trace = listener.requestTrace(start)
        if (trace?.traceparent === undefined) return undefined
        return {
          traceparent: trace.traceparent,
          end: ({ statusCode, error }) => trace.end(statusCode, error === undefined ? undefined : codeOf(error)),
        }
      },
    },
    onRequestEnd(outcome, user) {
      listener.requestEnded(
        { method: outcome.method, name: outcome.name, url: outcome.url },
        {
          durationMs: outcome.responseTimeMs,
          firstByteMs: outcome.timeToFirstByteMs,
          status: outcome.statusCode,
          error: outcome.errorName,
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
