import { EngineError } from '../artillery/errors.ts'

/** A request without its body. */
export interface RequestHead {
  readonly method: string
  readonly path: string
  /** A flat list of names in lower case and values. */
  readonly headers: readonly string[]
  /** What is sent as `host` if the headers have none. */
  readonly host: string
  /** The length of the body, `chunked` for one whose length is not known, or undefined for none. */
  readonly body: number | 'chunked' | undefined
}

/** What {@link encodeRequestHead} makes. */
export interface EncodedHead {
  readonly text: string
  /** The request asks the server to close the connection. */
  readonly closes: boolean
  /** The body is to be sent in chunks. */
  readonly isChunked: boolean
}

const NO_TOKEN = /[^!#$%&'*+\-.^_`|~\w]|^$/
const NO_VALUE = /[^\t\x20-\x7e\x80-\xff]/
const NO_PATH = /[^\x21-\xff]/
const CLOSE = /(?:^|,)\s*close\s*(?:,|$)/i

/** Header lines that were checked before, by their list: that of a request that is the same each time. */
const checkedLines = new WeakMap<readonly string[], HeaderLines>()

interface HeaderLines {
  readonly text: string
  readonly host: string | undefined
  readonly hasConnection: boolean
  readonly closes: boolean
  readonly hasLength: boolean
}

/**
 * The head of a request as it is sent.
 *
 * @param more headers after those of the request, such as `traceparent`
 * @throws EngineError with Node's codes for what can't be sent
 */
export function encodeRequestHead(
  { method, path, headers, host, body }: RequestHead,
  more: readonly string[],
): EncodedHead {
  if (NO_PATH.test(path))
    throw new EngineError('ERR_UNESCAPED_CHARACTERS', 'Request path contains unescaped characters')
  let lines = checkedLines.get(headers)
  if (lines === undefined) {
    lines = headerLines(headers)
    checkedLines.set(headers, lines)
  }
  let text = `${method} ${path} HTTP/1.1\r\nhost: ${lines.host ?? host}\r\n`
  if (!lines.hasConnection) text += 'connection: keep-alive\r\n'
  text += lines.text
  if (more.length > 0) text += headerLines(more).text
  const isChunked = body === 'chunked' && !lines.hasLength
  if (isChunked) text += 'transfer-encoding: chunked\r\n'
  else if (body !== undefined && !lines.hasLength) text += `content-length: ${body}\r\n`
  return { text: `${text}\r\n`, closes: lines.closes, isChunked }
}

function headerLines(headers: readonly string[]): HeaderLines {
  let text = ''
  let host: string | undefined
  let hasConnection = false
  let closes = false
  let hasLength = false
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] ?? ''
    const value = headers[index + 1] ?? ''
    if (NO_TOKEN.test(name)) {
      throw new EngineError('ERR_INVALID_HTTP_TOKEN', `Header name must be a valid HTTP token ["${name}"]`)
    }
    if (NO_VALUE.test(value)) {
      throw new EngineError('ERR_INVALID_CHAR', `Invalid character in header content ["${name}"]`)
    }
    if (name === 'host') {
      host = value
      continue
    }
    if (name === 'connection') {
      hasConnection = true
      closes ||= CLOSE.test(value)
    }
    if (name === 'content-length') hasLength = true
    text += `${name}: ${value}\r\n`
  }
  return { text, host, hasConnection, closes, hasLength }
}
