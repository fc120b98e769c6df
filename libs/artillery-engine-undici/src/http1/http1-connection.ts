import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { EngineError } from '../artillery/errors.ts'
import type { Exchange } from '../response/exchange.ts'
import { type EncodedHead, encodeRequestHead } from './request-head.ts'
import type { ResponseHead } from './response-head.ts'
import { type ResponseListener, ResponseParser } from './response-parser.ts'
import { readFrom } from './tcp-connector.ts'

/** A server's `keep-alive: timeout` minus this is when a connection is too old for a request to arrive in time. */
const KEEP_ALIVE_MARGIN_MS = 1000

/** Methods whose requests have a length even without a body. */
const METHODS_WITH_LENGTH: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH'])

/** What is sent on a connection. */
export interface Http1Request {
  readonly path: string
  readonly method: string
  /** A flat list of names in lower case and values. */
  readonly headers: readonly string[]
  /** Further headers, which differ each time the request is sent. */
  readonly moreHeaders: readonly string[]
  readonly body: string | Uint8Array | Readable | undefined
  /** Until the head of the response, and between parts of its body. */
  readonly timeoutMs: number
}

/** Called when the connection is free for the next request, and when it has ended. */
export type OnChange = () => void

/** One connection of HTTP/1.1 (RFC 9112), and the request that is in flight on it. */
export class Http1Connection implements ResponseListener {
  readonly #socket: Socket
  readonly #onChange: OnChange
  readonly #parser = new ResponseParser(this)
  #exchange: Exchange | undefined
  #body: Readable | undefined
  #timeoutMs = 0
  #timer: NodeJS.Timeout | undefined
  #closesAfter = false
  #isOpen = true
  /** When it is too late for another request, by `performance.now()`. */
  #staleAtMs = Number.POSITIVE_INFINITY
  #keepAliveMs: number | undefined

  constructor(socket: Socket, onChange: OnChange) {
    this.#socket = socket
    this.#onChange = onChange
    readFrom(socket, (bytes, length) => this.#read(bytes, length))
    socket.on('error', (error) => this.#end(error))
    socket.on('end', () => this.#ended())
    socket.on('close', () => this.#end(connectionLost()))
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Whether a request may be sent: none is in flight. */
  get isFree(): boolean {
    return this.#isOpen && this.#exchange === undefined
  }

  /** Whether the server has closed it, or is about to, because it was idle for so long. */
  get isStale(): boolean {
    return this.#staleAtMs !== Number.POSITIVE_INFINITY && performance.now() >= this.#staleAtMs
  }

  /** Sends a request, on a connection that is free. @param host the `host` of the origin */
  send(request: Http1Request, exchange: Exchange, host: string): void {
    const { method, path, headers, moreHeaders, body } = request
    exchange.onConnect((error) => this.#end(error ?? connectionLost()))
    if (exchange.isOver) return
    const content = typeof body === 'string' ? Buffer.from(body) : body
    const length = content instanceof Readable ? 'chunked' : lengthToSend(method, content?.length ?? 0)
    let head: EncodedHead
    try {
      head = encodeRequestHead({ method, path, headers, host, body: length }, moreHeaders)
    } catch (error) {
      exchange.onError(error instanceof Error ? error : new Error(String(error)))
      this.#onChange()
      return
    }
    this.#exchange = exchange
    this.#closesAfter = head.closes
    this.#parser.expect(method)
    this.#startTimer(request.timeoutMs)
    if (content === undefined || length === 0 || length === undefined) {
      this.#socket.write(head.text, 'latin1')
      return
    }
    this.#socket.cork()
    this.#socket.write(head.text, 'latin1')
    if (content instanceof Readable) this.#sendStream(content, head.isChunked)
    else this.#socket.write(content)
    this.#socket.uncork()
  }

  /** Ends it; a request in flight fails. */
  destroy(error: Error = connectionLost()): void {
    this.#end(error)
  }

  onHead({ status, statusText, headers, keepAliveMs }: ResponseHead): void {
    this.#timer?.refresh()
    this.#keepAliveMs = keepAliveMs
    this.#exchange?.onHeaders(status, headers, ignore, statusText)
  }

  onData(piece: Buffer): void {
    this.#timer?.refresh()
    const exchange = this.#exchange
    if (exchange === undefined) return
    exchange.onData(exchange.keepsBody ? Buffer.from(piece) : piece)
  }

  onEnd(): void {
    const exchange = this.#exchange
    if (exchange === undefined) return
    this.#exchange = undefined
    if (!this.#parser.keepsAlive || this.#closesAfter || this.#body !== undefined) this.#close()
    else if (this.#keepAliveMs !== undefined) {
      this.#staleAtMs = performance.now() + Math.max(0, this.#keepAliveMs - KEEP_ALIVE_MARGIN_MS)
    }
    exchange.onComplete()
    if (this.#exchange === undefined) this.#onChange()
  }

  #read(bytes: Buffer, length: number): void {
    if (!this.#isOpen) return
    if (this.#exchange === undefined) {
      // No request is in flight.
      this.#end(connectionLost())
      return
    }
    try {
      this.#parser.parse(bytes, length)
    } catch (error) {
      this.#end(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #ended(): void {
    try {
      if (this.#exchange !== undefined && this.#parser.finish()) return
      this.#end(connectionLost())
    } catch (error) {
      this.#end(error instanceof Error ? error : new Error(String(error)))
    }
  }

  /** One timer for all requests: refreshing it costs less than creating a new one. */
  #startTimer(timeoutMs: number): void {
    if (timeoutMs === this.#timeoutMs && this.#timer !== undefined) {
      this.#timer.refresh()
      return
    }
    clearTimeout(this.#timer)
    this.#timeoutMs = timeoutMs
    this.#timer = setTimeout(() => this.#timeOut(), timeoutMs)
  }

  /** The request in flight has taken too long, or the connection was idle for the same time. */
  #timeOut(): void {
    this.#end(new EngineError('ETIMEDOUT', `No data received within ${this.#timeoutMs} ms`))
  }

  #sendStream(body: Readable, isChunked: boolean): void {
    this.#body = body
    const socket = this.#socket
    const resume = (): void => void body.resume()
    body.on('error', (error) => this.#end(error))
    body.on('end', () => {
      this.#body = undefined
      if (isChunked) socket.write('0\r\n\r\n')
    })
    body.on('data', (piece: Buffer | string) => {
      const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece
      if (bytes.length === 0) return
      if (isChunked) socket.write(`${bytes.length.toString(16)}\r\n`)
      const isDrained = socket.write(bytes)
      if (isChunked) socket.write('\r\n')
      this.#timer?.refresh()
      if (isDrained) return
      body.pause()
      socket.once('drain', resume)
    })
  }

  #end(error: Error): void {
    const exchange = this.#exchange
    this.#exchange = undefined
    this.#close()
    exchange?.onError(error)
  }

  /** Closes the socket, and notifies whoever waits for a connection. */
  #close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    clearTimeout(this.#timer)
    this.#body?.destroy()
    this.#body = undefined
    this.#socket.destroy()
    this.#onChange()
  }
}

/** The length of a body that is sent with a method, if it has one to send. */
function lengthToSend(method: string, bodyLength: number): number | undefined {
  return bodyLength > 0 || METHODS_WITH_LENGTH.has(method) ? bodyLength : undefined
}

function connectionLost(): EngineError {
  return new EngineError('ECONNRESET', 'The connection was lost')
}

function ignore(): void {}
