import { shortened } from '../../api/shortened.ts'
import type { Comparison, ComparisonOperator, Filter, FilterFunction, Operand, Selector } from './filter.ts'
import { FilterError } from './filter-error.ts'
import { TokenReader } from './token-reader.ts'
import { type Token, type TokenKind, tokenize } from './tokens.ts'

const MAX_LENGTH = 20_000
const MAX_DEPTH = 100
const FUNCTIONS: readonly FilterFunction[] = [
  'starts_with',
  'ends_with',
  'has_substring',
  'one_of',
  'monitoring.regex.full_match',
]
const OPERATORS: readonly ComparisonOperator[] = ['=', '!=', ':', '<', '>', '<=', '>=']

/**
 * Parses a filter (cloud.google.com/monitoring/api/v3/filters):
 *
 * filter = sequence { "AND" sequence } sequence = factor { factor } AND may be omitted factor = term { "OR" term } OR
 * binds more tightly than AND term = [ "NOT" | "-" ] ( "(" filter ")" | comparison ) comparison = selector operator (
 * value | function "(" value { "," value } ")" )
 *
 * Throws `FilterError` with the position. Returns undefined for an empty filter.
 */
export function parseFilter(text: string): Filter | undefined {
  if (text.length > MAX_LENGTH)
    throw new FilterError(`The filter has ${text.length} characters; at most ${MAX_LENGTH} are allowed`, MAX_LENGTH)
  const parser = new Parser(tokenize(text))
  return parser.parse()
}

