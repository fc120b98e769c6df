import { parseHeaderLines } from './header-lines.ts'
import { ParseError } from './parse-error.ts'

const MAX_LINE_BYTES = 16_384
/** A chunk's size, and its extensions (RFC 9112, 7.1), as Node's parser takes them. */
const SIZE_LINE =
  /^([\da-f]+)((?:;[!#$%&'*+\-.^_`|~\w]+(?:=(?:[!#$%&'*+\-.^_`|~\w]*|"(?:[\t !#-[\]-~\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"))?)*)$/i
const SIZE_LINE_BEGUN = /^[\da-f]*(?:;[^\r\n]*)?\r?$/i
const CR = 13
const LF = 10

type State = 'size' | 'data' | 'data-cr' | 'data-lf' | 'trailers'

/** Decodes a chunked body. */
export class ChunkDecoder {
  #state: State = 'size'
  #line = ''
  #left = 0

  /**
   * Decodes the bytes from `start` on.
   *
   * @param onData called for each piece of the body; the bytes are valid until it returns
   * @returns where the body has ended, or -1 if it goes on
   * @throws ParseError
   */
  decode(bytes: Buffer, start: number, end: number, onData: (piece: Buffer) => void): number {
    let at = start
    while (at < end) {
      switch (this.#state) {
        case 'data': {
          const pieceEnd = Math.min(end, at + this.#left)
          onData(bytes.subarray(at, pieceEnd))
          this.#left -= pieceEnd - at
          at = pieceEnd
          if (this.#left === 0) this.#state = 'data-cr'
          break
        }
        case 'data-cr':
          this.#state = 'data-lf'
          if (bytes[at] === LF) throw new ParseError('CR_EXPECTED', 'missing CR after chunk data')
          if (bytes[at] !== CR) throw new ParseError('STRICT', 'chunk data exceeds the chunk size')
          at++
          break
        case 'data-lf':
          if (bytes[at] !== LF) throw new ParseError('STRICT', 'missing LF after chunk data')
          this.#state = 'size'
          at++
          break
        default: {
          const lineEnd = bytes.indexOf(LF, at)
          const isWhole = lineEnd !== -1 && lineEnd < end
          this.#line += bytes.toString('latin1', at, isWhole ? lineEnd + 1 : end)
          if (this.#line.length > MAX_LINE_BYTES) throw new ParseError('HEADER_OVERFLOW', 'chunk line too long')
          if (!isWhole) return -1
          at = lineEnd + 1
          if (this.#state === 'size') this.#readSize()
          else if (this.#readTrailer()) return at
        }
      }
    }
    return -1
  }

  /** The connection has ended. @throws ParseError if the bytes so far can't become a chunk's size */
  finish(): void {
    if (this.#state === 'size' && !SIZE_LINE_BEGUN.test(this.#line)) throw sizeError(this.#line)
  }

  #readSize(): void {
    const line = this.#line.slice(0, -2)
    const size = this.#line.endsWith('\r\n') ? SIZE_LINE.exec(line)?.[1] : undefined
    if (size === undefined) throw sizeError(this.#line)
    this.#line = ''
    this.#left = Number.parseInt(size, 16)
    if (!Number.isSafeInteger(this.#left)) throw new ParseError('INVALID_CHUNK_SIZE', 'invalid chunk size')
    this.#state = this.#left === 0 ? 'trailers' : 'data'
  }

  /** @returns true for the empty line, which ends the body */
  #readTrailer(): boolean {
    if (!this.#line.endsWith('\r\n\r\n') && this.#line !== '\r\n') {
      // Each line is checked once, when it is whole.
      if (!this.#line.endsWith('\r\n')) throw new ParseError('INVALID_HEADER_TOKEN', 'missing CR after trailer field')
      return false
    }
    parseHeaderLines(this.#line)
    return true
  }
}

/** The error for an invalid chunk size line. */
function sizeError(line: string): ParseError {
  const rest = /^[\da-f]+(.*)/is.exec(line)?.[1]
  if (rest === undefined) return new ParseError('INVALID_CHUNK_SIZE', 'invalid chunk size')
  if (rest.startsWith('\r')) return new ParseError('STRICT', 'missing LF after chunk size')
  if (rest.startsWith('\n')) return new ParseError('CR_EXPECTED', 'missing CR after chunk size')
  if (!rest.startsWith(';')) return new ParseError('INVALID_CHUNK_SIZE', 'invalid chunk size')
  const isOnlyWithoutCr = line.endsWith('\n') && !line.endsWith('\r\n') && SIZE_LINE.test(line.slice(0, -1))
  if (isOnlyWithoutCr) return new ParseError('CR_EXPECTED', 'missing CR after chunk extension')
  return new ParseError('STRICT', 'invalid chunk extension')
}
