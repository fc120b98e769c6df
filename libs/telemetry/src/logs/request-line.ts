import type { SpanContext } from '@opentelemetry/api'
import type { DestinationStream } from 'pino'

/** The content of the log line of a request, with Cloud Logging's `httpRequest` field. */
export interface RequestLine {
  readonly span: SpanContext | undefined
  readonly method: string
  readonly url: string
  readonly status: number
  readonly userAgent: string | undefined
  /** Undefined once the client has left. */
  readonly remoteIp: string | undefined
  /** Such as `0.000123s`. */
  readonly latency: string
}

/**
 * Where log lines go; some destinations take those of requests before they are serialized, with the fields that all
 * lines have (`,"pid":7`).
 */
export interface LineDestination extends DestinationStream {
  readonly writeRequest?: ((line: RequestLine, fields: string) => void) | undefined
}

/** The message of the line of a request. */
export function messageOfRequest({ method, url, status }: RequestLine): string {
  return `${method} ${url} ${status}`
}
