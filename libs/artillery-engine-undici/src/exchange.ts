import type { Dispatcher } from 'undici'
import { EngineError, transportError } from './errors.ts'
import type { RawHeaders } from './headers.ts'

const NO_HEADERS: RawHeaders = []

/** Told of the course of one exchange. `ended` is called once, with an error where it failed. */
export interface ExchangeListener {
  /** It has a connection, and goes out. */
  sent(exchange: Exchange): void
  headReceived(exchange: Exchange): void
  ended(exchange: Exchange, error: Error | undefined): void
}

/**
 * One request and its response on the wire: undici's handler, with the times and the body. It uses undici 7's raw
 * handler methods (onConnect, onHeaders, …), which leave response headers unparsed until somebody asks.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  /** `performance.now()` at issue: connecting and waiting for a free connection count as response time. */
  readonly startedAtMs = performance.now()
  headAtMs = 0
  endedAtMs = 0
  statusCode = 0
  statusText = ''
  rawHeaders: RawHeaders = NO_HEADERS
  /** Bytes of the body as they came over the wire. */
  downloadedBytes = 0
  /** Whether it got a connection. */
  isSent = false

  readonly #listener: ExchangeListener
  /** Body bytes to keep; -1 keeps none and only counts. */
  readonly #keepBytes: number
  #firstChunk: Buffer | undefined
  #chunks: Buffer[] | undefined
  #abort: ((error?: Error) => void) | undefined
  #ended = false
  #waiting: NodeJS.Timeout | undefined
  #waitingRoom: Set<Exchange> | undefined

  constructor(listener: ExchangeListener, keepBytes: number) {
    this.#listener = listener
    this.#keepBytes = keepBytes
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
   * Fails unless it gets a connection within so many milliseconds: undici itself lets requests queue for ever. To be
   * called once it is dispatched.
   *
   * @param waitingRoom where it is to be found until then
   */
  boundWait(timeoutMs: number, waitingRoom: Set<Exchange>): void {
    if (this.#abort !== undefined || this.#ended) return
    this.#waitingRoom = waitingRoom.add(this)
    this.#waiting = setTimeout(() => {
      this.onError(new EngineError('ETIMEDOUT', `No connection was free within ${timeoutMs} ms`))
    }, timeoutMs)
  }

  onConnect(abort: (error?: Error) => void): void {
    this.#waitNoMore()
    this.#abort = abort
    // It gave up waiting: a request that is aborted here is never sent.
    if (this.#ended) {
      abort()
      return
    }
    this.isSent = true
    this.#listener.sent(this)
  }

  onHeaders(statusCode: number, headers: Buffer[], _resume: () => void, statusText: string): boolean {
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
    this.#waitNoMore()
    this.endedAtMs = performance.now()
    this.#listener.ended(this, transportError(error))
  }

  #waitNoMore(): void {
    clearTimeout(this.#waiting)
    this.#waitingRoom?.delete(this)
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
