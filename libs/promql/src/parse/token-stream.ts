import type { Range } from '../text/position.ts'
import { Lexer, type LexerOptions } from './lexer.ts'
import { ParseError } from './parse-error.ts'
import { describeToken, type Token } from './token.ts'

/** What was being read, and what should have come, for a message about a word that can't be there. */
interface Construct {
  readonly name: string
  readonly expected: string
}

/** The tokens of a query with one to look ahead at, and errors that say where and in what they happened. */
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

  /** Reads what can have the same in it again; fails if it is nested too deeply. */
  nested<T>(read: () => T): T {
    this.#depth += 1
    if (this.#depth > this.#maxDepth) {
      throw this.error(this.peek(), `expression is nested more than ${this.#maxDepth} deep`)
    }
    const result = read()
    this.#depth -= 1
    return result
  }

  /** Takes an operator between durations; fails after too many in one query. */
  takeDurationOperator(): Token {
    this.#durationOperators += 1
    if (this.#durationOperators > this.#maxDepth) {
      throw this.error(this.peek(), `durations have more than ${this.#maxDepth} operators`)
    }
    return this.take()
  }

  /** The next token, which stays. */
  peek(): Token {
    this.#ahead ??= this.#lexer.next()
    if (this.#ahead.type === 'error') throw this.error(this.#ahead, this.#ahead.value)
    return this.#ahead
  }

  /** The next token, which is then gone. */
  take(): Token {
    const token = this.peek()
    if (token.type !== 'end') this.#ahead = undefined
    return token
  }

  /** Whether the next token is this punctuation mark, operator or word with a meaning. */
  at(value: string): boolean {
    const { type, value: found } = this.peek()
    return found === value && type !== 'string' && type !== 'identifier' && type !== 'metricIdentifier'
  }

  /** Takes the next token if it is this one. */
  accept(value: string): Token | undefined {
    return this.at(value) ? this.take() : undefined
  }

  /** Takes this token, or fails. */
  expect(value: string): Token {
    return this.accept(value) ?? this.unexpected()
  }

  /** Reads something; a token in it that can't be there is reported as one in that construct. */
  within<T>(name: string, expected: string, read: () => T): T {
    this.#constructs.push({ name, expected })
    const result = read()
    this.#constructs.pop()
    return result
  }

  /** Throws because of the next token. */
  unexpected(construct = this.#constructs.at(-1)): never {
    const token = this.peek()
    const where = construct ? ` in ${construct.name}` : ''
    const expected = construct && construct.expected !== '' ? `, expected ${construct.expected}` : ''
    throw this.error(token, `unexpected ${describeToken(token)}${where}${expected}`)
  }

  /** Throws because of the next token, in a construct that it does not stay in. */
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
