import { randomFillSync } from 'node:crypto'
import type { VirtualUserContext } from './artillery.ts'
import { EngineError } from './errors.ts'
import { isRecord } from './record.ts'

/** What a tracer learns of a request before it is sent. */
export interface TracedRequest {
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

/** The span of one request. Its headers are sent with it. */
export interface RequestSpan {
  /** A W3C `traceparent` value. */
  traceparent: string
  tracestate?: string
  end(outcome: TracedOutcome): void
}

/**
 * Makes a span for each request sent; each hop of a redirect is a request. Return undefined for one without a span: it
 * has a plain `traceparent`, by `config.http.distributedTracing`.
 */
export interface RequestTracer {
  startRequest(request: TracedRequest, context: VirtualUserContext): RequestSpan | undefined
}

const IDS_IN_POOL = 256
const ID_BYTES = 24
const HEX_PER_ID = ID_BYTES * 2

/**
 * Makes W3C `traceparent` values, each of its own trace, in the manner of Artillery's `http.distributedTracing`.
 * Random bytes are drawn from the system in batches: drawing them singly would cost more than sending the request's head.
 */
export class TraceparentGenerator {
  readonly #prefix: string
  readonly #suffix: string
  readonly #bytes = Buffer.allocUnsafe(IDS_IN_POOL * ID_BYTES)
  #hex = ''
  #offset = 0

  /** `traceIdPrefix`: up to 8 hex digits that start every trace id. `sampled`: the flag receivers read. */
  constructor(options: { sampled?: boolean; traceIdPrefix?: string } = {}) {
    const prefix = options.traceIdPrefix ?? 'a9'
    if (!/^[0-9a-f]{1,8}$/i.test(prefix)) {
      throw new EngineError(
        'ERR_CONFIG',
        `config.http.distributedTracing.traceIdPrefix is "${prefix}": give 1 to 8 hexadecimal digits, such as a9`,
      )
    }
    this.#prefix = prefix.toLowerCase()
    this.#suffix = options.sampled === false ? '-00' : '-01'
  }

  next(): string {
    if (this.#offset >= this.#hex.length) {
      this.#hex = randomFillSync(this.#bytes).toString('hex')
      this.#offset = 0
    }
    const start = this.#offset
    this.#offset = start + HEX_PER_ID
    const traceId = this.#prefix + this.#hex.slice(start, start + 32 - this.#prefix.length)
    const parentId = this.#hex.slice(start + 32, start + HEX_PER_ID)
    return `00-${traceId}-${parentId === '0000000000000000' ? '0000000000000001' : parentId}${this.#suffix}`
  }
}

/**
 * Reads `config.http.distributedTracing`: `false` or `{ enabled: false }` sends no header; `true`, an object or nothing
 * sends one with each request.
 */
export function traceparentGenerator(setting: unknown): TraceparentGenerator | undefined {
  if (setting === false) return undefined
  if (!isRecord(setting)) return new TraceparentGenerator()
  if (setting.enabled === false) return undefined
  const { sampled, traceIdPrefix } = setting
  return new TraceparentGenerator({
    ...(typeof sampled === 'boolean' && { sampled }),
    ...(traceIdPrefix !== undefined && { traceIdPrefix: String(traceIdPrefix) }),
  })
}
