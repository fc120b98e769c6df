import { pino } from 'pino'
import { type Logger, traceFieldsJson } from '../logs/logger.ts'
import { redactedUrl } from '../tracing/redacted-url.ts'
import type { InFlightRequest } from './request/in-flight-request.ts'

/**
 * A child logger with what pino keeps of it, its bindings as text and its mixin, and exposes for integrations
 * (https://github.com/pinojs/pino/blob/v10.4.0/docs/api.md#pino-symbols).
 */
type RequestLogger = Logger & {
  [pino.symbols.chindingsSym]?: string
  [pino.symbols.mixinSym]?: undefined
}

/** What nginx and Google's load balancers log when the client left before the answer. */
const CLIENT_CLOSED_REQUEST = 499

/**
 * Writes the log line of each request, with Cloud Logging's `httpRequest` field, tied to its span.
 *
 * The fields of a line are always the same, so pino gets them as the rendered bindings of a child logger; serializing objects of unknown shape takes
 * it twice as long.
 */
export class RequestLog {
  readonly #logger: RequestLogger
  readonly #bindings: string
  readonly #malformed: Logger

  constructor(logger: Logger) {
    this.#malformed = logger
    const child: RequestLogger = logger.child({})
    // The bindings already name the request's own span.
    child[pino.symbols.mixinSym] = undefined
    this.#bindings = child[pino.symbols.chindingsSym] ?? ''
    this.#logger = child
  }

  /** Writes the line of a request that was answered with `status`. */
  write(inFlight: InFlightRequest, status: number, durationSeconds: number): void {
    this.#write(inFlight, status, durationSeconds)
  }

  /** Writes the line of a request that could not be read; `remoteIp` is undefined once the client has left. */
  writeMalformed(status: number, reason: string, remoteIp: string | undefined): void {
    const httpRequest = { status, ...(remoteIp === undefined ? {} : { remoteIp }) }
    this.#malformed.info({ httpRequest, reason }, `malformed request ${status}`)
  }

  /** Writes the line of a request whose client left before the answer. */
  writeAbandoned(inFlight: InFlightRequest): void {
    this.#write(inFlight, CLIENT_CLOSED_REQUEST, inFlight.elapsedSeconds())
  }

  #write({ request, span }: InFlightRequest, status: number, durationSeconds: number): void {
    const logger = this.#logger
    if (!logger.isLevelEnabled('info')) return
    const { method, ip } = request
    const url = redactedUrl(request.url)
    const userAgent = request.headers['user-agent']
    const trace = span === undefined ? '' : `,${traceFieldsJson(span.spanContext())}`
    const agent = userAgent === undefined ? '' : `,"userAgent":${JSON.stringify(userAgent)}`
    // Undefined once the client has left, whatever the types say.
    const address = ip === undefined ? '' : `,"remoteIp":${JSON.stringify(ip)}`
    logger[pino.symbols.chindingsSym] =
      `${this.#bindings}${trace},"httpRequest":{"requestMethod":"${method}","requestUrl":${JSON.stringify(url)},"status":${status}${agent}${address},"latency":"${durationSeconds.toFixed(6)}s"}`
    logger.info(`${method} ${url} ${status}`)
  }
}
