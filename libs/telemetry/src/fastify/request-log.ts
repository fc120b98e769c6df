import { pino } from 'pino'
import { type Logger, traceFieldsJson } from '../process/logger.ts'
import type { RequestInHand } from './request-in-hand.ts'

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

  /** Writes the line of a request that has been answered after `durationSeconds`. */
  write(inHand: RequestInHand, durationSeconds: number): void {
    this.#write(inHand, inHand.reply.statusCode, durationSeconds)
  }

  /** Writes the line of a request whose client has gone before it was answered. */
  writeAbandoned(inHand: RequestInHand): void {
    this.#write(inHand, CLIENT_CLOSED_REQUEST, inHand.elapsedSeconds())
  }

  #write({ request, span }: RequestInHand, status: number, durationSeconds: number): void {
    const logger = this.#logger
    if (!logger.isLevelEnabled('info')) return
    const { method, url, ip } = request
    const userAgent = request.headers['user-agent']
    const trace = span === undefined ? '' : `,${traceFieldsJson(span.spanContext())}`
    const agent = userAgent === undefined ? '' : `,"userAgent":${JSON.stringify(userAgent)}`
    // A client that has gone has no address, whatever the types say.
    const address = ip === undefined ? '' : `,"remoteIp":${JSON.stringify(ip)}`
    logger[pino.symbols.chindingsSym] =
      `${this.#bindings}${trace},"httpRequest":{"requestMethod":"${method}","requestUrl":${JSON.stringify(url)},"status":${status}${agent}${address},"latency":"${durationSeconds.toFixed(6)}s"}`
    logger.info(`${method} ${url} ${status}`)
  }
}
