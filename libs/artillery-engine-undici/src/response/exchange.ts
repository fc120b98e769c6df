import type { Dispatcher } from 'undici'
import { EngineError, transportError } from '../artillery/errors.ts'
import type { RawHeaders } from './raw-headers.ts'

const NO_HEADERS: RawHeaders = []

/** Observes one exchange. `ended` is called once, with an error if it failed. */
export interface ExchangeListener {
  /** It has a connection and is being sent. */
  sent(exchange: Exchange): void
  headReceived(exchange: Exchange): void
  ended(exchange: Exchange, error: Error | undefined): void
}

/**
 * One request and its response on the wire, with the times and the body. It is a handler of undici 7 too (onConnect,
 * onHeaders, …), which sends what goes through a proxy.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  /** `performance.now()` when it is issued: connecting and waiting for a free connection count as response time. */
  readonly startedAtMs = performance.now()
  headAtMs = 0
  endedAtMs = 0
  statusCode = 0
  statusText = ''
  rawHeaders: RawHeaders = NO_HEADERS
  /** Bytes of the body as received, before decompression. */
  downloadedBytes = 0
  /** Whether it has had a connection. */
  isSent = false

  readonly #listener: ExchangeListener
  /** Body bytes to keep; -1 keeps none and only counts. */
  readonly #keepBytes: number
  #firstChunk: Buffer | undefined
  #chunks: Buffer[] | undefined
  #abort: ((error?: Error) => void) | undefined
  #ended = false
  #waitTimer: NodeJS.Timeout | undefined
  #waitingSet: Set<Exchange> | undefined

  constructor(listener: ExchangeListener, keepBytes: number) {
    this.#listener = listener
    this.#keepBytes = keepBytes
  }

  /** Whether it has ended, or has failed while it waited. */
  get isOver(): boolean {
    return this.#ended
  }

  /** Whether it keeps the bytes of the body. */
  get keepsBody(): boolean {
    return this.#keepBytes >= 0
  }

  get timeToFirstByteMs(): number | undefined {
    return this.headAtMs === 0 ? undefined : this.headAtMs - this.startedAtMs
  }

  get responseTimeMs(): number {
    return this.endedAtMs - this.startedAtMs
  }

  /** The kept body, still encoded. */
  body(): Buffer {
    if (this.#chunks !== undefined) return Buffer.concat(this.#chunks)
    return this.#firstChunk ?? Buffer.alloc(0)
  }

  /**
   * Fails the exchange if it has no connection after `timeoutMs`. Called after it was dispatched.
   *
   * @param waiting holds the exchange until it has a connection or has failed
   */
  boundWait(timeoutMs: number, waiting: Set<Exchange>): void {
    if (this.#abort !== undefined || this.#ended) return
    this.#waitingSet = waiting.add(this)
    this.#waitTimer = setTimeout(() => {
      this.onError(new EngineError('ETIMEDOUT', `No connection became free within ${timeoutMs} ms`))
    }, timeoutMs)
  }

  onConnect(abort: (error?: Error) => void): void {
    this.#endWait()
    this.#abort = abort
    // It failed while it waited: a request aborted here is never sent.
    if (this.#ended) {
      abort()
      return
    }
    this.isSent = true
    this.#listener.sent(this)
  }

  onHeaders(statusCode: number, headers: RawHeaders, _resume: () => void, statusText: string): boolean {
    if (statusCode < 200) return true
    this.headAtMs = performance.now()
    this.statusCode = statusCode
    this.statusText = statusText
    this.rawHeaders = headers
    this.#listener.headReceived(this)
    return true
  }

  onData(chunk: Buffer): boolean {
    this.downloadedBytes += chunk.length
    if (this.#keepBytes >= 0) this.#keep(chunk)
    return true
  }

  onComplete(): void {
    if (this.#ended) return
    this.#ended = true
    this.endedAtMs = performance.now()
    this.#listener.ended(this, undefined)
  }

  onError(error: Error): void {
    if (this.#ended) return
    this.#ended = true
    this.#endWait()
    this.endedAtMs = performance.now()
    this.#listener.ended(this, transportError(error))
  }

  #endWait(): void {
    clearTimeout(this.#waitTimer)
    this.#waitingSet?.delete(this)
  }

  #keep(chunk: Buffer): void {
    if (this.downloadedBytes > this.#keepBytes) {
      const error = new EngineError(
        'ERR_BODY_TOO_LARGE',
        `The response body is longer than ${this.#keepBytes} bytes: raise config.engines.undici.maxBodyBytes`,
      )
      this.#abort?.(error)
      this.onError(error)
      return
    }
    if (this.#firstChunk === undefined) this.#firstChunk = chunk
    else if (this.#chunks === undefined) this.#chunks = [this.#firstChunk, chunk]
    else this.#chunks.push(chunk)
  }
}
