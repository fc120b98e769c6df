import { quote, quoteCharacter } from '../text/quote.ts'
import type { Token, TokenType } from './token.ts'
import { WORDS } from './token.ts'

const BLANKS = /[ \t\n\r]*/y
const COMMENT = /#[^\r\n]*/y
const OPERATOR = /==|!=|<=|<\/|>=|>\/|[-+*/%^<>@]/y
const NUMBER_START = /\.?\d/y
const DURATION_REST = /[smhdwy]s?(?:\d+[smhdw]s?)*/y
const DURATION_WORDS: ReadonlySet<string> = new Set(['step', 'range', 'max_of', 'min_of'])

/** What the lexer accepts. */
export interface LexerOptions {
  /** Whether unquoted names may contain Unicode letters, and dots after the first character. */
  readonly unquotedUtf8Names?: boolean
}

/** Splits a query into tokens. An error is also a token, always the last one, with the message as its value. */
export class Lexer {
  readonly #input: string
  readonly #name: RegExp
  readonly #metric: RegExp
  #position = 0
  #parentheses = 0
  #inBraces = false
  #inBrackets = false
  /** Whether the opening bracket must be followed by a duration. */
  #durationFirst = false
  #sawColon = false
  #sawDuration = false
  #failed: Token | undefined

  constructor(input: string, { unquotedUtf8Names = false }: LexerOptions = {}) {
    this.#input = input
    this.#name = unquotedUtf8Names ? /[a-zA-Z_\p{L}](?:[a-zA-Z0-9_.]|\p{L})*/uy : /[a-zA-Z_][a-zA-Z0-9_]*/y
    this.#metric = unquotedUtf8Names ? /[a-zA-Z_:\p{L}](?:[a-zA-Z0-9_:.]|\p{L})*/uy : /[a-zA-Z_:][a-zA-Z0-9_:]*/y
  }

