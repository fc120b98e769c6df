import { startClientSpan, type Tracing } from '@node-to-cloud/telemetry'
import type { RequestStart, RequestTrace } from '../artillery/request-listener.ts'

/** Makes a CLIENT span for each request, whose `traceparent` makes the target's spans part of the same trace. */
export function createRequestTracer(tracing: Tracing): (start: RequestStart) => RequestTrace | undefined {
  if (tracing.destination.exporter === 'none') return () => undefined
  return ({ method, url }) => {
    const span = startClientSpan(tracing.tracer, method, url)
    return {
      traceparent: span.traceparent,
      end(status, error) {
        if (status !== undefined && error === undefined) span.end(status)
        else span.fail(Object.assign(new Error(error ?? 'no response'), { code: error }))
      },
    }
  }
}
