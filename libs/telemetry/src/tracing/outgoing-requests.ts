import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'

/** Creates a CLIENT span for each request of `fetch` and undici inside a trace, and propagates the W3C context. */
export function instrumentOutgoingRequests(): void {
  new UndiciInstrumentation({ requireParentforSpans: true }).enable()
}
