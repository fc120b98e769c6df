import { QueryError } from './query-error.ts'

export type Operator = '=' | '!=' | '>' | '<' | '>=' | '<=' | ':' | '=~' | '!~'

export interface Token {
  readonly kind: 'text' | 'string' | 'operator' | '(' | ')' | ',' | 'not' | 'end'
  /** A string without its quotes and escapes; otherwise as written in the query. */
  readonly text: string
  readonly start: number
  readonly end: number
}

const SPACE = /[\s\u00a0]/
const TEXT = /[^\s\u00a0()=<>!~:,"']/
const OPERATORS: readonly Operator[] = ['>=', '<=', '!=', '=~', '!~', '=', '>', '<', ':']
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', v: '\v', a: '\x07' }

/** Splits a query into tokens, the last of which is its end, in linear time. Throws `QueryError`. */
export function tokensOf(query: string): Token[] {
  const tokens: Token[] = []
  let position = 0
  while (position < query.length) {
    const character = query.charAt(position)
    if (SPACE.test(character)) position++
    else if (query.startsWith('--', position)) position = endOfLine(query, position)
    else {
      const token = tokenAt(query, position)
      tokens.push(token)
      position = token.end
    }
  }
  tokens.push({ kind: 'end', text: '', start: query.length, end: query.length })
  return tokens
}

function endOfLine(query: string, position: number): number {
  const end = query.indexOf('\n', position)
  return end < 0 ? query.length : end
}

function tokenAt(query: string, start: number): Token {
  const character = query.charAt(start)
  if (character === '(' || character === ')' || character === ',')
    return { kind: character, text: character, start, end: start + 1 }
  if (character === '"' || character === "'") return stringAt(query, start)
  const operator = OPERATORS.find((candidate) => query.startsWith(candidate, start))
  if (operator !== undefined) return { kind: 'operator', text: operator, start, end: start + operator.length }
  if (character === '-' && /[A-Za-z_"'(]/.test(query.charAt(start + 1)))
    return { kind: 'not', text: '-', start, end: start + 1 }
  let end = start
  while (end < query.length && TEXT.test(query.charAt(end))) end++
  if (end === start) throw new QueryError(query, { position: start, token: character, reason: 'unexpected character' })
  return { kind: 'text', text: query.slice(start, end), start, end }
}

function stringAt(query: string, start: number): Token {
  const quote = query.charAt(start)
  let text = ''
  let position = start + 1
  let from = position
  for (; position < query.length; position++) {
    const character = query.charAt(position)
    if (character === quote)
      return { kind: 'string', text: text + query.slice(from, position), start, end: position + 1 }
    if (character !== '\\') continue
    const { value, length } = escapeAt(query, position)
    text += query.slice(from, position) + value
    position += length - 1
    from = position + 1
  }
  throw new QueryError(query, { position: start, token: quote, reason: 'the quote is never closed' })
}

/** A backslash before any other character is kept, since regular expressions need them. */
function escapeAt(query: string, position: number): { value: string; length: number } {
  const next = query.charAt(position + 1)
  if (next === '"' || next === "'" || next === '\\') return { value: next, length: 2 }
  const digits = /^(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-7]{3}))/.exec(query.slice(position + 1, position + 6))
  if (digits) {
    const [whole, unicode, byte, octal] = digits
    const code = octal === undefined ? Number.parseInt(unicode ?? byte ?? '', 16) : Number.parseInt(octal, 8)
    return { value: String.fromCharCode(code), length: 1 + whole.length }
  }
  const control = ESCAPES[next]
  return control === undefined ? { value: `\\${next}`, length: 2 } : { value: control, length: 2 }
}
