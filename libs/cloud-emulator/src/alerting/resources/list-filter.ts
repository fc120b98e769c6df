import { shortened } from '../../api/shortened.ts'
import { FilterError } from '../../monitoring/filter/filter-error.ts'
import { fullMatch } from '../../monitoring/filter/full-match.ts'
import { type Token, type TokenKind, tokenize } from '../../monitoring/filter/tokens.ts'

/** A value of a field: text, a number, or a time in microseconds. */
export type FieldValue = string | number | boolean

/** The values of a field, by its path such as `user_labels.team`; several for lists. */
export type FieldReader = (path: readonly string[]) => readonly FieldValue[]

type ListPredicate = (read: FieldReader) => boolean

/** A field that a filter compares, and where it does. */
export interface ComparedField {
  readonly path: readonly string[]
  readonly position: number
}

/** A filter that is compiled. */
export interface ListFilter {
  readonly matches: ListPredicate
  readonly fields: readonly ComparedField[]
}

const MAX_LENGTH = 20_000
const MAX_DEPTH = 100
const FUNCTIONS = ['starts_with', 'ends_with', 'has_substring', 'one_of', 'monitoring.regex.full_match'] as const

/**
 * Reads the filter of a list method (cloud.google.com/monitoring/api/v3/sorting-and-filtering): comparisons of fields
 * with AND, OR, NOT and parentheses. Throws `FilterError`. An empty filter matches everything.
 */
export function parseListFilter(text: string): ListFilter {
  if (text.length > MAX_LENGTH)
    throw new FilterError(`The filter has ${text.length} characters; at most ${MAX_LENGTH} are allowed`, MAX_LENGTH)
  const parser = new ListFilterParser(tokenize(text))
  return { matches: parser.parse(), fields: parser.fields }
}

class ListFilterParser {
  readonly fields: ComparedField[] = []
  readonly #tokens: readonly Token[]
  #index = 0
  #depth = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  parse(): ListPredicate {
    if (this.#peek().kind === 'end') return () => true
    const predicate = this.#expression()
    const rest = this.#peek()
    if (rest.kind !== 'end')
      throw new FilterError(`Expected AND, OR or the end, but found ${shown(rest)}`, rest.position)
    return predicate
  }

