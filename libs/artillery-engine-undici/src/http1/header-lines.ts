import { ParseError } from './parse-error.ts'

/** A field line (RFC 9112, 5), without its end. */
const FIELD_LINE = /^([!#$%&'*+\-.^_`|~\w]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/
const NAME = /^[!#$%&'*+\-.^_`|~\w]+:/
const NO_VALUE_CHARACTER = /[^\t\x20-\x7e\x80-\xff]/

/**
 * Parses field lines.
 *
 * @param text each line with its CRLF, and the empty line that ends them
 * @returns a flat list of names in lower case and values
 * @throws ParseError for the first line that is malformed
 */
export function parseHeaderLines(text: string): string[] {
  const headers: string[] = []
  for (let start = 0; ; ) {
    const end = text.indexOf('\r\n', start)
    if (end === start) return headers
    const line = text.slice(start, end)
    const field = FIELD_LINE.exec(line)
    if (field === null) throw lineError(line, start === 0)
    headers.push((field[1] ?? '').toLowerCase(), (field[2] ?? '').trimEnd())
    start = end + 2
  }
}

/** What is wrong with a field line; it may have the characters of line ends in it. */
function lineError(line: string, isFirst: boolean): ParseError {
  if (isFirst && line.startsWith(' '))
    return new ParseError('UNEXPECTED_SPACE', 'unexpected space after the status line')
  const name = NAME.exec(line)?.[0]
  if (name === undefined) return new ParseError('INVALID_HEADER_TOKEN', 'invalid header name')
  const value = line.slice(name.length)
  const wrong = value[value.search(NO_VALUE_CHARACTER)]
  if (wrong === '\n') return new ParseError('CR_EXPECTED', 'missing CR after header value')
  if (/^[ \t]*\r/.test(value)) return new ParseError('STRICT', 'missing LF after empty header value')
  if (wrong === '\r') return new ParseError('LF_EXPECTED', 'missing LF after header value')
  return new ParseError('INVALID_HEADER_TOKEN', 'invalid character in header value')
}
