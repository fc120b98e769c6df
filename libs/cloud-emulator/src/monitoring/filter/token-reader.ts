import type { Token, TokenKind } from './tokens.ts'

/** Reads the tokens of a filter, one after another; the last one is of the kind `end`. */
export class TokenReader {
  readonly #tokens: readonly Token[]
  #index = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  peek(): Token {
    const token = this.#tokens[this.#index]
    if (!token) throw new TypeError('read beyond the end of the filter')
    return token
  }

  /** The next token; the end is never consumed. */
  next(): Token {
    const token = this.peek()
    if (token.kind !== 'end') this.#index++
    return token
  }

  /** Consumes the next token if it is of a kind. */
  take(kind: TokenKind): boolean {
    if (this.peek().kind !== kind) return false
    this.next()
    return true
  }

  /** Consumes the next token if it is this word. */
  takeWord(word: string): boolean {
    const token = this.peek()
    if (token.kind !== 'word' || token.text !== word) return false
    this.next()
    return true
  }
}
