import {
  defaultTextMapSetter,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { redactedUrl } from './redacted-url.ts'

/** The span of one outgoing HTTP request, created by its caller, such as a load generator. */
export interface ClientSpan {
  /** The headers that propagate the span to the server, as configured by OTEL_PROPAGATORS; none if tracing is off. */
  readonly headers: Readonly<Record<string, string>>
  /** The value of the W3C `traceparent` header, if it is one of them. */
  readonly traceparent: string | undefined
  /** Ends the span with the status code of the response. */
  end(statusCode: number): void
  /** Ends the span of a request without a response. */
  fail(error: Error): void
}

/**
 * Starts the CLIENT span of an outgoing request as the root of a new trace, following OpenTelemetry's HTTP semantic
 * conventions. It is sampled by OTEL_TRACES_SAMPLER; a span that is not sampled still has its headers, whose flag tells
 * a parent-based server not to sample the trace.
 *
 * @param url absolute; credentials in it are not recorded
 */
export function startClientSpan(tracer: Tracer, method: string, url: string): ClientSpan {
  const span = tracer.startSpan(method, { kind: SpanKind.CLIENT }, ROOT_CONTEXT)
  if (span.isRecording()) setRequestAttributes(span, method, url)
  const headers: Record<string, string> = {}
  propagation.inject(trace.setSpan(ROOT_CONTEXT, span), headers, defaultTextMapSetter)
  return {
    headers,
    traceparent: headers.traceparent,
    end(statusCode) {
      if (span.isRecording()) {
        span.setAttributes({ 'http.response.status_code': statusCode, 'http.status_code': statusCode })
        if (statusCode >= 400) {
          span.setAttribute('error.type', String(statusCode))
          span.setStatus({ code: SpanStatusCode.ERROR })
        }
      }
      span.end()
    },
    fail(error) {
      if (span.isRecording()) {
        span.setAttribute('error.type', 'code' in error ? String(error.code) : error.name)
        span.setStatus({ code: SpanStatusCode.ERROR, message: error.message })
      }
      span.end()
    },
  }
}

/** Sets both the stable attributes and the older ones, which Cloud Trace's exporter maps to its own. */
function setRequestAttributes(span: Span, method: string, url: string): void {
  const parsed = new URL(url)
  parsed.username = ''
  parsed.password = ''
  parsed.search = redactedUrl(parsed.search)
  span.setAttributes({
    'http.request.method': method,
    'url.full': parsed.href,
    'server.address': parsed.hostname,
    'server.port': Number(parsed.port || (parsed.protocol === 'https:' ? 443 : 80)),
    'http.method': method,
    'http.url': parsed.href,
  })
}
