import {
  type ContextManager,
  type HrTime,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
} from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'
import { ActiveSpanContext } from '../tracing/active-span-context.ts'
import type { AnsweredRequest } from './answered-request.ts'
import { knownMethod, OTHER_METHOD } from './known-method.ts'
import type { RequestInHand } from './request-in-hand.ts'

/** How SERVER spans are made. */
export interface ServerSpanOptions {
  /** Where a span is made active. */
  readonly contexts: Pick<ContextManager, 'with'>
  /** Adds the older attributes of HTTP, which Cloud Trace's exporter maps to its own labels `/http/…`. */
  readonly olderAttributes: boolean
}

const SERVER = { kind: SpanKind.SERVER } as const

/** One SERVER span a request, by OpenTelemetry's semantic conventions for HTTP. */
export class ServerSpans {
  readonly #tracer: Tracer
  readonly #options: ServerSpanOptions
  #lastMethod = ''
  #lastRoute: string | undefined
  #lastName = ''

  constructor(tracer: Tracer, options: ServerSpanOptions) {
    this.#tracer = tracer
    this.#options = options
  }

  /** Starts the span of a request, with the caller's W3C trace context as its parent; it is active while `handle` runs and in what follows from it. */
  start(inHand: RequestInHand, handle: () => void): void {
    const { request } = inHand
    const { headers, method } = request
    const route = request.routeOptions.url
    const isTraced = headers.traceparent !== undefined || headers.baggage !== undefined
    const parent = isTraced ? propagation.extract(ROOT_CONTEXT, headers) : ROOT_CONTEXT
    const span = this.#tracer.startSpan(this.#spanName(method, route), SERVER, parent)
    inHand.span = span
    inHand.route = route
    this.#options.contexts.with(new ActiveSpanContext(parent, span), handle)
  }

  #spanName(method: string, route: string | undefined): string {
    if (method !== this.#lastMethod || route !== this.#lastRoute) {
      this.#lastMethod = method
      this.#lastRoute = route
      const known = knownMethod(method) === OTHER_METHOD ? 'HTTP' : method
      this.#lastName = route === undefined ? known : `${known} ${route}`
    }
    return this.#lastName
  }

  /** Takes down an error that nothing handled. */
  recordError(inHand: RequestInHand | undefined, error: Error & { readonly statusCode?: number }): void {
    if (error.statusCode === undefined) inHand?.span?.recordException(error)
  }

  /**
   * Ends the span of a request that has been answered, and tells `answered` of its trace. Attributes are made only now, and only for a span that records:
   * few do where few are sampled.
   */
  end(inHand: RequestInHand, answered: AnsweredRequest): void {
    const { span } = inHand
    answered.sampledTraceId = undefined
    if (span === undefined || !span.isRecording()) return
    recordRequest(span, inHand, inHand.reply.statusCode, this.#options)
    // By the readings of the clock for the metrics: the span is as long as the metrics say, and fewer readings are made.
    const endTime = isReadable(span)
      ? later(span.startTime, answered.durationSeconds)
      : later([0, 0], Date.now() / 1000)
    span.end(endTime)
    const { traceId, traceFlags } = span.spanContext()
    if ((traceFlags & TraceFlags.SAMPLED) === 0) return
    answered.sampledTraceId = traceId
    answered.endTimeSeconds = endTime[0] + endTime[1] / NANOSECONDS
  }

  /** Ends the span of a request whose client has gone before it was answered; the error is Node's for that. */
  abandon(inHand: RequestInHand): void {
    const { span } = inHand
    if (span === undefined || !span.isRecording()) return
    recordRequest(span, inHand, undefined, this.#options)
    span.setAttribute('error.type', 'ECONNRESET')
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'the client has gone before the answer' })
    span.end()
  }
}

/** The SDK's spans tell when they began. */
function isReadable(span: Span): span is Span & Pick<ReadableSpan, 'startTime'> {
  return 'startTime' in span
}

const NANOSECONDS = 1_000_000_000

function later([seconds, nanoseconds]: HrTime, durationSeconds: number): HrTime {
  const sum = nanoseconds + Math.round(durationSeconds * NANOSECONDS)
  return [seconds + Math.floor(sum / NANOSECONDS), sum % NANOSECONDS]
}

/** The parameters whose values the conventions want to be left out of `url.query`: who has them can act for somebody else. */
const SIGNATURES = /(^|&)(AWSAccessKeyId|Signature|sig|X-Goog-Signature)=[^&]*/g

function withoutSignatures(query: string): string {
  return query.replace(SIGNATURES, '$1$2=REDACTED')
}

function recordRequest(
  span: Span,
  { request, route }: RequestInHand,
  status: number | undefined,
  options: ServerSpanOptions,
): void {
  const { method, url } = request
  const queryAt = url.indexOf('?')
  const path = queryAt < 0 ? url : url.slice(0, queryAt)
  const known = knownMethod(method)
  // First what most spans have in common: the serializer copies that from the span before.
  span.setAttribute('http.request.method', known)
  span.setAttribute('url.scheme', request.protocol)
  if (status !== undefined) span.setAttribute('http.response.status_code', status)
  if (route !== undefined) span.setAttribute('http.route', route)
  span.setAttribute('client.address', request.ip)
  span.setAttribute('url.path', path)
  if (queryAt >= 0) span.setAttribute('url.query', withoutSignatures(url.slice(queryAt + 1)))
  if (known === OTHER_METHOD) span.setAttribute('http.request.method_original', method)
  if (options.olderAttributes) {
    span.setAttribute('http.method', method)
    span.setAttribute('http.url', `${request.protocol}://${request.host}${path}`)
    if (status !== undefined) span.setAttribute('http.status_code', status)
  }
  if (status !== undefined && status >= 500) {
    span.setAttribute('error.type', String(status))
    span.setStatus({ code: SpanStatusCode.ERROR })
  }
}
