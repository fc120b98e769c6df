import type { Annotations } from '../evaluation/annotations.ts'
import { QueryError } from '../evaluation/query-error.ts'
import {
  addHistograms,
  type Combined,
  IncompatibleHistogramsError,
  subtractHistograms,
} from '../histogram/arithmetic.ts'
import { compact, divide, equalHistograms, type FloatHistogram, multiply } from '../histogram/float-histogram.ts'
import { trimHistogram } from '../histogram/trim.ts'
import type { Binary, BinaryOperator } from '../parse/ast.ts'
import { rangeOf } from '../parse/ast.ts'

const ARITHMETIC: ReadonlySet<string> = new Set(['+', '-', '*', '/', '%', '^', 'atan2'])

/** Whether the operator's result is no longer a value of the metric, so that its name is dropped. */
export function changesMeaning(operator: BinaryOperator): boolean {
  return ARITHMETIC.has(operator)
}

/** The result of an arithmetic operator; undefined for other operators. */
function arithmetic(operator: BinaryOperator, left: number, right: number): number | undefined {
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return left / right
    case '%':
      return left % right
    case '^':
      return power(left, right)
    case 'atan2':
      return Math.atan2(left, right)
    default:
      return undefined
  }
}

/** As in C and Go, 1 to any power is 1, even to NaN. */
function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Number.POSITIVE_INFINITY)) return 1
  return base ** exponent
}

/** Whether a comparison is true; undefined for other operators. */
function compare(operator: BinaryOperator, left: number, right: number): boolean | undefined {
  switch (operator) {
    case '==':
      return left === right
    case '!=':
      return left !== right
    case '>':
      return left > right
    case '<':
      return left < right
    case '>=':
      return left >= right
    case '<=':
      return left <= right
    default:
      return undefined
  }
}

/** An operation on two scalars; comparisons return 1 or 0. */
export function scalarOperation(operator: BinaryOperator, left: number, right: number): number {
  const value = arithmetic(operator, left, right)
  if (value !== undefined) return value
  const holds = compare(operator, left, right)
  if (holds === undefined) throw new QueryError(`operator ${operator} not allowed for Scalar operations`)
  return holds ? 1 : 0
}

/** The value of an operation, and for a comparison whether it is true. */
export interface Outcome {
  readonly value: number | FloatHistogram
  readonly keep: boolean
}

type Value = number | FloatHistogram

/** Receives an annotation about an operation. As in Prometheus, only the last annotation of each step is reported. */
export type Annotate = (add: (annotations: Annotations) => void) => void

/** An operation on two elements of vectors; undefined if it has no result, which an annotation may explain. */
export function elementOperation(
  expression: Binary,
  left: Value,
  right: Value,
  annotate: Annotate,
): Outcome | undefined {
  const { operator } = expression
  if (typeof left === 'number' && typeof right === 'number') {
    const value = arithmetic(operator, left, right)
    if (value !== undefined) return { value, keep: true }
    const keep = compare(operator, left, right)
    if (keep !== undefined) return { value: left, keep }
  }
  const outcome = withHistogram(expression, left, right, annotate)
  if (outcome === undefined) {
    const name = (value: Value) => (typeof value === 'number' ? 'float' : 'histogram')
    const [from, to] = [name(left), name(right)]
    annotate((annotations) => annotations.incompatibleTypes(from, operator, to, rangeOf(expression)))
  }
  return outcome === 'incompatible' ? undefined : outcome
}

function withHistogram(
  expression: Binary,
  left: Value,
  right: Value,
  annotate: Annotate,
): Outcome | 'incompatible' | undefined {
  const { operator } = expression
  const kept = (value: FloatHistogram): Outcome => ({ value, keep: true })
  if (typeof left === 'number') {
    return typeof right !== 'number' && operator === '*' ? kept(compact(multiply(right, left))) : undefined
  }
  if (typeof right !== 'number') return twoHistograms(expression, left, right, annotate)
  switch (operator) {
    case '*':
      return kept(compact(multiply(left, right)))
    case '/':
      return kept(compact(divide(left, right)))
    case '</':
      return kept(trimHistogram(left, right, 'below'))
    case '>/':
      return kept(trimHistogram(left, right, 'above'))
    default:
      return undefined
  }
}

function twoHistograms(
  expression: Binary,
  left: FloatHistogram,
  right: FloatHistogram,
  annotate: Annotate,
): Outcome | 'incompatible' | undefined {
  switch (expression.operator) {
    case '+':
      return combined(expression, () => addHistograms(left, right), annotate)
    case '-':
      return combined(expression, () => subtractHistograms(left, right), annotate)
    case '==':
      return { value: left, keep: equalHistograms(left, right) }
    case '!=':
      return { value: left, keep: !equalHistograms(left, right) }
    default:
      return undefined
  }
}

function combined(expression: Binary, combine: () => Combined, annotate: Annotate): Outcome | 'incompatible' {
  const range = rangeOf(expression)
  const isSum = expression.operator === '+'
  const operation = isSum ? 'addition' : 'subtraction'
  try {
    const { histogram, resetCollision, boundsReconciled } = combine()
    if (resetCollision) annotate((annotations) => annotations.resetCollision(operation, range))
    else if (boundsReconciled) annotate((annotations) => annotations.boundsReconciled(operation, range))
    // In Prometheus there is no result after a counter reset collision.
    if (resetCollision) return 'incompatible'
    return { value: compact(isSum ? histogram : { ...histogram, hint: 'gauge' }), keep: true }
  } catch (error) {
    if (!(error instanceof IncompatibleHistogramsError)) throw error
    const text = `incompatible bucket layout encountered for binary operator ${expression.operator}`
    annotate((annotations) => annotations.warn(text, range))
    return 'incompatible'
  }
}
