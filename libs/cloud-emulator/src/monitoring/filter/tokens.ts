import { FilterError } from './filter-error.ts'

export type TokenKind = 'word' | 'string' | 'operator' | '(' | ')' | ',' | '.' | '-' | 'end'

export interface Token {
  readonly kind: TokenKind
  /** The token's text; for a string without quotes and escapes. */
  readonly text: string
  readonly position: number
  /** Whether white space or the start of the filter precedes it. */
  readonly spaceBefore: boolean
}

const WORD = /[A-Za-z0-9_*+/-][A-Za-z0-9_*+/-]*/y
const OPERATOR = /!=|>=|<=|=~|!~|[=<>:]/y
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', "'": "'", '\\': '\\' }

/** Splits a filter into tokens; the last has the kind `end`. Throws `FilterError`. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let position = 0
  let spaceBefore = true
  const push = (kind: TokenKind, value: string, length: number): void => {
    tokens.push({ kind, text: value, position, spaceBefore })
    position += length
    spaceBefore = false
  }
  while (position < text.length) {
    const character = text.charAt(position)
    if (/\s/.test(character)) {
      position++
      spaceBefore = true
    } else if (character === '"' || character === "'") {
      const { value, length } = readString(text, position)
      push('string', value, length)
    } else if (character === '(' || character === ')' || character === ',' || character === '.') {
      push(character, character, 1)
    } else if (character === '-' && !/\d/.test(text.charAt(position + 1))) {
      push('-', '-', 1)
    } else {
      const operator = matchAt(OPERATOR, text, position)
      const word = operator === undefined ? matchAt(WORD, text, position) : undefined
      if (operator !== undefined) push('operator', operator, operator.length)
      else if (word !== undefined) push('word', word, word.length)
      else throw new FilterError(`Unexpected character "${character}"`, position)
    }
  }
  tokens.push({ kind: 'end', text: '', position, spaceBefore })
  return tokens
}

function matchAt(expression: RegExp, text: string, position: number): string | undefined {
  expression.lastIndex = position
  return expression.exec(text)?.[0]
}

function readString(text: string, start: number): { value: string; length: number } {
  const quote = text.charAt(start)
  let value = ''
  for (let position = start + 1; position < text.length; position++) {
    const character = text.charAt(position)
    if (character === quote) return { value, length: position - start + 1 }
    if (character !== '\\') {
      value += character
      continue
    }
    position++
    const escaped = text.charAt(position)
    value += ESCAPES[escaped] ?? `\\${escaped}`
  }
  throw new FilterError('The string that begins here is not terminated', start)
}
