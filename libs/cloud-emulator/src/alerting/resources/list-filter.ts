import { shortened } from '../../api/shortened.ts'
import { FilterError } from '../../monitoring/filter/filter-error.ts'
import { fullMatch } from '../../monitoring/filter/full-match.ts'
import { TokenReader } from '../../monitoring/filter/token-reader.ts'
import { type Token, tokenize } from '../../monitoring/filter/tokens.ts'

/** A value of a field: a string, a number, or a time in microseconds. */
export type FieldValue = string | number | boolean

/** The values of a field by path, such as `user_labels.team`; lists may have several. */
export type FieldReader = (path: readonly string[]) => readonly FieldValue[]

type ListPredicate = (read: FieldReader) => boolean

/** A field that a filter compares, and its position in the filter. */
export interface ComparedField {
  readonly path: readonly string[]
  readonly position: number
}

/** A compiled filter. */
export interface ListFilter {
  readonly matches: ListPredicate
  readonly fields: readonly ComparedField[]
}

const MAX_LENGTH = 20_000
const MAX_DEPTH = 100
const FUNCTIONS = ['starts_with', 'ends_with', 'has_substring', 'one_of', 'monitoring.regex.full_match'] as const

/**
 * Compiles the filter of a list method (cloud.google.com/monitoring/api/v3/sorting-and-filtering): comparisons of
 * fields with AND, OR, NOT and parentheses. Throws `FilterError`. An empty filter matches everything.
 */
export function parseListFilter(text: string): ListFilter {
  if (text.length > MAX_LENGTH)
    throw new FilterError(`The filter has ${text.length} characters; at most ${MAX_LENGTH} are allowed`, MAX_LENGTH)
  const parser = new ListFilterParser(tokenize(text))
  return { matches: parser.parse(), fields: parser.fields }
}

class ListFilterParser {
  readonly fields: ComparedField[] = []
  readonly #tokens: TokenReader
  #depth = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = new TokenReader(tokens)
  }

  parse(): ListPredicate {
    if (this.#tokens.peek().kind === 'end') return () => true
    const predicate = this.#expression()
    const rest = this.#tokens.peek()
    if (rest.kind !== 'end')
      throw new FilterError(`Expected AND, OR or the end, but found ${shown(rest)}`, rest.position)
    return predicate
  }

  #expression(): ListPredicate {
    const operands = [this.#alternatives()]
    while (this.#tokens.takeWord('AND') || this.#beginsTerm()) operands.push(this.#alternatives())
    return (read) => operands.every((one) => one(read))
  }

  #alternatives(): ListPredicate {
    const operands = [this.#term()]
    while (this.#tokens.takeWord('OR')) operands.push(this.#term())
    return (read) => operands.some((one) => one(read))
  }

  #beginsTerm(): boolean {
    const { kind, text } = this.#tokens.peek()
    return kind === '(' || kind === '-' || (kind === 'word' && text !== 'AND' && text !== 'OR')
  }

  #term(): ListPredicate {
    if (++this.#depth > MAX_DEPTH)
      throw new FilterError(`More than ${MAX_DEPTH} nested parentheses and NOTs`, this.#tokens.peek().position)
    const term = this.#unboundedTerm()
    this.#depth--
    return term
  }

  #unboundedTerm(): ListPredicate {
    if (this.#tokens.takeWord('NOT') || this.#tokens.take('-')) {
      const inner = this.#term()
      return (read) => !inner(read)
    }
    if (!this.#tokens.take('(')) return this.#comparison()
    const inner = this.#expression()
    this.#close()
    return inner
  }

  #comparison(): ListPredicate {
    const { position } = this.#tokens.peek()
    const path = this.#path()
    if (path.at(-1) === 'empty' && path.length > 1 && this.#tokens.peek().kind !== 'operator')
      return this.#isEmpty(path, position)
    const operator = this.#tokens.next()
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
    const token = this.#tokens.peek()
    if (token.kind === 'string') {
      this.#tokens.next()
      return comparison(operator.text, token.text)
    }
    if (this.#tokens.take('(')) {
      const inner = this.#operand(operator)
      this.#close()
      return inner
    }
    const word = this.#path().join('.')
    if (this.#tokens.peek().kind !== '(') return comparison(operator.text, word)
    const name = FUNCTIONS.find((one) => one === word)
    if (!name || (operator.text !== '=' && operator.text !== '!='))
      throw new FilterError(
        name ? `The function ${name} can only follow = or !=` : `Unknown function "${shortened(word)}"`,
        token.position,
      )
    return functionTest(name, this.#arguments(), token.position)
  }

  #arguments(): string[] {
    this.#tokens.take('(')
    const values: string[] = []
    do {
      const token = this.#tokens.peek()
      values.push(token.kind === 'string' ? this.#tokens.next().text : this.#path().join('.'))
    } while (this.#tokens.take(','))
    this.#close()
    return values
  }

  #close(): void {
    const closing = this.#tokens.peek()
    if (!this.#tokens.take(')'))
      throw new FilterError(`Expected a closing parenthesis, but found ${shown(closing)}`, closing.position)
  }

  #path(): string[] {
    const first = this.#tokens.next()
    if (first.kind !== 'word')
      throw new FilterError(`Expected a name or a value, but found ${shown(first)}`, first.position)
    const path = [first.text]
    while (this.#tokens.take('.')) {
      const part = this.#tokens.next()
      if (part.kind !== 'word' && part.kind !== 'string')
        throw new FilterError(`Expected a name after the dot, but found ${shown(part)}`, part.position)
      path.push(part.text)
    }
    return path
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

/** NaN, for which no comparison is true, if the value can't be compared with the string. */
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
