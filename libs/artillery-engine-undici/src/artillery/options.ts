import type { VirtualUserContext } from './contract.ts'

/** A request that is about to be sent. */
export interface OutgoingRequest {
  method: string
  url: string
  /** The step's `name`, else its URL as written in the script (templates unrendered): few distinct values. */
  name: string
}

/** How a traced request ended. */
export interface TracedOutcome {
  statusCode?: number
  error?: Error
}

/** The span of one request. Its headers are sent with the request. */
export interface RequestSpan {
  /** A W3C `traceparent` value. */
  traceparent?: string
  tracestate?: string
  /** Headers of another propagation, such as `b3`; sent instead of these two. */
  headers?: Readonly<Record<string, string>>
  end(outcome: TracedOutcome): void
}

/** Makes a span for each request sent; each hop of a redirect is a request of its own. */
export interface RequestTracer {
  /**
   * Returns undefined for a request without a span: it carries a plain `traceparent`, as
   * `config.http.distributedTracing` says.
   */
  startRequest(request: OutgoingRequest, context: VirtualUserContext): RequestSpan | undefined
}

/** A finished HTTP exchange: a request of a step, or one hop of its redirects. */
export interface RequestOutcome extends OutgoingRequest {
  /** False if it never got a connection, so nothing was sent. */
  sent: boolean
  /** Undefined if no response head arrived. */
  statusCode: number | undefined
  /**
   * The code (else message) of what failed: transport, timeout, capture or match; ERR_STOPPED if the engine was stopped
   * before it was sent.
   */
  errorName: string | undefined
  /** `performance.now()` when the request was issued. */
  startedAtMs: number
  timeToFirstByteMs: number | undefined
  /** From issuing the request to the last byte of the body, or to the error. */
  responseTimeMs: number
  /** Bytes of the body as received, before decompression. */
  downloadedBytes: number
}

/** `config.engines.undici` of a script. The functions can be set in-process only. */
export interface UndiciEngineOptions {
  /**
   * `per-user` (default): each virtual user opens its own connections and closes them at its end, as Artillery does.
   * `reused`: a virtual user takes over the idle connections that an ended one left behind.
   * `config.http.pool` takes precedence over both.
   */
  connections?: 'per-user' | 'reused'
  /** The longest body kept for captures and hooks, in bytes after decompression. Default 16 MiB. */
  maxBodyBytes?: number
  /**
   * Origins that requests and redirects may go to; a request to any other fails (`ERR_ORIGIN_NOT_ALLOWED`). Default:
   * all.
   */
  allowedOrigins?: readonly string[]
  /**
   * Makes the spans of requests; without it, requests carry plain `traceparent` headers
   * (`config.http.distributedTracing`).
   */
  tracer?: RequestTracer
  /** Called when a request has a connection and is sent. Must not throw. */
  onRequestSent?: (request: OutgoingRequest, context: VirtualUserContext) => void
  /** Called once at the end of each exchange, before `afterResponse` hooks. Must not throw. */
  onRequestEnd?: (outcome: RequestOutcome, context: VirtualUserContext) => void
}
