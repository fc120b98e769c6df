import type { Range } from '../text/position.ts'
import { Lexer, type LexerOptions } from './lexer.ts'
import { ParseError } from './parse-error.ts'
import { describeToken, type Token } from './token.ts'

/** The construct being parsed and what was expected in it, for the message about an unexpected token. */
interface Construct {
  readonly name: string
  readonly expected: string
}

/**
 * The tokens of a query with one token of lookahead, and errors with their position and the construct that they are in.
 */
export class TokenStream {
  readonly query: string
  readonly #lexer: Lexer
  readonly #constructs: Construct[] = []
  readonly #maxDepth: number
  #ahead: Token | undefined
  #depth = 0
  #durationOperators = 0

  constructor(query: string, options: LexerOptions & { readonly maxDepth: number }) {
    this.query = query
    this.#maxDepth = options.maxDepth
    this.#lexer = new Lexer(query, options)
  }

  /** Parses a recursive construct; fails if it is nested too deeply. */
  nested<T>(read: () => T): T {
    this.#depth += 1
    if (this.#depth > this.#maxDepth) {
      throw this.error(this.peek(), `expression is nested more than ${this.#maxDepth} deep`)
    }
    const result = read()
    this.#depth -= 1
    return result
  }

  /** Counts an operator between durations; fails if a query has too many. */
  takeDurationOperator(): Token {
    this.#durationOperators += 1
    if (this.#durationOperators > this.#maxDepth) {
      throw this.error(this.peek(), `durations have more than ${this.#maxDepth} operators`)
    }
    return this.take()
  }

  /** The next token, without consuming it. */
  peek(): Token {
    this.#ahead ??= this.#lexer.next()
    if (this.#ahead.type === 'error') throw this.error(this.#ahead, this.#ahead.value)
    return this.#ahead
  }

  /** Consumes and returns the next token. */
  take(): Token {
    const token = this.peek()
    if (token.type !== 'end') this.#ahead = undefined
    return token
  }

  /** Whether the next token is this punctuation mark, operator or keyword. */
  at(value: string): boolean {
    const { type, value: found } = this.peek()
    return found === value && type !== 'string' && type !== 'identifier' && type !== 'metricIdentifier'
  }

  /** Consumes the next token if it is this one. */
  accept(value: string): Token | undefined {
    return this.at(value) ? this.take() : undefined
  }

  /** Consumes this token, or fails. */
  expect(value: string): Token {
    return this.accept(value) ?? this.unexpected()
  }

  /** Parses a construct, which is named in the error about an unexpected token. */
  within<T>(name: string, expected: string, read: () => T): T {
    this.#constructs.push({ name, expected })
    const result = read()
    this.#constructs.pop()
    return result
  }

  /** Throws the error about an unexpected next token. */
  unexpected(construct = this.#constructs.at(-1)): never {
    const token = this.peek()
    const where = construct ? ` in ${construct.name}` : ''
    const expected = construct && construct.expected !== '' ? `, expected ${construct.expected}` : ''
    throw this.error(token, `unexpected ${describeToken(token)}${where}${expected}`)
  }

  /** Throws the error about an unexpected next token in this construct. */
  unexpectedIn(name: string, expected: string): never {
    return this.unexpected({ name, expected })
  }

  error(range: Range, reason: string): ParseError {
    return new ParseError(this.query, range, reason)
  }

  needsQuotes(name: string): boolean {
    return this.#lexer.needsQuotes(name)
  }
}
