import { EngineError } from '../artillery/errors.ts'
import { ERROR_NAMES } from './frames.ts'

/** Receives a response over HTTP/2. The last call is `onEnd` or `onError`, once. */
export interface ResponseListener {
  /** @param headers names in lower case and values, in one list. */
  onHead(status: number, headers: readonly string[]): void
  onData(chunk: Buffer): void
  onEnd(): void
  onError(error: Error): void
}

/** The state of one request and its response. Frames are handled by the connection. */
export class Http2Stream {
  readonly id: number
  /** The send window, in bytes. */
  sendWindow: number
  /** Bytes received since the last window update. */
  received = 0
  /** What is still to be sent. */
  readonly outgoing: Buffer[] = []
  /** Called when all of that has been sent. */
  onDrained: (() => void) | undefined
  /** Everything is in {@link outgoing}. */
  isWhole = false
  /** The end of the request has been sent. */
  isSent = false
  isEnded = false
  readonly #listener: ResponseListener
  readonly #hasNoBody: boolean
  #status = 0
  #length: number | undefined
  #bytes = 0

  constructor(id: number, method: string, sendWindow: number, listener: ResponseListener) {
    this.id = id
    this.sendWindow = sendWindow
    this.#hasNoBody = method === 'HEAD'
    this.#listener = listener
  }

  /**
   * Handles a header block: an interim response, the head, or trailers.
   *
   * @returns what is wrong with it; undefined if nothing is
   */
  takeHeaders(fields: readonly string[] | undefined, endsStream: boolean): string | undefined {
    if (fields === undefined) return this.#wrong('HPE_HEADER_OVERFLOW', 'The headers of the response are too long')
    if (this.#status !== 0) return endsStream ? this.#finish() : this.#malformed('trailers without END_STREAM')
    const [name, value] = fields
    const status = name === ':status' && /^[1-9]\d\d$/.test(value ?? '') ? Number(value) : 0
    if (status === 0) return this.#malformed('no valid :status')
    if (status < 200) return endsStream ? this.#malformed('interim response with END_STREAM') : undefined
    const headers = fields.slice(2)
    for (let index = 0; index < headers.length; index += 2) {
      if (headers[index] === 'content-length') this.#length = Number(headers[index + 1])
    }
    this.#status = status
    this.#listener.onHead(status, headers)
    return endsStream ? this.#finish() : undefined
  }

  /** @returns what is wrong with it; undefined if nothing is */
  takeData(chunk: Buffer, endsStream: boolean): string | undefined {
    if (this.#status === 0) return this.#malformed('DATA before HEADERS')
    this.#bytes += chunk.length
    if (chunk.length > 0 && !this.isEnded) this.#listener.onData(chunk)
    return endsStream && !this.isEnded ? this.#finish() : undefined
  }

  /** Ends the stream without a complete response. */
  fail(error: Error): void {
    if (this.isEnded) return
    this.isEnded = true
    this.#listener.onError(error)
  }

  /** The server has reset the stream before the response was complete. */
  wasReset(errorCode: number): void {
    const name = ERROR_NAMES[errorCode] ?? String(errorCode)
    this.fail(new EngineError('ERR_HTTP2_STREAM_ERROR', `The server reset the stream: ${name}`))
  }

  #finish(): string | undefined {
    const isEmpty = this.#hasNoBody || this.#status === 204 || this.#status === 304
    if (this.#length !== undefined && !isEmpty && this.#length !== this.#bytes)
      return this.#malformed(`body of ${this.#bytes} bytes, but Content-Length is ${this.#length}`)
    this.isEnded = true
    this.#listener.onEnd()
    return undefined
  }

  #malformed(what: string): string {
    return this.#wrong('ERR_HTTP2_STREAM_ERROR', `The response is malformed: ${what}`)
  }

  #wrong(code: string, message: string): string {
    this.fail(new EngineError(code, message))
    return message
  }
}