class Parser {
  readonly #tokens: TokenReader
  #depth = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = new TokenReader(tokens)
  }

  parse(): Filter | undefined {
    if (this.#tokens.peek().kind === 'end') return undefined
    const filter = this.#expression()
    const rest = this.#tokens.peek()
    if (rest.kind !== 'end')
      throw new FilterError(`Expected AND, OR or the end, but found ${shown(rest)}`, rest.position)
    return filter
  }

  #expression(): Filter {
    const operands = [...this.#sequence()]
    while (this.#tokens.takeWord('AND')) operands.push(...this.#sequence())
    checkRestrictions(operands)
    return joined('and', operands)
  }

  #sequence(): Filter[] {
    const factors = [this.#factor()]
    for (;;) {
      const next = this.#tokens.peek()
      const begins =
        next.kind === '(' || next.kind === '-' || (next.kind === 'word' && next.text !== 'AND' && next.text !== 'OR')
      if (!begins) return factors
      factors.push(this.#factor())
    }
  }

  #factor(): Filter {
    const operands = [this.#term()]
    while (this.#tokens.takeWord('OR')) operands.push(this.#term())
    return joined('or', operands)
  }

  #term(): Filter {
    if (this.#tokens.takeWord('NOT') || this.#tokens.take('-'))
      return { kind: 'not', operand: this.#nested(() => this.#term()) }
    if (!this.#tokens.take('(')) return this.#comparison()
    const inner = this.#nested(() => this.#expression())
    this.#expect(')', 'a closing parenthesis')
    return inner
  }

  #nested(read: () => Filter): Filter {
    if (++this.#depth > MAX_DEPTH)
      throw new FilterError(`More than ${MAX_DEPTH} nested parentheses and NOTs`, this.#tokens.peek().position)
    const filter = read()
    this.#depth--
    return filter
  }

  #comparison(): Filter {
    const position = this.#tokens.peek().position
    const selector = this.#selector()
    const token = this.#tokens.peek()
    const operator = OPERATORS.find((known) => token.kind === 'operator' && token.text === known)
    if (!operator)
      throw new FilterError(`Expected one of ${OPERATORS.join(' ')} but found ${shown(token)}`, token.position)
    this.#tokens.next()
    const operand = this.#operand()
    if (operand.kind === 'function' && operator !== '=' && operator !== '!=') {
      throw new FilterError(`The function ${operand.name} can only follow = or !=, not ${operator}`, operand.position)
    }
    return { kind: 'comparison', selector, operator, operand, position }
  }

  #selector(): Selector {
    const first = this.#tokens.peek()
    if (first.kind !== 'word')
      throw new FilterError(`Expected a selector such as metric.type, but found ${shown(first)}`, first.position)
    const path = this.#path()
    const [head = '', second = '', ...rest] = path
    const name = path.join('.')
    if (path.length === 1 && head === 'project') return { kind: 'project' }
    if (path.length === 2 && name === 'metric.type') return { kind: 'metric.type' }
    if (path.length === 2 && name === 'resource.type') return { kind: 'resource.type' }
    if (path.length === 2 && name === 'group.id') return { kind: 'group.id' }
    if (rest.length > 0) {
      const key = rest.join('.')
      if (second === 'label' || second === 'labels') {
        if (head === 'metric') return { kind: 'metric.labels', key }
        if (head === 'resource') return { kind: 'resource.labels', key }
      }
      if (head === 'metadata' && second === 'user_labels') return { kind: 'metadata.user_labels', key }
      if (head === 'metadata' && second === 'system_labels') return { kind: 'metadata.system_labels', key }
    }
    throw new FilterError(
      `Unknown selector "${shortened(name)}"; known selectors: project, metric.type, metric.labels.KEY, resource.type, resource.labels.KEY`,
      first.position,
    )
  }

  #path(): string[] {
    const path = [this.#tokens.next().text]
    while (this.#tokens.take('.')) {
      const part = this.#tokens.peek()
      if (part.kind !== 'word' && part.kind !== 'string')
        throw new FilterError(`Expected a name after the dot, but found ${shown(part)}`, part.position)
      path.push(part.text)
      this.#tokens.next()
    }
    return path
  }

  #operand(): Operand {
    const first = this.#tokens.peek()
    if (first.kind === 'string') {
      this.#tokens.next()
      return { kind: 'value', value: first.text, position: first.position }
    }
    if (first.kind !== 'word') throw new FilterError(`Expected a value, but found ${shown(first)}`, first.position)
    const name = this.#path().join('.')
    if (this.#tokens.peek().kind !== '(' || this.#tokens.peek().spaceBefore)
      return { kind: 'value', value: name, position: first.position }
    const known = FUNCTIONS.find((candidate) => candidate === name)
    if (!known)
      throw new FilterError(
        `Unknown function "${shortened(name)}"; known functions: ${FUNCTIONS.join(', ')}`,
        first.position,
      )
    return { kind: 'function', name: known, arguments: this.#arguments(known), position: first.position }
  }

  #arguments(name: FilterFunction): string[] {
    this.#expect('(', 'an opening parenthesis')
    const values: string[] = []
    do {
      const token = this.#tokens.peek()
      if (token.kind !== 'string' && token.kind !== 'word')
        throw new FilterError(`Expected a value for ${name}, but found ${shown(token)}`, token.position)
      values.push(token.kind === 'word' ? this.#path().join('.') : this.#tokens.next().text)
    } while (this.#tokens.take(','))
    const closing = this.#tokens.peek()
    if (name !== 'one_of' && values.length !== 1)
      throw new FilterError(`${name} takes one value, not ${values.length}`, closing.position)
    this.#expect(')', 'a closing parenthesis')
    return values
  }

  #expect(kind: TokenKind, what: string): void {
    const token = this.#tokens.peek()
    if (!this.#tokens.take(kind)) throw new FilterError(`Expected ${what}, but found ${shown(token)}`, token.position)
  }
}

/** Two values of one selector, joined by AND, would match nothing; joined by OR they are allowed. */
function checkRestrictions(operands: readonly Filter[]): void {
  const seen = new Set<string>()
  for (const { selector, position } of operands.flatMap(restrictionsIn)) {
    const name = 'key' in selector ? `${selector.kind}.${selector.key}` : selector.kind
    if (seen.has(name)) throw new FilterError(`The restriction "${shortened(name)}" is used more than once`, position)
    seen.add(name)
  }
}

/** The comparisons by `=` that must all be true, including those in parentheses. */
function restrictionsIn(filter: Filter): Comparison[] {
  if (filter.kind === 'and') return filter.operands.flatMap(restrictionsIn)
  return filter.kind === 'comparison' && filter.operator === '=' && filter.operand.kind === 'value' ? [filter] : []
}

function joined(kind: 'and' | 'or', operands: Filter[]): Filter {
  const [only, ...more] = operands
  return only && more.length === 0 ? only : { kind, operands }
}

function shown(token: Token): string {
  if (token.kind === 'end') return 'the end'
  return token.kind === 'string' ? `the string "${shortened(token.text)}"` : `"${shortened(token.text)}"`
}
