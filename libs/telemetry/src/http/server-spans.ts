import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import {
  type Attributes,
  type Context,
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
import { isInParserCallback } from '../node-internals/parser-callback.ts'
import { redactedUrl } from '../tracing/redacted-url.ts'
import { ActiveSpanContext } from '../tracing/sdk/active-span-context.ts'
import { LazySpan } from '../tracing/sdk/lazy-span.ts'
import type { RootSpans } from '../tracing/sdk/root-spans.ts'
import type { Tracing } from '../tracing/tracing.ts'
import type { InFlightRequest } from './request/in-flight-request.ts'
import { knownMethod, OTHER_METHOD } from './request/known-method.ts'
import type { RecordedRequest } from './request/recorded-request.ts'
import type { RequestDurationExemplar } from './request-duration-histogram.ts'

/** How SERVER spans are created. */
export interface ServerSpanOptions {
  /** Starts spans without a parent, and makes spans active. */
  readonly tracing: Pick<Tracing, 'roots' | 'contexts'>
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

  /**
   * Starts the span of a request, as a child of the caller's trace context. It is active while `handle` runs, and in
   * all asynchronous work started by it.
   */
  run(inFlight: InFlightRequest, handle: () => void): void {
    const { contexts } = this.#options.tracing
    const { raw, headers } = inFlight.request
    const context = this.start(inFlight)
    if (hasBody(headers)) {
      keepContext(raw, context, contexts)
    } else if (contexts.enter !== undefined && isInParserCallback(raw.socket)) {
      contexts.enter(context)
      handle()
      return
    }
    contexts.with(context, handle)
  }

  /**
   * Starts the span of a request, as a child of the caller's trace context.
   *
   * @returns the context in which it is active
   */
  start(inFlight: InFlightRequest): Context {
    const { headers } = inFlight.request
    const isTraced =
      headers.traceparent !== undefined ||
      headers.baggage !== undefined ||
      headers.b3 !== undefined ||
      headers['x-b3-traceid'] !== undefined
    const parent = isTraced ? propagation.extract(ROOT_CONTEXT, headers) : ROOT_CONTEXT
    const roots = isTraced ? undefined : this.#options.tracing.roots
    const span = roots?.startUnsampled() ?? this.#startSpan(inFlight, roots, parent)
    inFlight.span = span
    return new ActiveSpanContext(parent, span)
  }

  #startSpan(inFlight: InFlightRequest, roots: RootSpans | undefined, parent: Context): Span {
    const { request } = inFlight
    inFlight.route = request.isRoutedLater === true ? undefined : request.routeOptions.url
    const name = this.#spanName(request.method, inFlight.route)
    return roots?.startSampled(name, inFlight.startTimeMs) ?? this.#tracer.startSpan(name, SERVER, parent)
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
   * Ends the span of a request that has a response, complete or cut off by an error. Attributes are set only now, and
   * only on recording spans: if few are sampled, few need them.
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
    // The span is exactly as long as the duration in the metrics, and the clock is read once less.
    const endTime = isReadable(span) ? later(span.startTime, durationSeconds) : later([0, 0], Date.now() / 1000)
    this.#describe(span, inFlight, status)
    if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
    if (cutOffBy !== undefined) {
      span.setAttribute('error.type', typeOf(cutOffBy))
      span.setStatus({ code: SpanStatusCode.ERROR, message: cutOffBy.message })
    }
    span.end(endTime)
    const { traceId, spanId, traceFlags } = span.spanContext()
    if ((traceFlags & TraceFlags.SAMPLED) === 0) return undefined
    return { traceId, spanId, timestampSeconds: endTime[0] + endTime[1] / NANOSECONDS }
  }

  /** Ends the span of a request whose client left before the response, with Node's error code for that. */
  abandon(inFlight: InFlightRequest): void {
    const { span } = inFlight
    if (span === undefined || !span.isRecording()) return
    this.#describe(span, inFlight, undefined)
    span.setAttribute('error.type', 'ECONNRESET')
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'the client closed the connection before the response' })
    span.end()
  }

  /** Sets the attributes of a request; names its span by its route if that is known only now, as without Fastify. */
  #describe(span: Span, { request, route: routeAtStart }: InFlightRequest, status: number | undefined): void {
    const { method, ip } = request
    const route = routeAtStart ?? request.routeOptions.url
    if (routeAtStart === undefined && route !== undefined) span.updateName(spanName(method, route))
    const url = redactedUrl(request.url)
    const queryAt = url.indexOf('?')
    const path = queryAt < 0 ? url : url.slice(0, queryAt)
    const known = knownMethod(method)
    const scheme = schemeOf(request)
    // First the attributes that most spans share: the serializer copies them from the previous span.
    const attributes: Attributes = { 'http.request.method': known, 'url.scheme': scheme }
    if (status !== undefined) attributes['http.response.status_code'] = status
    if (route !== undefined) attributes['http.route'] = route
    if (ip !== undefined) attributes['client.address'] = ip
    attributes['url.path'] = path
    if (queryAt >= 0) attributes['url.query'] = url.slice(queryAt + 1)
    if (known === OTHER_METHOD) attributes['http.request.method_original'] = method
    if (this.#options.olderAttributes) {
      attributes['http.method'] = method
      attributes['http.url'] = `${scheme}://${request.headers[':authority'] ?? request.host}${path}`
      if (status !== undefined) attributes['http.status_code'] = status
    }
    if (status !== undefined && status >= 500) attributes['error.type'] = String(status)
    if (span instanceof LazySpan) span.describe(attributes)
    else span.setAttributes(attributes)
  }
}

function spanName(method: string, route: string | undefined): string {
  const known = knownMethod(method) === OTHER_METHOD ? 'HTTP' : method
  return route === undefined ? known : `${known} ${route}`
}

function hasBody(headers: IncomingHttpHeaders): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined
}

/**
 * The events of a body come from its connection, in which no request is active: a handler that reads it by events would
 * lose its span.
 */
function keepContext(request: IncomingMessage, context: Context, contexts: Tracing['contexts']): void {
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

/** HTTP/2 says it itself; the connection of an ended stream no longer does. */
function schemeOf({ headers, protocol }: RecordedRequest): string {
  const scheme = headers[':scheme']
  return typeof scheme === 'string' ? scheme : protocol
}
