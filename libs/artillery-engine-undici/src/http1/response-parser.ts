import { EngineError } from '../artillery/errors.ts'
import { ChunkDecoder } from './chunks.ts'
import { ParseError } from './parse-error.ts'
import { checkStatusLine, parseResponseHead, type ResponseHead } from './response-head.ts'

/** Receives what a parser finds. */
export interface ResponseListener {
  /** An interim response (1xx) has come too. */
  onHead(head: ResponseHead): void
  /** The bytes are valid until it returns. */
  onData(piece: Buffer): void
  /** Called last for a response, when all bytes given so far are parsed. */
  onEnd(): void
}

const MAX_HEAD_BYTES = 16_384
const HEAD_END = '\r\n\r\n'
const SWITCHING_PROTOCOLS = 101

type State = 'head' | 'length' | 'chunked' | 'close' | 'ended'

/**
 * Parses the responses of one connection, one at a time: after `onEnd` the next one is announced by {@link expect}. Its
 * errors are those of Node's own parser. A head that equals the one before is not parsed again: servers under load
 * sent to repeat themselves.
 */
export class ResponseParser {
  readonly #listener: ResponseListener
  #state: State = 'ended'
  #isHead = false
  /** The beginning of a head whose rest is to come. */
  #begun = ''
  #left = 0
  #chunks: ChunkDecoder | undefined
  #lastText = ''
  #last: ResponseHead | undefined
  /** Whether another request may follow the response. */
  keepsAlive = false

  constructor(listener: ResponseListener) {
    this.#listener = listener
  }

  /** A request was sent, whose response comes next. */
  expect(method: string): void {
    this.#state = 'head'
    this.#isHead = method === 'HEAD'
  }

  /**
   * Parses `bytes` up to `end`.
   *
   * @throws ParseError
   */
  parse(bytes: Buffer, end: number): void {
    let at = 0
    while (at < end || this.#state === 'ended') {
      switch (this.#state) {
        case 'head':
          at = this.#parseHead(bytes, at, end)
          break
        case 'length': {
          const pieceEnd = Math.min(end, at + this.#left)
          this.#left -= pieceEnd - at
          this.#listener.onData(bytes.subarray(at, pieceEnd))
          at = pieceEnd
          if (this.#left === 0) this.#state = 'ended'
          break
        }
        case 'chunked':
          at = this.#parseChunks(bytes, at, end)
          break
        case 'close':
          this.#listener.onData(bytes.subarray(at, end))
          at = end
          break
        case 'ended':
          if (at < end) this.#checkRest(bytes, at, end)
          this.#listener.onEnd()
          return
      }
    }
  }

  /**
   * The connection has ended.
   *
   * @returns whether the response has ended with it
   * @throws ParseError
   */
  finish(): boolean {
    if (this.#state === 'chunked') this.#chunks?.finish()
    if (this.#state !== 'close') return false
    this.#state = 'ended'
    this.#listener.onEnd()
    return true
  }

  #parseHead(bytes: Buffer, start: number, end: number): number {
    const repeated = this.#lastText.length
    if (this.#last !== undefined && this.#begun === '' && end - start >= repeated) {
      if (bytes.toString('latin1', start, start + repeated) === this.#lastText) {
        this.#begin(this.#last)
        return start + repeated
      }
    }
    const read = bytes.toString('latin1', start, Math.min(end, start + MAX_HEAD_BYTES - this.#begun.length + 1))
    const begun = this.#begun.length
    const all = begun + read.length === read.length ? read : this.#begun + read
    // Empty lines before a response are ignored (RFC 9112, 2.2).
    const skipped = all.length - all.trimStart().length
    const text = skipped === 0 || /[^\r\n]/.test(all.slice(0, skipped)) ? all : all.slice(skipped)
    const headEnd = text.indexOf(HEAD_END, Math.max(0, begun - HEAD_END.length))
    if (headEnd === -1) {
      const lineEnd = text.indexOf('\r\n')
      if (text !== '') checkStatusLine(lineEnd === -1 ? text : text.slice(0, lineEnd), lineEnd !== -1)
      if (text.length > MAX_HEAD_BYTES) throw new ParseError('HEADER_OVERFLOW', 'headers too long')
      this.#begun = text
      return end
    }
    this.#begun = ''
    const head = text.slice(0, headEnd + HEAD_END.length)
    const parsed = parseResponseHead(head)
    this.#last = parsed
    this.#lastText = head
    this.#begin(parsed)
    return start + (all.length - text.length) + head.length - begun
  }

  #begin(head: ResponseHead): void {
    if (head.status < 200) {
      if (head.status === SWITCHING_PROTOCOLS) throw new EngineError('ECONNRESET', 'The server switched protocols')
      return
    }
    this.keepsAlive = head.isPersistent && (this.#isHead || head.framing !== 'close')
    this.#left = head.length
    if (this.#isHead || head.framing === 'none') this.#state = 'ended'
    else this.#state = head.framing
    if (head.framing === 'chunked') this.#chunks = new ChunkDecoder()
    this.#listener.onHead(head)
  }

  #parseChunks(bytes: Buffer, start: number, end: number): number {
    const bodyEnd = this.#chunks?.decode(bytes, start, end, (piece) => this.#listener.onData(piece)) ?? end
    if (bodyEnd === -1) return end
    this.#state = 'ended'
    return bodyEnd
  }

  /** Data after a response, with no request in flight: only empty lines are allowed. */
  #checkRest(bytes: Buffer, start: number, end: number): void {
    const rest = bytes.toString('latin1', start, Math.min(end, start + MAX_HEAD_BYTES))
    if (!/[^\r\n]/.test(rest)) return
    if (!this.keepsAlive) throw new ParseError('CLOSED_CONNECTION', 'data after `connection: close`')
    throw new ParseError('INVALID_CONSTANT', 'data after the end of the response')
  }
}
