import { parseHeaderLines } from './header-lines.ts'
import { ParseError } from './parse-error.ts'

/**
 * How the end of a body is known (RFC 9112, 6.3): there is none, by its length, by chunks, or by the connection's end.
 */
export type Framing = 'none' | 'length' | 'chunked' | 'close'

/** The head of a response. */
export interface ResponseHead {
  readonly status: number
  readonly statusText: string
  /** A flat list of names in lower case and values. */
  readonly headers: readonly string[]
  readonly framing: Framing
  /** The length of the body, if it has one. */
  readonly length: number
  /** Whether the connection outlives the response, if that has an end of its own. */
  readonly isPersistent: boolean
  /** How long the server keeps the connection without a request, if it says so (`keep-alive: timeout=5`). */
  readonly keepAliveMs: number | undefined
}

/** The parts of a status line up to the status, as far as they must match. */
const STATUS_LINE = /^HTTP\/(?:0\.9|1\.[01]|2\.0) \d{3}(?: [^\r\n]*)?$/
const STATUS_START = 9
const TEXT_START = 13
const KEEP_ALIVE = /(?:^|[ ,;])timeout=(\d+)/i

/**
 * Parses the head of a response.
 *
 * @param text in Latin-1, from its first letter to the empty line
 * @throws ParseError
 */
export function parseResponseHead(text: string): ResponseHead {
  const lineEnd = text.indexOf('\r\n')
  const line = text.slice(0, lineEnd)
  checkStatusLine(line, true)
  const status = Number(line.slice(STATUS_START, STATUS_START + 3))
  const headers = parseHeaderLines(text.slice(lineEnd + 2))
  const { length, isChunked, hasEncoding, closes, keepAlive, keepAliveMs } = connectionFields(headers)
  const hasNoBody = status < 200 || status === 204 || status === 304
  let framing: Framing = 'close'
  if (hasNoBody) framing = 'none'
  else if (isChunked) framing = 'chunked'
  else if (!hasEncoding && length !== undefined) framing = length === 0 ? 'none' : 'length'
  return {
    status,
    statusText: line.slice(TEXT_START),
    headers,
    framing,
    length: length ?? 0,
    isPersistent: line.startsWith('1.1', 5) ? !closes : keepAlive,
    keepAliveMs,
  }
}

/**
 * Checks a status line, or the beginning of one.
 *
 * @throws ParseError
 */
export function checkStatusLine(line: string, isWhole: boolean): void {
  if (STATUS_LINE.test(line)) return
  if (!line.startsWith('HTTP/') && !(isPart(line, 'HTTP/') && !isWhole)) {
    throw new ParseError('INVALID_CONSTANT', 'does not begin with HTTP/')
  }
  const version = line.slice(5, 9)
  if (!['0.9 ', '1.0 ', '1.1 ', '2.0 '].some((known) => version === known || (!isWhole && isPart(version, known)))) {
    throw new ParseError('INVALID_VERSION', 'unknown HTTP version')
  }
  const status = line.slice(STATUS_START)
  if (!/^\d{3}(?:[ \r]|$)/.test(status) && !(!isWhole && /^\d{0,3}$/.test(status))) {
    throw new ParseError('INVALID_STATUS', 'invalid status code')
  }
  const wrong = /[\r\n]/.exec(status)?.[0]
  if (wrong === '\n') throw new ParseError('CR_EXPECTED', 'missing CR after the status line')
  if (wrong === '\r' && (isWhole || !status.endsWith('\r'))) {
    throw new ParseError('STRICT', 'missing LF after the status line')
  }
}

function isPart(text: string, whole: string): boolean {
  return text.length < whole.length && whole.startsWith(text)
}

interface ConnectionFields {
  length: number | undefined
  hasEncoding: boolean
  isChunked: boolean
  closes: boolean
  keepAlive: boolean
  keepAliveMs: number | undefined
}

/** What the headers say about the body's end and the connection. @throws ParseError where they contradict each other */
function connectionFields(headers: readonly string[]): ConnectionFields {
  const fields: ConnectionFields = {
    length: undefined,
    hasEncoding: false,
    isChunked: false,
    closes: false,
    keepAlive: false,
    keepAliveMs: undefined,
  }
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const value = headers[index + 1] ?? ''
    switch (headers[index]) {
      case 'content-length':
        readLength(fields, value)
        break
      case 'transfer-encoding':
        readEncoding(fields, value)
        break
      case 'connection': {
        const tokens = value.toLowerCase().split(',')
        fields.closes ||= tokens.some((token) => token.trim() === 'close')
        fields.keepAlive ||= tokens.some((token) => token.trim() === 'keep-alive')
        break
      }
      case 'keep-alive': {
        const seconds = KEEP_ALIVE.exec(value)?.[1]
        if (seconds !== undefined) fields.keepAliveMs = Number(seconds) * 1000
        break
      }
      default:
    }
  }
  return fields
}

function readLength(fields: ConnectionFields, value: string): void {
  if (fields.length !== undefined) throw new ParseError('UNEXPECTED_CONTENT_LENGTH', 'duplicate Content-Length')
  if (fields.hasEncoding)
    throw new ParseError('INVALID_CONTENT_LENGTH', 'Content-Length together with Transfer-Encoding')
  const length = Number(value)
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(length)) {
    throw new ParseError('INVALID_CONTENT_LENGTH', `invalid Content-Length "${value.slice(0, 100)}"`)
  }
  fields.length = length
}

function readEncoding(fields: ConnectionFields, value: string): void {
  if (fields.length !== undefined) {
    throw new ParseError('INVALID_TRANSFER_ENCODING', 'Transfer-Encoding together with Content-Length')
  }
  if (value === '') throw new ParseError('INVALID_TRANSFER_ENCODING', 'empty Transfer-Encoding')
  fields.hasEncoding = true
  fields.isChunked = /(?:^|,[ \t]*)chunked$/i.test(value)
}