  #expression(): ListPredicate {
    const operands = [this.#alternatives()]
    while (this.#takeWord('AND') || this.#beginsTerm()) operands.push(this.#alternatives())
    return (read) => operands.every((one) => one(read))
  }

  #alternatives(): ListPredicate {
    const operands = [this.#term()]
    while (this.#takeWord('OR')) operands.push(this.#term())
    return (read) => operands.some((one) => one(read))
  }

  #beginsTerm(): boolean {
    const { kind, text } = this.#peek()
    return kind === '(' || kind === '-' || (kind === 'word' && text !== 'AND' && text !== 'OR')
  }

  #term(): ListPredicate {
    if (++this.#depth > MAX_DEPTH)
      throw new FilterError(`More than ${MAX_DEPTH} parentheses and NOT within each other`, this.#peek().position)
    const term = this.#unboundedTerm()
    this.#depth--
    return term
  }

  #unboundedTerm(): ListPredicate {
    if (this.#takeWord('NOT') || this.#take('-')) {
      const inner = this.#term()
      return (read) => !inner(read)
    }
    if (!this.#take('(')) return this.#comparison()
    const inner = this.#expression()
    this.#close()
    return inner
  }

  #comparison(): ListPredicate {
    const { position } = this.#peek()
    const path = this.#path()
    if (path.at(-1) === 'empty' && path.length > 1 && this.#peek().kind !== 'operator')
      return this.#isEmpty(path, position)
    const operator = this.#next()
    if (operator.kind !== 'operator' || !Object.hasOwn(COMPARISONS, operator.text))
      throw new FilterError(
        `Expected one of ${Object.keys(COMPARISONS).join(' ')} but found ${shown(operator)}`,
        operator.position,
      )
    const compare = this.#operand(operator)
    const negated = operator.text === '!='
    this.fields.push({ path, position })
    return (read) => read(path).some(compare) !== negated
  }

  /** `display_name.empty`: whether a field has no value. */
  #isEmpty(path: readonly string[], position: number): ListPredicate {
    const field = path.slice(0, -1)
    this.fields.push({ path: field, position })
    return (read) => read(field).every((value) => value === '')
  }

  #operand(operator: Token): (value: FieldValue) => boolean {
    const token = this.#peek()
    if (token.kind === 'string') {
      this.#index++
      return comparison(operator.text, token.text)
    }
    if (this.#take('(')) {
      const inner = this.#operand(operator)
      this.#close()
      return inner
    }
    const word = this.#path().join('.')
    if (this.#peek().kind !== '(') return comparison(operator.text, word)
    const name = FUNCTIONS.find((one) => one === word)
    if (!name || (operator.text !== '=' && operator.text !== '!='))
      throw new FilterError(
        name ? `The function ${name} can only follow = or !=` : `Unknown function "${shortened(word)}"`,
        token.position,
      )
    return functionTest(name, this.#arguments(), token.position)
  }

  #arguments(): string[] {
    this.#take('(')
    const values: string[] = []
    do {
      const token = this.#peek()
      values.push(token.kind === 'string' ? this.#next().text : this.#path().join('.'))
    } while (this.#take(','))
    this.#close()
    return values
  }

  #close(): void {
    const closing = this.#peek()
    if (!this.#take(')'))
      throw new FilterError(`Expected a closing parenthesis, but found ${shown(closing)}`, closing.position)
  }

  #path(): string[] {
    const first = this.#next()
    if (first.kind !== 'word')
      throw new FilterError(`Expected a name or a value, but found ${shown(first)}`, first.position)
    const path = [first.text]
    while (this.#take('.')) {
      const part = this.#next()
      if (part.kind !== 'word' && part.kind !== 'string')
        throw new FilterError(`Expected a name after the dot, but found ${shown(part)}`, part.position)
      path.push(part.text)
    }
    return path
  }

  #peek(): Token {
    const token = this.#tokens[this.#index]
    if (!token) throw new TypeError('read beyond the end of the filter')
    return token
  }

  #next(): Token {
    const token = this.#peek()
    if (token.kind !== 'end') this.#index++
    return token
  }

  #take(kind: TokenKind): boolean {
    if (this.#peek().kind !== kind) return false
    this.#index++
    return true
  }

  #takeWord(word: string): boolean {
    const token = this.#peek()
    if (token.kind !== 'word' || token.text !== word) return false
    this.#index++
    return true
  }
}

const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '!=': (order) => order === 0,
  ':': (order) => order === 0,
  '<': (order) => order < 0,
  '>': (order) => order > 0,
  '<=': (order) => order <= 0,
  '>=': (order) => order >= 0,
}

function comparison(operator: string, wanted: string): (value: FieldValue) => boolean {
  if (wanted === '*') return (value) => value !== '' && value !== false && value !== 0
  const holds = COMPARISONS[operator]
  return (value) => {
    if (operator === ':' && typeof value === 'string') return value.includes(wanted)
    return holds?.(orderOf(value, wanted)) === true
  }
}

/** NaN, which holds for no comparison, if the value can't be compared with the text. */
function orderOf(value: FieldValue, wanted: string): number {
  if (typeof value === 'boolean') return wanted.toLowerCase() === String(value) ? 0 : Number.NaN
  if (typeof value === 'string') return value === wanted ? 0 : value < wanted ? -1 : 1
  const number = /[T:]/.test(wanted) ? Date.parse(wanted) * 1000 : Number.parseFloat(wanted)
  return value - number
}

function functionTest(
  name: (typeof FUNCTIONS)[number],
  values: readonly string[],
  position: number,
): (value: FieldValue) => boolean {
  const [first = ''] = values
  if (name === 'one_of') return (value) => values.includes(String(value))
  if (name === 'starts_with') return (value) => String(value).startsWith(first)
  if (name === 'ends_with') return (value) => String(value).endsWith(first)
  if (name === 'has_substring') return (value) => String(value).includes(first)
  const matches = fullMatch(first, position)
  return (value) => matches(String(value))
}

function shown(token: Token): string {
  return token.kind === 'end' ? 'the end' : `"${shortened(token.text)}"`
}
