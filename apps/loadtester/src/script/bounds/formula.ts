import { messageOf } from '@node-to-cloud/command-line'
import { compileExpression } from 'filtrex'
import type { Formula } from '../../contract/run-report.ts'
import { ScriptError } from '../script-error.ts'
import type { MetricNames, NamedMetric } from './metric-names.ts'

/** Reserved words of filtrex, the language of Artillery's conditions. */
const WORDS: ReadonlySet<string> = new Set(['and', 'or', 'not', 'in', 'of', 'mod', 'if', 'then', 'else'])
const MAX_LENGTH = 2000

/**
 * Reads a condition as Artillery's ensure plugin does: metrics joined by `and`, `or`, `not`, arithmetic, parentheses and
 * functions, such as `(vusers.created - vusers.completed) / vusers.created < 0.01`.
 *
 * @throws ScriptError for a metric that no run of the script has, or for anything but an expression.
 */
export function readFormula(expression: string, names: MetricNames, field: string): Formula {
  if (expression.length > MAX_LENGTH) throw ScriptError.at(field, `is longer than ${MAX_LENGTH} characters`)
  const inputs: NamedMetric[] = []
  const source = expression.replace(names.inExpressions(), (token: string, at: number) => {
    const isFunction = /^\s*\(/.test(expression.slice(at + token.length))
    if (token.startsWith('"') || WORDS.has(token) || (isFunction && /^[a-z]+$/.test(token))) return token
    const known = inputs.findIndex(({ metric }) => metric === token)
    return `m${known === -1 ? inputs.push(names.resolve(token, field)) - 1 : known}`
  })
  const formula: Formula = { source, inputs }
  try {
    evaluate(
      formula,
      inputs.map(() => 1),
    )
  } catch (error) {
    const [first] = messageOf(error).split('\n')
    throw ScriptError.at(
      field,
      `is not a condition such as "http.response_time.p95 < 250 and vusers.failed == 0": ${first}`,
    )
  }
  return formula
}

/**
 * The value of a formula: what it computes, 1 for true and 0 for false.
 *
 * @param values those of its inputs.
 */
export function evaluate({ source }: Formula, values: readonly number[]): number {
  const value: unknown = compileExpression(source)(
    Object.fromEntries(values.map((input, index) => [`m${index}`, input])),
  )
  if (value instanceof Error) throw value
  return Number(value)
}
