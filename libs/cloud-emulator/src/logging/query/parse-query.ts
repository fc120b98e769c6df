import { isCalculation } from './calculated-field.ts'
import { QueryError } from './query-error.ts'
import type { Calculation, FieldPath, Literal, Operand, QueryTree } from './query-tree.ts'
import { type Operator, type Token, tokensOf } from './tokens.ts'

/** Google's limit. */
const MAX_CHARACTERS = 20_000
const MAX_DEPTH = 100
const MAX_ARGUMENTS = 5

/**
 * Parses a query in the Logging query language: NOT binds most tightly, then OR, then AND, which may be omitted.
 * Undefined for an empty query. Throws `QueryError` with the position of the error.
 */
export function parseQuery(query: string): QueryTree | undefined {
  if (query.length > MAX_CHARACTERS)
    throw new QueryError(query, {
      position: MAX_CHARACTERS,
      token: query.slice(MAX_CHARACTERS, MAX_CHARACTERS + 10),
      reason: `a query may have at most ${MAX_CHARACTERS} characters`,
    })
  const parser = new Parser(query)
  return parser.isAtEnd ? undefined : parser.whole()
}

class Parser {
  readonly #query: string
  readonly #tokens: readonly Token[]
  #index = 0
  #depth = 0

  constructor(query: string) {
    this.#query = query
    this.#tokens = tokensOf(query)
  }

  get isAtEnd(): boolean {
    return this.#next.kind === 'end'
  }

  whole(): QueryTree {
    const tree = this.#conjunction(() => this.#primary())
    if (!this.isAtEnd) throw this.#unexpected('AND, OR or another comparison may follow')
    return tree
  }

