import { Readable } from 'node:stream'
import { EngineError } from '../artillery/errors.ts'
import { encodeHeaders } from '../http2/header-encoder.ts'
import type { Http2Connection } from '../http2/http2-connection.ts'
import type { Http2Stream, ResponseListener } from '../http2/http2-stream.ts'
import type { Exchange } from '../response/exchange.ts'
import { headerBlock } from './http2-headers.ts'
import type { OutgoingRequest } from './sender.ts'

/** A body that is read from a stream pauses while this many parts wait to be sent. */
const MAX_WAITING_PARTS = 16

/** An exchange over HTTP/2: sends its request, and ends it on a timeout. */
export class Http2Exchange implements ResponseListener {
  readonly #exchange: Exchange
  readonly #timeoutMs: number
  readonly #connection: Http2Connection
  #stream: Http2Stream | undefined
  #timer: NodeJS.Timeout | undefined
  #hasHead = false
  #isOver = false

  /** @param timeoutMs until the head of the response, and between parts of its body */
  constructor(exchange: Exchange, connection: Http2Connection, timeoutMs: number) {
    this.#exchange = exchange
    this.#connection = connection
    this.#timeoutMs = timeoutMs
  }

  send(origin: URL, { method, path, headers, moreHeaders, body }: OutgoingRequest): void {
    this.#exchange.onConnect((error) => this.#cancel(error ?? new EngineError('ECONNRESET', 'The request was aborted')))
    if (this.#isOver) return
    const content = body instanceof Readable ? undefined : bytesOf(body)
    // One that is empty needs no length, since the headers end the stream (RFC 9113, 8.1.1).
    const contentLength = content === undefined || content.length === 0 ? undefined : content.length
    this.#startTimer()
    try {
      const block = headerBlock({ method, path, origin, headers, contentLength }) + encodeHeaders(moreHeaders)
      this.#connection.request({ method, block, isEmpty: content?.length === 0 }, this, (stream) => {
        this.#stream = stream
        if (content === undefined) this.#sendStream(stream, body as Readable)
        else if (content.length > 0) this.#connection.send(stream, content, true)
      })
    } catch (error) {
      this.onError(error instanceof Error ? error : new Error(String(error)))
    }
  }

  onHead(status: number, headers: readonly string[]): void {
    this.#hasHead = true
    this.#timer?.refresh()
    this.#exchange.onHeaders(status, headers, ignore, '')
  }

  onData(chunk: Buffer): void {
    if (this.#isOver) return
    this.#timer?.refresh()
    this.#exchange.onData(chunk)
  }

  onEnd(): void {
    if (this.#end()) this.#exchange.onComplete()
  }

  onError(error: Error): void {
    if (this.#end()) this.#exchange.onError(error)
  }

  #sendStream(stream: Http2Stream, body: Readable): void {
    body.on('error', (error) => this.#cancel(error))
    body.on('end', () => this.#connection.send(stream, undefined, true))
    body.on('data', (chunk: Buffer | string) => {
      this.#connection.send(stream, Buffer.from(chunk as Buffer), false)
      if (stream.outgoing.length < MAX_WAITING_PARTS) return
      body.pause()
      stream.onDrained = () => void body.resume()
    })
  }

  #startTimer(): void {
    this.#timer = setTimeout(() => {
      const what = this.#hasHead ? 'data' : 'response'
      this.#cancel(new EngineError('ETIMEDOUT', `No ${what} received within ${this.#timeoutMs} ms`))
    }, this.#timeoutMs)
    this.#timer.unref()
  }

  #cancel(error: Error): void {
    if (!this.#isOver) this.#connection.cancel(this.#stream ?? this)
    this.onError(error)
  }

  /** @returns false if it had ended before. */
  #end(): boolean {
    if (this.#isOver) return false
    this.#isOver = true
    clearTimeout(this.#timer)
    return true
  }
}

function bytesOf(body: string | Uint8Array | undefined): Buffer {
  if (typeof body === 'string') return Buffer.from(body)
  return body instanceof Uint8Array ? Buffer.from(body.buffer, body.byteOffset, body.byteLength) : EMPTY
}

const EMPTY = Buffer.alloc(0)

function ignore(): void {}
