import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'

/** Makes a CLIENT span of each request of `fetch` and undici inside a trace, and passes the W3C context on. */
export function instrumentOutgoingRequests(): void {
  new UndiciInstrumentation({ requireParentforSpans: true }).enable()
}
