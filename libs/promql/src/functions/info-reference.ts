import type { Expression, Subquery, TimeShift, VectorSelector } from '../parse/ast.ts'
import { childrenOf, typeOf } from '../parse/ast.ts'

/**
 * The time that the selectors of an expression read at, if it is the same for all; the labels of info metrics are then
 * those of that time. Otherwise they are those of the evaluation time.
 */
export function infoReference(expression: Expression): TimeShift {
  const { uniform, first } = findReferences(expression)
  return uniform && first !== undefined ? first : { offset: 0 }
}

/** Whether all selectors of an expression read at the same time. */
export function hasUniformReference(expression: Expression): boolean {
  return findReferences(expression).uniform
}

interface References {
  first: TimeShift | undefined
  uniform: boolean
}

function findReferences(expression: Expression): References {
  const found: References = { first: undefined, uniform: true }
  inspect(expression, [], found)
  if (found.first === undefined) found.uniform = false
  return found
}

/** Whether the expression has a selector; a vector without one is of the evaluation time. */
function inspect(expression: Expression, subqueries: readonly Subquery[], found: References): boolean {
  const type = typeOf(expression)
  if (type !== 'vector' && type !== 'matrix') return false
  if (expression.kind === 'vectorSelector') {
    const reference = effectiveShift(expression, subqueries)
    if (found.first === undefined) found.first = reference
    else if (!isSame(found.first, reference)) found.uniform = false
    return true
  }
  const inner = expression.kind === 'subquery' ? [...subqueries, expression] : subqueries
  const isInfo = expression.kind === 'call' && expression.function.name === 'info'
  const children = isInfo ? childrenOf(expression).slice(0, 1) : childrenOf(expression)
  let hasSelector = false
  for (const child of children) if (inspect(child, inner, found)) hasSelector = true
  if (!hasSelector) found.uniform = false
  return hasSelector
}

/** Subqueries around a selector shift it too, up to the first one at a fixed time. */
function effectiveShift({ at, offset }: VectorSelector, subqueries: readonly Subquery[]): TimeShift {
  let shift: TimeShift = { offset, ...(at !== undefined && { at }) }
  for (const subquery of [...subqueries].reverse()) {
    if (shift.at !== undefined) break
    shift = { offset: shift.offset + subquery.offset, ...(subquery.at !== undefined && { at: subquery.at }) }
  }
  return shift
}

function isSame(a: TimeShift, b: TimeShift): boolean {
  if (a.at === undefined || b.at === undefined) {
    return a.at === b.at && Math.trunc(a.offset) === Math.trunc(b.offset)
  }
  return a.at - Math.trunc(a.offset) === b.at - Math.trunc(b.offset)
}
