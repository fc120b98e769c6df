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

/** Whether the operator's result is no longer a value of the metric. */
export function changesMeaning(operator: BinaryOperator): boolean {
  return ARITHMETIC.has(operator)
}

/** The result of an arithmetic operator, undefined for others. */
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

/** As in C and Go, 1 to any power is 1. */
function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Number.POSITIVE_INFINITY)) return 1
  return base ** exponent
}

/** Whether a comparison holds, undefined for other operators. */
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

/** An operation on two scalars; comparisons are 1 or 0. */
export function scalarOperation(operator: BinaryOperator, left: number, right: number): number {
  const value = arithmetic(operator, left, right)
  if (value !== undefined) return value
  const holds = compare(operator, left, right)
  if (holds === undefined) throw new QueryError(`operator ${operator} not allowed for Scalar operations`)
  return holds ? 1 : 0
}

/** The value of an operation, and whether its comparison, if it is one, holds. */
export interface Outcome {
  readonly value: number | FloatHistogram
  readonly keep: boolean
}

type Value = number | FloatHistogram

/** Takes a remark on an operation. As in Prometheus, the last one on all elements of a step counts. */
export type Remark = (add: (annotations: Annotations) => void) => void

/** An operation on two values of vectors; undefined if there is no result, of which the user may be told. */
export function elementOperation(expression: Binary, left: Value, right: Value, remark: Remark): Outcome | undefined {
  const { operator } = expression
  if (typeof left === 'number' && typeof right === 'number') {
    const value = arithmetic(operator, left, right)
    if (value !== undefined) return { value, keep: true }
    const keep = compare(operator, left, right)
    if (keep !== undefined) return { value: left, keep }
  }
  const outcome = withHistogram(expression, left, right, remark)
  if (outcome === undefined) {
    const name = (value: Value) => (typeof value === 'number' ? 'float' : 'histogram')
    const [from, to] = [name(left), name(right)]
    remark((annotations) => annotations.incompatibleTypes(from, operator, to, rangeOf(expression)))
  }
  return outcome === 'incompatible' ? undefined : outcome
}

function withHistogram(
  expression: Binary,
  left: Value,
  right: Value,
  remark: Remark,
): Outcome | 'incompatible' | undefined {
  const { operator } = expression
  const kept = (value: FloatHistogram): Outcome => ({ value, keep: true })
  if (typeof left === 'number') {
    return typeof right !== 'number' && operator === '*' ? kept(compact(multiply(right, left))) : undefined
  }
  if (typeof right !== 'number') return twoHistograms(expression, left, right, remark)
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
  remark: Remark,
): Outcome | 'incompatible' | undefined {
  switch (expression.operator) {
    case '+':
      return combined(expression, () => addHistograms(left, right), remark)
    case '-':
      return combined(expression, () => subtractHistograms(left, right), remark)
    case '==':
      return { value: left, keep: equalHistograms(left, right) }
    case '!=':
      return { value: left, keep: !equalHistograms(left, right) }
    default:
      return undefined
  }
}

function combined(expression: Binary, combine: () => Combined, remark: Remark): Outcome | 'incompatible' {
  const range = rangeOf(expression)
  const isSum = expression.operator === '+'
  const operation = isSum ? 'addition' : 'subtraction'
  try {
    const { histogram, resetCollision, boundsReconciled } = combine()
    if (resetCollision) remark((annotations) => annotations.resetCollision(operation, range))
    else if (boundsReconciled) remark((annotations) => annotations.boundsReconciled(operation, range))
    // In Prometheus a collision leaves no result.
    if (resetCollision) return 'incompatible'
    return { value: compact(isSum ? histogram : { ...histogram, hint: 'gauge' }), keep: true }
  } catch (error) {
    if (!(error instanceof IncompatibleHistogramsError)) throw error
    const text = `incompatible bucket layout encountered for binary operator ${expression.operator}`
    remark((annotations) => annotations.warn(text, range))
    return 'incompatible'
  }
}
