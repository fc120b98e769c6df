import type { FastifyReply, FastifyRequest } from 'fastify'
import { pino } from 'pino'
import { type Logger, traceFieldsJson } from '../process/logger.ts'

/**
 * What pino keeps of a child logger: its bindings as text, and its mixin. It exposes them for integrations
 * (https://github.com/pinojs/pino/blob/v10.4.0/docs/api.md#pino-symbols).
 */
type RequestLogger = Logger & {
  [pino.symbols.chindingsSym]?: string
  [pino.symbols.mixinSym]?: undefined
}

/** What nginx and Google's load balancers log where there was nobody to answer to. */
const CLIENT_CLOSED_REQUEST = 499

/**
 * Writes the line of each request, in Cloud Logging's `httpRequest` form, tied to its span.
 *
 * The fields of a line are always the same, so they are given to pino as the ready text of a child's bindings: pino, which walks through objects
 * that it doesn't know, takes twice as long.
 */
export class RequestLog {
  readonly #logger: RequestLogger
  readonly #bindings: string

  constructor(logger: Logger) {
    const child: RequestLogger = logger.child({})
    // The request's own span is in the text.
    child[pino.symbols.mixinSym] = undefined
    this.#bindings = child[pino.symbols.chindingsSym] ?? ''
    this.#logger = child
  }

  /** Writes the line of `request`, which has been answered. */
  write(request: FastifyRequest, reply: FastifyReply): void {
    this.#write(request, reply, reply.statusCode)
  }

  /** Writes the line of `request`, whose client has gone before it was answered. */
  writeAbandoned(request: FastifyRequest, reply: FastifyReply): void {
    this.#write(request, reply, CLIENT_CLOSED_REQUEST)
  }

  #write(request: FastifyRequest, reply: FastifyReply, status: number): void {
    const logger = this.#logger
    if (!logger.isLevelEnabled('info')) return
    const { method, url, ip } = request
    const userAgent = request.headers['user-agent']
    const span = request.telemetrySpan
    const trace = span === null ? '' : `,${traceFieldsJson(span.spanContext())}`
    const agent = userAgent === undefined ? '' : `,"userAgent":${JSON.stringify(userAgent)}`
    // A client that has gone has no address, whatever the types say.
    const address = ip === undefined ? '' : `,"remoteIp":${JSON.stringify(ip)}`
    logger[pino.symbols.chindingsSym] =
      `${this.#bindings}${trace},"httpRequest":{"requestMethod":"${method}","requestUrl":${JSON.stringify(url)},"status":${status}${agent}${address},"latency":"${(reply.elapsedTime / 1000).toFixed(6)}s"}`
    logger.info(`${method} ${url} ${status}`)
  }
}
