import { compileExpression } from 'filtrex'
import type { VirtualUserContext } from '../artillery/contract.ts'
import type { FindFunction } from '../artillery/processor.ts'

/**
 * Compiles a step's `ifTrue`: a function of the processor that is called with the variables, or a filtrex expression
 * over them. As in Artillery's HTTP engine, the step runs if the expression fails.
 */
export function compileCondition(ifTrue: unknown, find: FindFunction): (context: VirtualUserContext) => boolean {
  const source = String(ifTrue)
  let expression: ((vars: Record<string, unknown>) => unknown) | undefined
  let compiled = false
  return (context) => {
    const fn = find(source)
    try {
      if (fn !== undefined) return Boolean(fn(context.vars))
      if (!compiled) {
        compiled = true
        expression = compileExpression(source)
      }
      return expression === undefined || Boolean(expression(context.vars))
    } catch {
      return true
    }
  }
}
