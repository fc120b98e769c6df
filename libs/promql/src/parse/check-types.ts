import { METRIC_NAME } from '../labels/labels.ts'
import type { Range } from '../text/position.ts'
import { quote } from '../text/quote.ts'
import type { Aggregation, Binary, Call, Expression, VectorMatching, VectorSelector } from './ast.ts'
import { rangeOf, typeOf } from './ast.ts'
import { documentedType, type ValueType } from './functions.ts'
import { ParseError } from './parse-error.ts'

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>='])
const SET_OPERATORS: ReadonlySet<string> = new Set(['and', 'or', 'unless'])

/** Whether an operator compares its operands. */
export function isComparison(operator: string): boolean {
  return COMPARISONS.has(operator)
}

/** Whether an operator is `and`, `or` or `unless`. */
export function isSetOperator(operator: string): boolean {
  return SET_OPERATORS.has(operator)
}

/** Checks the types of all parts. Throws a `ParseError` with Prometheus' message for the first mismatch. */
export function checkTypes(query: string, expression: Expression): void {
  new TypeChecker(query).check(expression)
}

class TypeChecker {
  readonly #query: string

  constructor(query: string) {
    this.#query = query
  }

  check(expression: Expression): ValueType {
    switch (expression.kind) {
      case 'aggregation':
        this.#aggregation(expression)
        break
      case 'binary':
        this.#binary(expression)
        break
      case 'call':
        this.#call(expression)
        break
      case 'parentheses':
        this.check(expression.expression)
        break
      case 'unary':
        this.#unary(expression.expression, rangeOf(expression))
        break
      case 'subquery':
        this.#subquery(expression.expression, rangeOf(expression))
        break
      case 'matrixSelector':
        this.#vectorSelector(expression.selector)
        break
      case 'vectorSelector':
        this.#vectorSelector(expression)
        break
    }
    return typeOf(expression)
  }

  #fail(range: Range, reason: string): never {
    throw new ParseError(this.#query, range, reason)
  }

  #expect(expression: Expression, wanted: ValueType, context: string): void {
    const type = this.check(expression)
    if (type === wanted) return
    const types = `expected type ${documentedType(wanted)} in ${context}, got ${documentedType(type)}`
    this.#fail(rangeOf(expression), types)
  }

  #aggregation({ operator, expression, parameter }: Aggregation): void {
    this.#expect(expression, 'vector', 'aggregation expression')
    if (parameter === undefined) return
    this.#expect(parameter, operator === 'count_values' ? 'string' : 'scalar', 'aggregation parameter')
  }

  #unary(expression: Expression, range: Range): void {
    const type = this.check(expression)
    if (type === 'scalar' || type === 'vector') return
    const got = quote(documentedType(type))
    this.#fail(range, `unary expression only allowed on expressions of type scalar or instant vector, got ${got}`)
  }

  #subquery(expression: Expression, range: Range): void {
    const type = this.check(expression)
    if (type !== 'vector') this.#fail(range, `subquery is only allowed on instant vector, got ${type} instead`)
  }

  #binary(expression: Binary): void {
    const { operator, left, right, returnBool } = expression
    const leftType = this.check(left)
    const rightType = this.check(right)
    const isScalar = leftType === 'scalar' && rightType === 'scalar'
    if (returnBool && !isComparison(operator)) {
      this.#fail(this.#operatorRange(expression), 'bool modifier can only be used on comparison operators')
    }
    if (isComparison(operator) && !returnBool && isScalar) {
      this.#fail(this.#operatorRange(expression), 'comparisons between scalars must use BOOL modifier')
    }
    this.#includedLabels(expression)
    for (const [side, type] of [
      [left, leftType],
      [right, rightType],
    ] as const) {
      if (type === 'scalar' || type === 'vector') continue
      this.#fail(rangeOf(side), 'binary expression must contain only scalar and instant vector types')
    }
    if (leftType === 'vector' && rightType === 'vector') this.#setOperation(expression)
    else this.#withoutMatching(expression)
  }

  #includedLabels(expression: Binary): void {
    const { on, labels, include } = expression.matching
    const twice = on ? labels.find((label) => include.includes(label)) : undefined
    if (twice === undefined) return
    this.#fail(this.#operatorRange(expression), `label ${quote(twice)} must not occur in ON and GROUP clause at once`)
  }

  #setOperation(expression: Binary): void {
    const { operator, matching } = expression
    if (!isSetOperator(operator)) return
    const range = rangeOf(expression)
    if (matching.cardinality !== 'one-to-one') {
      this.#fail(range, `no grouping allowed for ${quote(operator)} operation`)
    }
    if (isFilled(matching)) this.#fail(range, 'filling in missing series not allowed for set operators')
  }

  #withoutMatching(expression: Binary): void {
    const { operator, matching } = expression
    const range = rangeOf(expression)
    if (matching.labels.length > 0) this.#fail(range, 'vector matching only allowed between instant vectors')
    if (isFilled(matching)) this.#fail(range, 'filling in missing series only allowed between instant vectors')
    if (isSetOperator(operator)) {
      this.#fail(range, `set operator ${quote(operator)} not allowed in binary scalar expression`)
    }
  }

  #operatorRange({ left, right }: Binary): Range {
    let { end: start } = rangeOf(left)
    while (/\s/.test(this.#query[start] ?? '')) start += 1
    return { start, end: rangeOf(right).start - 1 }
  }

  #call(call: Call): void {
    this.#argumentCount(call)
    const { name } = call.function
    const types = call.function.arguments
    if (name === 'info') this.#infoSelector(call)
    for (const [i, argument] of call.arguments.entries()) {
      if (i >= types.length && call.function.variadic === 0) break
      const wanted = types[Math.min(i, types.length - 1)] ?? 'none'
      if (name === 'info' && i === 1) continue
      this.#expect(argument, wanted, `call to function ${quote(name)}`)
    }
  }

  #argumentCount(call: Call): void {
    const { name, arguments: types, variadic } = call.function
    const got = call.arguments.length
    const fail = (count: string) => this.#fail(call.range, `expected ${count} in call to ${quote(name)}, got ${got}`)
    if (variadic === 0) {
      if (got !== types.length) fail(`${types.length} argument(s)`)
      return
    }
    const least = types.length - 1
    if (got < least) fail(`at least ${least} argument(s)`)
    if (variadic > 0 && got > least + variadic) fail(`at most ${least + variadic} argument(s)`)
  }

  /** The second argument of `info` selects labels, not series. */
  #infoSelector(call: Call): void {
    const selector = call.arguments[1]
    if (selector === undefined) return
    if (typeOf(selector) !== 'vector') {
      const got = documentedType(typeOf(selector))
      this.#fail(call.range, `expected type instant vector in call to function "info", got ${got}`)
    }
    if (selector.kind !== 'vectorSelector') this.#fail(rangeOf(selector), 'expected label selectors only')
    if (selector.name !== '') {
      this.#fail(selector.range, 'expected label selectors only, got vector selector instead')
    }
  }

  #vectorSelector({ name, matchers, range }: VectorSelector): void {
    if (name !== '') {
      const other = matchers.slice(0, -1).find((matcher) => matcher.name === METRIC_NAME)
      if (other === undefined) return
      this.#fail(range, `metric name must not be set twice: ${quote(name)} or ${quote(other.value)}`)
    }
    if (matchers.every((matcher) => matcher.matches(''))) {
      this.#fail(range, 'vector selector must contain at least one non-empty matcher')
    }
  }
}

function isFilled({ fillLeft, fillRight }: VectorMatching): boolean {
  return fillLeft !== undefined || fillRight !== undefined
}
