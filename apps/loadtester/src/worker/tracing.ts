import { startClientSpan, type Tracing } from '@node-to-cloud/telemetry'
import type { RequestTracer } from './recorder.ts'

/** Makes a CLIENT span for each request, whose `traceparent` makes the target's spans part of the same trace. */
export function createRequestTracer(tracing: Tracing, target: string): RequestTracer {
  if (tracing.destination.exporter === 'none') return () => undefined
  return ({ method, name }) => {
    const span = startClientSpan(tracing.tracer, method, URL.canParse(name) ? name : target + name)
    return {
      headers: span.traceparent === undefined ? {} : { traceparent: span.traceparent },
      end({ status, error }) {
        if (status !== undefined && error === undefined) span.end(status)
        else span.fail(Object.assign(new Error(error ?? 'no response'), { code: error }))
      },
    }
  }
}
