import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import {
  type Context,
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
import { redactedUrl } from '../tracing/redacted-url.ts'
import { ActiveSpanContext } from '../tracing/sdk/active-span-context.ts'
import type { InFlightRequest } from './request/in-flight-request.ts'
import { knownMethod, OTHER_METHOD } from './request/known-method.ts'
import type { RecordedRequest } from './request/recorded-request.ts'
import type { RequestDurationExemplar } from './request-duration-histogram.ts'

/** How SERVER spans are created. */
export interface ServerSpanOptions {
  /** Makes a span active. */
  readonly contexts: Pick<ContextManager, 'with'>
  /** Adds the older HTTP attributes, which Cloud Trace's exporter maps to its own `/http/…` labels. */
  readonly olderAttributes: boolean
}

const SERVER = { kind: SpanKind.SERVER } as const

/** One SERVER span per request, following OpenTelemetry's semantic conventions for HTTP. */
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

  /** Starts the span of a request, as a child of the caller's trace context. It is active while `handle` runs, and in everything asynchronous that this starts. */
  start(inFlight: InFlightRequest, handle: () => void): void {
    const { request } = inFlight
    const { headers, method } = request
    const route = request.isRoutedLater === true ? undefined : request.routeOptions.url
    const isTraced =
      headers.traceparent !== undefined ||
      headers.baggage !== undefined ||
      headers.b3 !== undefined ||
      headers['x-b3-traceid'] !== undefined
    const parent = isTraced ? propagation.extract(ROOT_CONTEXT, headers) : ROOT_CONTEXT
    const span = this.#tracer.startSpan(this.#spanName(method, route), SERVER, parent)
    inFlight.span = span
    inFlight.route = route
    const context = new ActiveSpanContext(parent, span)
    if (hasBody(headers)) keepContext(request.raw, context, this.#options.contexts)
    this.#options.contexts.with(context, handle)
  }

  #spanName(method: string, route: string | undefined): string {
    if (method !== this.#lastMethod || route !== this.#lastRoute) {
      this.#lastMethod = method
      this.#lastRoute = route
      this.#lastName = spanName(method, route)
    }
    return this.#lastName
  }

  /**
   * Ends the span of a request that has an answer, whole or cut off by an error. Attributes are set only now, and only on a span that records: where few are sampled, few do.
   *
   * @returns the exemplar of a sampled trace
   */
  end(
    inFlight: InFlightRequest,
    durationSeconds: number,
    status: number,
    cutOffBy?: Error,
  ): RequestDurationExemplar | undefined {
    const { span } = inFlight
    if (span === undefined || !span.isRecording()) return undefined
    recordRequest(span, inFlight, status, this.#options)
    if (cutOffBy !== undefined) {
      span.setAttribute('error.type', typeOf(cutOffBy))
      span.setStatus({ code: SpanStatusCode.ERROR, message: cutOffBy.message })
    }
    // The span is as long as the metrics say, and the clock is read once less.
    const endTime = isReadable(span) ? later(span.startTime, durationSeconds) : later([0, 0], Date.now() / 1000)
    span.end(endTime)
    const { traceId, spanId, traceFlags } = span.spanContext()
    if ((traceFlags & TraceFlags.SAMPLED) === 0) return undefined
    return { traceId, spanId, timestampSeconds: endTime[0] + endTime[1] / NANOSECONDS }
  }

  /** Ends the span of a request whose client left before the answer, with Node's error code for that. */
  abandon(inFlight: InFlightRequest): void {
    const { span } = inFlight
    if (span === undefined || !span.isRecording()) return
    recordRequest(span, inFlight, undefined, this.#options)
    span.setAttribute('error.type', 'ECONNRESET')
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'the client closed the connection before the answer' })
    span.end()
  }
}

function spanName(method: string, route: string | undefined): string {
  const known = knownMethod(method) === OTHER_METHOD ? 'HTTP' : method
  return route === undefined ? known : `${known} ${route}`
}

function hasBody(headers: IncomingHttpHeaders): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined
}

/** The events of a body come from its connection, which no request is active in: a handler that reads it by events would lose its span. */
function keepContext(request: IncomingMessage, context: Context, contexts: ServerSpanOptions['contexts']): void {
  const emit = request.emit.bind(request)
  request.emit = (...args: Parameters<typeof emit>) => contexts.with(context, () => emit(...args))
}

/** The low-cardinality identifier of an error: its code, or its class. */
function typeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

/** The SDK's spans have their start time. */
function isReadable(span: Span): span is Span & Pick<ReadableSpan, 'startTime'> {
  return 'startTime' in span
}

const NANOSECONDS = 1_000_000_000

function later([seconds, nanoseconds]: HrTime, durationSeconds: number): HrTime {
  const sum = nanoseconds + Math.round(durationSeconds * NANOSECONDS)
  return [seconds + Math.floor(sum / NANOSECONDS), sum % NANOSECONDS]
}

/** HTTP/2 says it itself; the connection of a stream that has ended no longer does. */
function schemeOf({ headers, protocol }: RecordedRequest): string {
  const scheme = headers[':scheme']
  return typeof scheme === 'string' ? scheme : protocol
}

function recordRequest(
  span: Span,
  { request, route: routeAtStart }: InFlightRequest,
  status: number | undefined,
  options: ServerSpanOptions,
): void {
  const { method } = request
  // Without Fastify the route is known only now.
  const route = routeAtStart ?? request.routeOptions.url
  if (routeAtStart === undefined && route !== undefined) span.updateName(spanName(method, route))
  const url = redactedUrl(request.url)
  const queryAt = url.indexOf('?')
  const path = queryAt < 0 ? url : url.slice(0, queryAt)
  const known = knownMethod(method)
  // First the attributes that most spans share: the serializer copies them from the previous span.
  span.setAttribute('http.request.method', known)
  const scheme = schemeOf(request)
  span.setAttribute('url.scheme', scheme)
  if (status !== undefined) span.setAttribute('http.response.status_code', status)
  if (route !== undefined) span.setAttribute('http.route', route)
  if (request.ip !== undefined) span.setAttribute('client.address', request.ip)
  span.setAttribute('url.path', path)
  if (queryAt >= 0) span.setAttribute('url.query', url.slice(queryAt + 1))
  if (known === OTHER_METHOD) span.setAttribute('http.request.method_original', method)
  if (options.olderAttributes) {
    span.setAttribute('http.method', method)
    span.setAttribute('http.url', `${scheme}://${request.headers[':authority'] ?? request.host}${path}`)
    if (status !== undefined) span.setAttribute('http.status_code', status)
  }
  if (status !== undefined && status >= 500) {
    span.setAttribute('error.type', String(status))
    span.setStatus({ code: SpanStatusCode.ERROR })
  }
}
