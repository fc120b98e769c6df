import type { Logger } from '../logs/logger.ts'
import { RequestLineWriter } from '../logs/request-line-writer.ts'
import { redactedUrl } from '../tracing/redacted-url.ts'
import type { InFlightRequest } from './request/in-flight-request.ts'

/** The status that nginx and Google's load balancers log if the client left before the response. */
const CLIENT_CLOSED_REQUEST = 499

/** Writes the log line of each request, with Cloud Logging's `httpRequest` field, tied to its span. */
export class RequestLog {
  readonly #logger: Logger
  readonly #lines: RequestLineWriter

  constructor(logger: Logger) {
    this.#logger = logger
    this.#lines = new RequestLineWriter(logger)
  }

  /** Writes the line of a request that was answered with `status`. */
  write({ request, span }: InFlightRequest, status: number, durationSeconds: number): void {
    if (!this.#lines.isEnabled) return
    this.#lines.write({
      span: span?.spanContext(),
      method: request.method,
      url: redactedUrl(request.url),
      status,
      userAgent: request.headers['user-agent'],
      // Undefined once the client has left, despite its type.
      remoteIp: request.ip,
      latency: `${durationSeconds.toFixed(6)}s`,
    })
  }

  /** Writes the line of a request that could not be read; `remoteIp` is undefined once the client has left. */
  writeMalformed(status: number, reason: string, remoteIp: string | undefined): void {
    const httpRequest = { status, ...(remoteIp === undefined ? {} : { remoteIp }) }
    this.#logger.info({ httpRequest, reason }, `malformed request ${status}`)
  }

  /** Writes the line of a request whose client left before the response. */
  writeAbandoned(inFlight: InFlightRequest): void {
    this.write(inFlight, CLIENT_CLOSED_REQUEST, inFlight.elapsedSeconds())
  }
}
