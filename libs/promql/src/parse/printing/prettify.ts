import { utf8Length } from '../../text/position.ts'
import type { Expression } from '../ast.ts'
import { type PrintOptions, printAggregator, printExpression, printOperator, printSubqueryRange } from './print.ts'

const MAX_LENGTH = 100

/** A query as Prometheus formats it: parts longer than 100 characters are split across lines. */
export function prettify(expression: Expression, options: PrintOptions = {}): string {
  return pretty(expression, 0, options)
}

function indent(level: number): string {
  return '  '.repeat(level)
}

function pretty(expression: Expression, level: number, options: PrintOptions): string {
  const whole = printExpression(expression, options)
  const isShort = utf8Length(whole) <= MAX_LENGTH
  const start = indent(level)
  switch (expression.kind) {
    case 'aggregation': {
      if (isShort) return start + whole
      const { parameter, expression: inner } = expression
      const first = parameter ? `${pretty(parameter, level + 1, options)},\n` : ''
      return `${start}${printAggregator(expression, options.isPlainName)}(\n${first}${pretty(inner, level + 1, options)}\n${start})`
    }
    case 'binary': {
      if (isShort) return start + whole
      const operator = `${start}${printOperator(expression, options.isPlainName)}`
      return `${pretty(expression.left, level + 1, options)}\n${operator}\n${pretty(expression.right, level + 1, options)}`
    }
    case 'call': {
      if (isShort) return start + whole
      const list = expression.arguments.map((argument) => pretty(argument, level + 1, options)).join(',\n')
      return `${start}${expression.function.name}(\n${list}\n${start})`
    }
    case 'parentheses':
      return isShort ? start + whole : `${start}(\n${pretty(expression.expression, level + 1, options)}\n${start})`
    case 'subquery':
      return isShort ? whole : `${pretty(expression.expression, level, options)}${printSubqueryRange(expression)}`
    case 'unary':
      return `${start}${expression.operator}${pretty(expression.expression, level, options).trim()}`
    default:
      return start + whole
  }
}
