import { type Logger, pino } from 'pino'
import { traceFieldsJson } from './logger.ts'
import type { LineDestination, RequestLine } from './request-line.ts'

/**
 * What pino keeps in a logger and exposes for integrations
 * (https://github.com/pinojs/pino/blob/v10.4.0/docs/api.md#pino-symbols).
 */
type LoggerInside = Logger & {
  [pino.symbols.streamSym]?: LineDestination
  /** The beginnings of lines by level. */
  [pino.symbols.lsCacheSym]?: Readonly<Record<number, string>>
  [pino.symbols.timeSym]?: () => string
  [pino.symbols.chindingsSym]?: string
}

/**
 * Writes the lines of requests as `logger` would write them at `info`. Their fields are always the same, and assembling
 * them here takes half as long as pino takes for objects of unknown shape.
 */
export class RequestLineWriter {
  readonly #logger: LoggerInside
  readonly #destination: LineDestination
  readonly #start: string
  readonly #fields: string
  #lastUserAgent: string | undefined
  #userAgentJson = ''
  #lastRemoteIp: string | undefined
  #remoteIpJson = ''

  constructor(logger: LoggerInside) {
    this.#logger = logger
    this.#destination = logger[pino.symbols.streamSym] ?? { write: () => {} }
    this.#start = logger[pino.symbols.lsCacheSym]?.[logger.levels.values.info ?? 0] ?? '{'
    this.#fields = logger[pino.symbols.chindingsSym] ?? ''
  }

  get isEnabled(): boolean {
    return this.#logger.isLevelEnabled('info')
  }

  write(line: RequestLine): void {
    const destination = this.#destination
    if (destination.writeRequest === undefined) destination.write(this.#text(line))
    else destination.writeRequest(line, this.#fields)
  }

  #text(line: RequestLine): string {
    const { span, method, status, userAgent, remoteIp, latency } = line
    const url = JSON.stringify(line.url)
    const time = this.#logger[pino.symbols.timeSym]?.() ?? ''
    const trace = span === undefined ? '' : `,${traceFieldsJson(span)}`
    // Many requests have the same one, or none.
    if (userAgent !== this.#lastUserAgent) {
      this.#lastUserAgent = userAgent
      this.#userAgentJson = userAgent === undefined ? '' : `,"userAgent":${JSON.stringify(userAgent)}`
    }
    if (remoteIp !== this.#lastRemoteIp) {
      this.#lastRemoteIp = remoteIp
      this.#remoteIpJson = remoteIp === undefined ? '' : `,"remoteIp":${JSON.stringify(remoteIp)}`
    }
    return `${this.#start}${time}${this.#fields}${trace},"httpRequest":{"requestMethod":"${method}","requestUrl":${url},"status":${status}${this.#userAgentJson}${this.#remoteIpJson},"latency":"${latency}"},"message":"${method} ${url.slice(1, -1)} ${status}"}\n`
  }
}
