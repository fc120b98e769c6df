import { QueryError } from '../evaluation/query-error.ts'
import { hasUniformReference } from '../functions/info-reference.ts'
import type { DurationOperand, Expression, MatrixSelector, TimeShift } from '../parse/ast.ts'
import { isOutOfDurationRange } from '../parse/number-literal.ts'

/** The time range of a query; for an instant query start and end are equal and the step is zero. */
export interface QueryTime {
  readonly startMs: number
  readonly endMs: number
  readonly stepMs: number
}

/**
 * Replaces everything that depends on the query's time range by its value: duration expressions, `@ start()`, calls of
 * `step()` and so on. Parentheses around arguments are removed.
 */
export function resolve(expression: Expression, time: QueryTime): Expression {
  const inner = (child: Expression) => resolve(child, time)
  switch (expression.kind) {
    case 'aggregation': {
      const parameter = expression.parameter && unwrapped(inner(expression.parameter))
      return { ...expression, expression: unwrapped(inner(expression.expression)), ...(parameter && { parameter }) }
    }
    case 'binary':
      return { ...expression, left: inner(expression.left), right: inner(expression.right) }
    case 'call': {
      const constant = contextValue(expression.function.name, time)
      if (constant !== undefined) return { kind: 'number', value: constant, isDuration: false, range: expression.range }
      return { ...expression, arguments: expression.arguments.map((argument) => unwrapped(inner(argument))) }
    }
    case 'parentheses':
    case 'unary':
      return { ...expression, expression: inner(expression.expression) }
    case 'matrixSelector':
      return resolveMatrixSelector(expression, time)
    case 'subquery': {
      const duration = resolveDuration(expression.duration, expression.durationExpression, time)
      const step = resolveDuration(expression.step, expression.stepExpression, time)
      return {
        ...expression,
        ...resolveShift(expression, time),
        expression: inner(expression.expression),
        duration,
        step,
      }
    }
    case 'vectorSelector':
      return { ...expression, ...resolveShift(expression, time) }
    default:
      return expression
  }
}

function unwrapped(expression: Expression): Expression {
  return expression.kind === 'parentheses' ? unwrapped(expression.expression) : expression
}

function contextValue(name: string, { startMs, endMs, stepMs }: QueryTime): number | undefined {
  switch (name) {
    case 'start':
      return startMs / 1000
    case 'end':
      return endMs / 1000
    case 'range':
      return (endMs - startMs) / 1000
    case 'step':
      return startMs === endMs ? 0 : stepMs / 1000
    default:
      return undefined
  }
}

function resolveMatrixSelector(expression: MatrixSelector, time: QueryTime): MatrixSelector {
  const selector = { ...expression.selector, ...resolveShift(expression.selector, time) }
  const duration = resolveDuration(expression.duration, expression.durationExpression, time)
  return { ...expression, selector, duration }
}

function resolveShift(shift: TimeShift, time: QueryTime): TimeShift {
  const boundary = shift.atBoundary === 'start' ? time.startMs : shift.atBoundary === 'end' ? time.endMs : undefined
  const at = boundary ?? shift.at
  const offset = resolveDuration(shift.offset, shift.offsetExpression, time, true)
  return { offset, ...(at !== undefined && { at }) }
}

function resolveDuration(
  known: number,
  expression: DurationOperand | undefined,
  time: QueryTime,
  mayBeNegative = false,
): number {
  if (expression === undefined) return known
  const fail = (reason: string) =>
    new QueryError(`${expression.range.start}:${expression.range.end}: ${reason}`, 'query')
  const seconds = durationSeconds(expression, time)
  if (!Number.isFinite(seconds)) throw fail('duration is NaN or infinite')
  if (seconds <= 0 && !mayBeNegative) throw fail('duration must be greater than 0')
  if (isOutOfDurationRange(seconds)) throw fail('duration is out of range')
  return Math.trunc(seconds * 1000)
}

