import type { SpanContext } from '@opentelemetry/api'
import type { IdGenerator } from '@opentelemetry/sdk-trace-base'
import { SPAN_ID_DIGITS, TRACE_ID_DIGITS, UnsampledSpan } from './unsampled-span.ts'

const POOL_BYTES = 4096

/**
 * Random trace and span ids in W3C's form, cut from a pool of hexadecimal digits, at half the cost of the SDK's own
 * generator, which formats each id separately. Like that one it uses `Math.random`, since ids need not be secret.
 */
export class PooledIdGenerator implements IdGenerator {
  readonly #bytes = Buffer.alloc(POOL_BYTES)
  readonly #words = new Uint32Array(this.#bytes.buffer, this.#bytes.byteOffset, POOL_BYTES / 4)
  #digits = ''
  #used = 0

  #given: SpanContext | undefined

  generateTraceId(): string {
    return this.#given?.traceId ?? this.#take(TRACE_ID_DIGITS)
  }

  generateSpanId(): string {
    return this.#given?.spanId ?? this.#take(SPAN_ID_DIGITS)
  }

  /** Runs `start` so that the span it starts gets these ids. */
  give<T>(ids: SpanContext, start: () => T): T {
    this.#given = ids
    try {
      return start()
    } finally {
      this.#given = undefined
    }
  }

  /**
   * Starts the root span of a new trace; undefined if `isSampled` returns true: its ids are then those generated next,
   * the span's first.
   */
  startUnsampled(isSampled: (digits: string, start: number) => boolean): UnsampledSpan | undefined {
    this.#reserve(SPAN_ID_DIGITS + TRACE_ID_DIGITS)
    const start = this.#used
    if (isSampled(this.#digits, start + SPAN_ID_DIGITS)) return undefined
    this.#used += SPAN_ID_DIGITS + TRACE_ID_DIGITS
    return new UnsampledSpan(this.#digits, start)
  }

  #take(length: number): string {
    this.#reserve(length)
    const id = this.#digits.slice(this.#used, this.#used + length)
    this.#used += length
    return id
  }

  #reserve(length: number): void {
    if (this.#used + length > this.#digits.length) this.#fill()
  }

  #fill(): void {
    const words = this.#words
    // No word is 0, since an id of zeros is invalid.
    for (let index = 0; index < words.length; index++) words[index] = 1 + Math.random() * (2 ** 32 - 1)
    this.#digits = this.#bytes.toString('hex')
    this.#used = 0
  }
}
