import {
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
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

/** Makes one SERVER span a request, whose parent is the caller's W3C trace context, active while the request is handled. */
export function registerServerSpan(fastify: FastifyInstance, tracer: Tracer): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    const parent = propagation.extract(ROOT_CONTEXT, request.headers)
    const route = request.routeOptions.url
    const name = route === undefined ? request.method : `${request.method} ${route}`
    const span = tracer.startSpan(
      name,
      { kind: SpanKind.SERVER, attributes: requestAttributes(request, route) },
      parent,
    )
    request.telemetrySpan = span
    context.with(trace.setSpan(parent, span), done)
  })
  fastify.addHook('onError', (request, _reply, error, done) => {
    if (error.statusCode === undefined) request.telemetrySpan?.recordException(error)
    done()
  })
  fastify.addHook('onResponse', (request, reply, done) => {
    const span = request.telemetrySpan
    if (span !== null) endSpan(span, reply)
    done()
  })
}

/** The stable attributes, and the older ones which Cloud Trace's exporter maps to its own `/http/…` labels. */
function requestAttributes(request: FastifyRequest, route: string | undefined) {
  const path = request.url.split('?', 1)[0] ?? ''
  return {
    'http.request.method': request.method,
    'url.path': path,
    'url.scheme': request.protocol,
    'client.address': request.ip,
    'http.method': request.method,
    'http.target': path,
    ...(route === undefined ? {} : { 'http.route': route }),
  }
}

function endSpan(span: Span, reply: FastifyReply): void {
  const status = reply.statusCode
  if (span.isRecording()) {
    span.setAttributes({ 'http.response.status_code': status, 'http.status_code': status })
    if (status >= 500) {
      span.setAttribute('error.type', String(status))
      span.setStatus({ code: SpanStatusCode.ERROR })
    }
  }
  span.end()
}