  get #next(): Token {
    return this.#tokens[this.#index] ?? { kind: 'end', text: '', start: this.#query.length, end: this.#query.length }
  }

  #take(): Token {
    const token = this.#next
    this.#index++
    return token
  }

  #isWord(word: string): boolean {
    return this.#next.kind === 'text' && this.#next.text === word
  }

  #unexpected(reason: string, token = this.#next): QueryError {
    const text = this.#query.slice(token.start, token.end)
    return new QueryError(this.#query, { position: token.start, token: text, reason })
  }

  #conjunction(primary: () => QueryTree): QueryTree {
    const parts = [this.#disjunction(primary)]
    while (this.#isWord('AND') || this.#startsOperand()) {
      if (this.#isWord('AND')) this.#take()
      parts.push(this.#disjunction(primary))
    }
    return joined('and', parts)
  }

  #disjunction(primary: () => QueryTree): QueryTree {
    const parts = [this.#negation(primary)]
    while (this.#isWord('OR')) {
      this.#take()
      parts.push(this.#negation(primary))
    }
    return joined('or', parts)
  }

  #negation(primary: () => QueryTree): QueryTree {
    let negated = false
    while (this.#isWord('NOT') || this.#next.kind === 'not') {
      this.#take()
      negated = !negated
    }
    if (!this.#startsOperand()) throw this.#unexpected('a comparison or a value is expected here')
    const part = this.#next.kind === '(' ? this.#group(primary) : primary()
    return negated ? { kind: 'not', part } : part
  }

  #startsOperand(): boolean {
    const { kind } = this.#next
    if (kind === 'text') return !this.#isWord('AND') && !this.#isWord('OR')
    return kind === 'string' || kind === '(' || kind === 'not'
  }

  #group(primary: () => QueryTree): QueryTree {
    const open = this.#take()
    if (++this.#depth > MAX_DEPTH) throw this.#unexpected(`parentheses may be nested at most ${MAX_DEPTH} deep`, open)
    const tree = this.#conjunction(primary)
    this.#depth--
    if (this.#next.kind !== ')') throw this.#unexpected(this.isAtEnd ? 'a ")" is missing' : '")" is expected here')
    this.#take()
    return tree
  }

  #primary(): QueryTree {
    if (this.#isCall) {
      if (!isCalculation(this.#next.text)) return this.#function()
      const calculation = this.#calculation()
      if (this.#next.kind !== 'operator') throw this.#unexpected('a comparison is expected here, such as = or >=')
      return this.#comparison(calculation, this.#take().text as Operator)
    }
    const start = this.#index
    const field = this.#fieldPath()
    if (this.#next.kind !== 'operator') {
      this.#index = start
      return { kind: 'anywhere', value: this.#literal() }
    }
    const operator = this.#take().text as Operator
    return this.#comparison(field, operator)
  }

  get #isCall(): boolean {
    const after = this.#tokens[this.#index + 1]
    return this.#next.kind === 'text' && after?.kind === '(' && isAdjacent(this.#next, after)
  }

  /** A function whose result is compared. Its first argument may be another one. */
  #calculation(): Calculation {
    const { text, start } = this.#take()
    const open = this.#take()
    if (++this.#depth > MAX_DEPTH) throw this.#unexpected(`parentheses may be nested at most ${MAX_DEPTH} deep`, open)
    const { kind } = this.#next
    if (kind !== 'text') throw this.#unexpected('a field is expected here')
    const isNested = this.#isCall && isCalculation(this.#next.text)
    const source: Operand = isNested ? this.#calculation() : this.#fieldPath()
    this.#depth--
    const values: Literal[] = []
    while (this.#next.kind === ',') {
      this.#take()
      values.push(this.#isTimeZone ? this.#timeZone() : this.#argument())
    }
    this.#closeArguments()
    return { function: text, source, arguments: values, text, position: start }
  }

  get #isTimeZone(): boolean {
    return this.#isCall && this.#next.text.toUpperCase() === 'TIMEZONE'
  }

  #timeZone(): Literal {
    this.#take()
    this.#take()
    const zone = this.#argument()
    this.#closeArguments()
    return zone
  }

  #closeArguments(): void {
    if (this.#next.kind !== ')') throw this.#unexpected('"," or ")" is expected here')
    this.#take()
  }

  /** The right side: a value, or values with AND, OR and NOT in parentheses. */
  #comparison(field: Operand, operator: Operator): QueryTree {
    const value = (): QueryTree => ({ kind: 'comparison', field, operator, value: this.#literal() })
    if (this.#next.kind === '(') return this.#group(value)
    if (this.#next.kind === 'not') {
      const minus = this.#take()
      if (!isAdjacent(minus, this.#next)) throw this.#unexpected('a value is expected here')
      const { text, quoted } = this.#literal()
      return { kind: 'comparison', field, operator, value: { text: `-${text}`, quoted, position: minus.start } }
    }
    return value()
  }

  #fieldPath(): FieldPath {
    const first = this.#next
    const names: string[] = []
    let isPart: boolean = true
    let end = first.start
    while (this.#next.start === end) {
      const token = this.#next
      if (token.kind === 'string' && isPart) {
        names.push(token.text)
        isPart = false
      } else if (token.kind === 'text' && isPart !== token.text.startsWith('.')) {
        const parts: string[] = (isPart ? token.text : token.text.slice(1)).split('.')
        isPart = parts.at(-1) === ''
        names.push(...(isPart ? parts.slice(0, -1) : parts))
      } else break
      this.#take()
      end = token.end
    }
    return { names, text: this.#query.slice(first.start, end), position: first.start }
  }

  /** Unquoted values may contain colons and other operators: everything up to the next space is part of them. */
  #literal(): Literal {
    const token = this.#next
    if (token.kind !== 'text' && token.kind !== 'string') throw this.#unexpected('a value is expected here')
    this.#take()
    if (token.kind === 'string') return { text: token.text, quoted: true, position: token.start }
    let end = token.end
    while (this.#next.start === end && this.#next.kind === 'operator' && this.#next.text === ':') {
      const following = this.#tokens[this.#index + 1]
      if (following?.kind !== 'text' || following.start !== this.#next.end) break
      this.#index += 2
      end = following.end
    }
    return { text: this.#query.slice(token.start, end), quoted: false, position: token.start }
  }

  #function(): QueryTree {
    const name = this.#take()
    this.#take()
    const values: Literal[] = []
    while (this.#next.kind !== ')') {
      if (values.length > 0) {
        if (this.#next.kind !== ',') throw this.#unexpected('"," or ")" is expected here')
        this.#take()
      }
      if (values.length >= MAX_ARGUMENTS) throw this.#unexpected(`a function takes at most ${MAX_ARGUMENTS} arguments`)
      values.push(this.#argument())
    }
    this.#take()
    return { kind: 'function', name: name.text, arguments: values, position: name.start }
  }

  #argument(): Literal {
    const { kind, start } = this.#next
    if (kind !== 'text' && kind !== 'string') throw this.#unexpected('an argument is expected here')
    const { names, text } = this.#fieldPath()
    const quoted = kind === 'string' && names.length === 1
    return { text: quoted ? (names[0] ?? '') : text, names, quoted, position: start }
  }
}

function isAdjacent(before: Token, after: Token | undefined): boolean {
  return before.end === after?.start
}

function joined(kind: 'and' | 'or', parts: readonly QueryTree[]): QueryTree {
  const [only] = parts
  return parts.length === 1 && only ? only : { kind, parts }
}