  /** The next token; after the end or an error, the same one again. */
  next(): Token {
    if (this.#failed !== undefined) return this.#failed
    this.#skipBlanks()
    if (this.#inBraces) return this.#insideBraces()
    return this.#inBrackets ? this.#insideBrackets() : this.#outside()
  }

  /** Whether this lexer reads a name as one only if it is quoted. */
  needsQuotes(name: string): boolean {
    this.#name.lastIndex = 0
    return this.#name.exec(name)?.[0] !== name
  }

  #skipBlanks(): void {
    do this.#match(BLANKS)
    while (!(this.#inBrackets && this.#durationFirst) && this.#match(COMMENT) !== undefined)
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position
    const text = pattern.exec(this.#input)?.[0]
    if (text !== undefined) this.#position += text.length
    return text
  }

  #peeked(pattern: RegExp): boolean {
    pattern.lastIndex = this.#position
    return pattern.test(this.#input)
  }

  #character(): string {
    return String.fromCodePoint(this.#input.codePointAt(this.#position) ?? 0)
  }

  #atEnd(): boolean {
    return this.#position >= this.#input.length
  }

  #token(type: TokenType, text: string, value = text): Token {
    return { type, text, value, start: this.#position - text.length, end: this.#position }
  }

  #fail(message: string, start = this.#position): Token {
    this.#failed = { type: 'error', text: message, value: message, start, end: this.#input.length }
    return this.#failed
  }

  #punctuation(text: string): Token {
    this.#position += text.length
    return this.#token('punctuation', text)
  }

  #outside(): Token {
    if (this.#atEnd()) {
      if (this.#parentheses !== 0) return this.#fail('unclosed left parenthesis')
      return this.#token('end', '')
    }
    if (this.#peeked(NUMBER_START)) return this.#number()
    const metric = this.#match(this.#metric)
    if (metric !== undefined) return this.#word(metric)
    const operator = this.#match(OPERATOR)
    if (operator !== undefined) return this.#token('operator', operator)
    const character = this.#character()
    switch (character) {
      case ',':
        return this.#punctuation(character)
      case '(':
      case ')':
        return this.#parenthesis(character)
      case '"':
      case "'":
      case '`':
        return this.#string(character)
      case '{':
        this.#inBraces = true
        return this.#punctuation(character)
      case '[':
        this.#inBrackets = true
        this.#durationFirst = true
        this.#sawColon = false
        this.#sawDuration = false
        return this.#punctuation(character)
      case ']':
        return this.#fail(`unexpected right bracket ${quoteCharacter(character)}`)
      case '=':
        if (this.#input[this.#position + 1] === '~') return this.#fail("unexpected character after '=': '~'")
        return this.#punctuation(character)
      case '!':
        return this.#fail(`unexpected character after '!': ${this.#quotedNext()}`)
      default:
        return this.#fail(`unexpected character: ${quoteCharacter(character)}`)
    }
  }

  #quotedNext(): string {
    const next = this.#input.codePointAt(this.#position + 1)
    return next === undefined ? "'\\uffff'" : quoteCharacter(String.fromCodePoint(next))
  }

  #parenthesis(character: '(' | ')'): Token {
    const start = this.#position
    this.#parentheses += character === '(' ? 1 : -1
    if (this.#parentheses < 0) return this.#fail(`unexpected right parenthesis ${quoteCharacter(character)}`, start + 1)
    return this.#punctuation(character)
  }

  #word(text: string): Token {
    const lower = text.toLowerCase()
    const known = /^[\0-\x7f]*$/.test(text) ? WORDS.get(lower) : undefined
    if (known === undefined) return this.#token(text.includes(':') ? 'metricIdentifier' : 'identifier', text)
    // `fill` was an ordinary name before it became a modifier.
    if (lower.startsWith('fill') && !this.#peeked(/[ \t\n\r]*\(/y)) return this.#token('identifier', text)
    return this.#token(known, text, known === 'number' ? text : lower)
  }

  #insideBraces(): Token {
    if (this.#atEnd()) return this.#fail('unexpected end of input inside braces')
    const name = this.#match(this.#name)
    if (name !== undefined) return this.#token('identifier', name)
    const operator = this.#match(/=~|!~|!=|=/y)
    if (operator !== undefined) return this.#token(operator === '=' ? 'punctuation' : 'operator', operator)
    const character = this.#character()
    switch (character) {
      case ',':
        return this.#punctuation(character)
      case '"':
      case "'":
      case '`':
        return this.#string(character)
      case '}':
        this.#inBraces = false
        return this.#punctuation(character)
      case '{':
        return this.#fail(`unexpected left brace ${quoteCharacter(character)}`)
      case '!':
        return this.#fail(`unexpected character after '!' inside braces: ${this.#quotedNext()}`)
      default:
        return this.#fail(`unexpected character inside braces: ${quoteCharacter(character)}`)
    }
  }

  #insideBrackets(): Token {
    if (this.#atEnd()) return this.#fail(this.#unclosed())
    const first = this.#durationFirst
    if (this.#peeked(NUMBER_START)) {
      this.#sawDuration = true
      this.#durationFirst = false
      return this.#number()
    }
    const operator = this.#match(/[-+*/%^]/y) ?? (first ? undefined : this.#match(OPERATOR))
    if (operator !== undefined) return this.#token('operator', operator)
    const character = this.#character()
    switch (character) {
      case ']':
        this.#inBrackets = false
        return this.#punctuation(character)
      case ':':
        return this.#colon()
      case '(':
      case ')':
        return this.#parenthesis(character)
      case ',':
        return this.#punctuation(character)
      default:
        return this.#durationWord(character)
    }
  }

  #unclosed(): string {
    if (this.#durationFirst) return 'unexpected end of input in duration expression'
    return this.#parentheses !== 0 ? 'unclosed left parenthesis' : 'unclosed left bracket'
  }

  #colon(): Token {
    const start = this.#position
    if (this.#durationFirst) {
      if (!this.#sawDuration) return this.#fail('unexpected colon before duration in duration expression', start + 1)
      if (this.#sawColon) return this.#fail('unexpected repeated colon in duration expression', start + 1)
    } else if (this.#sawColon) return this.#fail("unexpected colon ':'", start)
    this.#sawColon = true
    return this.#punctuation(':')
  }

  #durationWord(character: string): Token {
    const start = this.#position
    const word = /[a-zA-Z_]/.test(character) ? this.#match(/[a-zA-Z_]+/y) : undefined
    if (word !== undefined && DURATION_WORDS.has(word.toLowerCase())) {
      this.#sawDuration = true
      return this.#token('preprocessor', word, word.toLowerCase())
    }
    if (this.#durationFirst) {
      return this.#fail(`unexpected character in duration expression: ${quoteCharacter(character)}`, start)
    }
    if (character === '[') return this.#fail("unexpected left bracket '['", start)
    const expected = word === undefined ? '' : ", expected ':'"
    return this.#fail(`unexpected character: ${quoteCharacter(character)}${expected}`, start)
  }

  #number(): Token {
    const start = this.#position
    if (this.#scanNumber()) return this.#token('number', this.#input.slice(start, this.#position))
    if (this.#match(DURATION_REST) !== undefined) {
      if (!this.#peeked(/[a-zA-Z0-9_]/y)) return this.#token('duration', this.#input.slice(start, this.#position))
      this.#match(/[\s\S]/uy)
    }
    const text = this.#input.slice(start, this.#position)
    return this.#fail(`bad number or duration syntax: ${quote(text)}`, start)
  }

  /**
   * Scans a number in Go's syntax: hexadecimal, with an exponent, with underscores between digits. In an invalid one it
   * stops at the error.
   */
  #scanNumber(): boolean {
    const hexadecimal = this.#match(/0[xX]_?/y) !== undefined
    const digits = hexadecimal ? /[0-9a-fA-F]+/y : /[0-9]+/y
    let [sawDot, sawExponent] = [false, false]
    while (this.#peeked(hexadecimal ? /[0-9a-fA-F._]/y : /[0-9._eE]/y)) {
      if (this.#match(digits) !== undefined) continue
      const mark = this.#match(/[._eE]/y) ?? ''
      if (mark === '.' && (sawDot || hexadecimal || this.#match(/[._]/y) !== undefined)) return false
      if (mark === '.') sawDot = true
      else if (mark === '_' && (this.#match(/[._eE]/y) !== undefined || this.#atEnd())) return false
      else if (mark !== '_') {
        if (sawExponent) return false
        sawExponent = true
        this.#match(/[-+]/y)
        if (this.#match(/[._eE]/y) !== undefined || this.#atEnd()) return false
      }
    }
    return !this.#peeked(/[a-zA-Z0-9_]/y)
  }

  #string(delimiter: string): Token {
    const start = this.#position
    if (delimiter === '`') {
      const end = this.#input.indexOf('`', start + 1)
      if (end < 0) return this.#fail('unterminated raw string', start)
      this.#position = end + 1
      return this.#token('string', this.#input.slice(start, end + 1))
    }
    const problem = this.#scanQuoted(delimiter)
    return problem === undefined
      ? this.#token('string', this.#input.slice(start, this.#position))
      : this.#fail(problem, start)
  }

  #scanQuoted(delimiter: string): string | undefined {
    this.#position += 1
    for (;;) {
      this.#match(/[^"'\\\n]*/y)
      if (this.#atEnd()) return 'unterminated quoted string'
      const character = this.#input[this.#position] ?? ''
      if (character === '\n') return 'unterminated quoted string'
      if (character === '\\') {
        const problem = this.#escape(delimiter)
        if (problem !== undefined) return problem
      } else {
        this.#position += 1
        if (character === delimiter) return undefined
      }
    }
  }

  #escape(delimiter: string): string | undefined {
    const code = this.#match(/\\(?:[0-3][0-7]{2}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})/y)
    if (code !== undefined) return unicodeProblem(code)
    if (this.#match(/\\[abfnrtv\\]/y) !== undefined) return undefined
    this.#position += 1
    if (this.#atEnd()) return 'escape sequence not terminated'
    const character = this.#character()
    if (character === delimiter) {
      this.#position += 1
      return undefined
    }
    if (!/[0-7xuU]/.test(character)) return `unknown escape sequence ${codePoint(character)}`
    const digits = /[0-7]/.test(character) ? /[0-7]+/y : /[xuU][0-9a-fA-F]*/y
    this.#match(digits)
    if (this.#atEnd()) return 'escape sequence not terminated'
    return `illegal character ${codePoint(this.#character())} in escape sequence`
  }
}

function unicodeProblem(sequence: string): string | undefined {
  if (!/^\\[uU]/.test(sequence)) return undefined
  const value = Number.parseInt(sequence.slice(2), 16)
  const valid = value <= 0x10ffff && !(value >= 0xd800 && value < 0xe000)
  return valid ? undefined : 'escape sequence is an invalid Unicode code point'
}

function codePoint(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  return `U+${code} ${quoteCharacter(character)}`
}
