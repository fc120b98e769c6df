import { TraceparentGenerator } from '@node-to-cloud/artillery-engine-undici'
import { startClientSpan, type Tracing, type TracingEnvironment } from '@node-to-cloud/telemetry'
import type { RequestStart, RequestTrace } from '../flow/request-events.ts'

/**
 * Starts a CLIENT span for each request; its headers (of OTEL_PROPAGATORS) put the target's spans into the same trace. Without an
 * exporter each request still carries a `traceparent` of its own, sampled as OTEL_TRACES_SAMPLER says, so that the load
 * decides which of the target's traces are sampled.
 */
export function createRequestTracer(
  tracing: Tracing,
  environment: TracingEnvironment,
): (start: RequestStart) => RequestTrace {
  if (tracing.destination.exporter === 'none') return createTraceparents(sampledShare(environment))
  return ({ method, url }) => {
    const span = startClientSpan(tracing.tracer, method, url)
    return {
      traceparent: span.traceparent,
      headers: span.headers,
      end(status, error) {
        if (status !== undefined && error === undefined) span.end(status)
        else span.fail(Object.assign(new Error(error ?? 'no response'), { code: error }))
      },
    }
  }
}

function createTraceparents(share: number): () => RequestTrace {
  const sampled = new TraceparentGenerator()
  const unsampled = new TraceparentGenerator({ sampled: false })
  const end = (): void => {}
  return () => ({ traceparent: (Math.random() < share ? sampled : unsampled).next(), end })
}

/** The share of root spans that OTEL_TRACES_SAMPLER samples. */
function sampledShare(environment: TracingEnvironment): number {
  switch (environment.OTEL_TRACES_SAMPLER) {
    case 'always_on':
    case 'parentbased_always_on':
      return 1
    case 'always_off':
    case 'parentbased_always_off':
      return 0
    case 'traceidratio':
    case 'parentbased_traceidratio':
      return environment.OTEL_TRACES_SAMPLER_ARG ?? 1
  }
}
