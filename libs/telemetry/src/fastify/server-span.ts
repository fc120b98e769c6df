import {
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

declare module 'fastify' {
  interface FastifyRequest {
    /** The SERVER span of this request, where the service traces. */
    telemetrySpan: Span | null
  }
}

/** How SERVER spans are made. */
export interface ServerSpanOptions {
  /** Adds the older attributes of HTTP, which Cloud Trace's exporter maps to its own labels `/http/…`. */
  readonly olderAttributes: boolean
}

/**
 * Makes one SERVER span a request by OpenTelemetry's semantic conventions for HTTP. Its parent is the caller's W3C trace context, and it is
 * active while the request is handled. Register it before what uses the span when a request has been answered.
 *
 * @returns the trace id of the request whose `onResponse` hooks run now, where it is sampled
 */
export function registerServerSpan(
  fastify: FastifyInstance,
  tracer: Tracer,
  options: ServerSpanOptions,
): () => string | undefined {
  let answeredTraceId: string | undefined

  fastify.addHook('onRequest', (request, _reply, done) => {
    const { headers } = request
    const isTraced = headers.traceparent !== undefined || headers.baggage !== undefined
    const parent = isTraced ? propagation.extract(ROOT_CONTEXT, headers) : ROOT_CONTEXT
    // Attributes are set when the request has been answered, and only on a span that records: few do where few are sampled.
    const span = tracer.startSpan(spanName(request), { kind: SpanKind.SERVER }, parent)
    request.telemetrySpan = span
    context.with(trace.setSpan(parent, span), done)
  })
  fastify.addHook('onError', (request, _reply, error, done) => {
    if (error.statusCode === undefined) request.telemetrySpan?.recordException(error)
    done()
  })
  fastify.addHook('onResponse', (request, reply, done) => {
    const span = request.telemetrySpan
    answeredTraceId = undefined
    if (span?.isRecording()) {
      const { traceId, traceFlags } = span.spanContext()
      if ((traceFlags & TraceFlags.SAMPLED) !== 0) answeredTraceId = traceId
      recordAnswer(span, request, reply, options)
    }
    done()
  })
  return () => answeredTraceId
}

function spanName(request: FastifyRequest): string {
  const route = request.routeOptions.url
  return route === undefined ? request.method : `${request.method} ${route}`
}

function recordAnswer(span: Span, request: FastifyRequest, reply: FastifyReply, options: ServerSpanOptions): void {
  const { method, url } = request
  const status = reply.statusCode
  const route = request.routeOptions.url
  const query = url.indexOf('?')
  const path = query < 0 ? url : url.slice(0, query)
  span.setAttributes({
    'http.request.method': method,
    'url.path': path,
    'url.scheme': request.protocol,
    'http.response.status_code': status,
    'client.address': request.ip,
  })
  if (route !== undefined) span.setAttribute('http.route', route)
  if (options.olderAttributes)
    span.setAttributes({ 'http.method': method, 'http.target': path, 'http.status_code': status })
  if (status >= 500) {
    span.setAttribute('error.type', String(status))
    span.setStatus({ code: SpanStatusCode.ERROR })
  }
  span.end()
}
