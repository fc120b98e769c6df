import { randomFillSync } from 'node:crypto'
import { EngineError } from './errors.ts'
import { isRecord } from './record.ts'

const IDS_IN_POOL = 256
const ID_BYTES = 24
const HEX_PER_ID = ID_BYTES * 2

/**
 * Makes W3C `traceparent` values, each of a new trace, as Artillery's `http.distributedTracing` does. Random
 * bytes are drawn in batches: drawing them one id at a time would cost more than sending the request's head.
 */
export class TraceparentGenerator {
  readonly #prefix: string
  readonly #suffix: string
  readonly #bytes = Buffer.allocUnsafe(IDS_IN_POOL * ID_BYTES)
  #hex = ''
  #offset = 0

  /** `traceIdPrefix`: up to 8 hex digits that begin every trace id. `sampled`: the flag that receivers read. */
  constructor(options: { sampled?: boolean; traceIdPrefix?: string } = {}) {
    const prefix = options.traceIdPrefix ?? 'a9'
    if (!/^[0-9a-f]{1,8}$/i.test(prefix)) {
      throw new EngineError(
        'ERR_CONFIG',
        `config.http.distributedTracing.traceIdPrefix is "${prefix}": use 1 to 8 hexadecimal digits, such as a9`,
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
 * Reads `config.http.distributedTracing`: `false` or `{ enabled: false }` sends no header; `true`, an object or
 * leaving it out sends one with each request.
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