function durationSeconds(operand: DurationOperand, time: QueryTime): number {
  if (operand.kind === 'number') return operand.value
  const left = operand.left === undefined ? undefined : durationSeconds(operand.left, time)
  const right = operand.right === undefined ? 0 : durationSeconds(operand.right, time)
  const fail = (reason: string) => new QueryError(`${operand.range.start}:${operand.range.end}: ${reason}`, 'query')
  switch (operand.operator) {
    case 'step':
      return time.stepMs / 1000
    case 'range':
      return (time.endMs - time.startMs) / 1000
    case 'min_of':
      return Math.min(left ?? 0, right)
    case 'max_of':
      return Math.max(left ?? 0, right)
    case '+':
      return (left ?? 0) + right
    case '-':
      return left === undefined ? -right : left - right
    case '*':
      return (left ?? 0) * right
    case '/':
      if (right === 0) throw fail('division by zero')
      return (left ?? 0) / right
    case '%':
      if (right === 0) throw fail('modulo by zero')
      return (left ?? 0) % right
    case '^':
      return (left ?? 0) ** right
  }
}

/** Functions whose result depends on the evaluation time even if their arguments do not. */
const TIME_DEPENDENT: ReadonlySet<string> = new Set([
  'days_in_month',
  'day_of_month',
  'day_of_week',
  'day_of_year',
  'hour',
  'minute',
  'month',
  'year',
  'predict_linear',
  'time',
  'timestamp',
])

/** The largest step-invariant parts of a resolved expression. */
export function stepInvariantParts(expression: Expression): ReadonlySet<Expression> {
  const parts = new Set<Expression>()
  if (isInvariant(expression, parts) && isWorthwhile(expression)) parts.add(expression)
  return parts
}

/** Constants are cheap to evaluate; ranges are evaluated by the function around them. */
function isWorthwhile(expression: Expression): boolean {
  if (expression.kind === 'parentheses' || expression.kind === 'unary') return isWorthwhile(expression.expression)
  const { kind } = expression
  return kind !== 'number' && kind !== 'string' && kind !== 'matrixSelector' && kind !== 'subquery'
}

function isInvariant(expression: Expression, parts: Set<Expression>): boolean {
  switch (expression.kind) {
    case 'vectorSelector':
      return expression.at !== undefined
    case 'matrixSelector':
      return expression.selector.at !== undefined
    case 'subquery':
      if (isInvariant(expression.expression, parts)) parts.add(expression.expression)
      return expression.at !== undefined
    case 'aggregation':
      // As in Prometheus, the parameter does not matter.
      return isInvariant(expression.expression, parts)
    case 'binary':
      return allInvariant([expression.left, expression.right], true, parts)
    case 'call':
      return callIsInvariant(expression, parts)
    case 'parentheses':
    case 'unary':
      return isInvariant(expression.expression, parts)
    case 'number':
    case 'string':
      return true
  }
}

function allInvariant(children: readonly Expression[], may: boolean, parts: Set<Expression>): boolean {
  const invariant = children.map((child) => isInvariant(child, parts))
  if (may && invariant.every(Boolean)) return true
  for (const [i, child] of children.entries()) if (invariant[i] && isWorthwhile(child)) parts.add(child)
  return false
}

function callIsInvariant(call: Extract<Expression, { kind: 'call' }>, parts: Set<Expression>): boolean {
  const { name } = call.function
  if (name === 'info') {
    const [base] = call.arguments
    return allInvariant(call.arguments.slice(0, 1), base !== undefined && hasUniformReference(base), parts)
  }
  const [first] = call.arguments
  const isTimestampOfFixed = name === 'timestamp' && first?.kind === 'vectorSelector' && first.at !== undefined
  const may = !TIME_DEPENDENT.has(name) || isTimestampOfFixed
  return allInvariant(call.arguments, may, parts)
}
