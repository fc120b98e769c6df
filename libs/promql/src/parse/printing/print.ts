import { isPlainName as isLegacyName, METRIC_NAME } from '../../labels/labels.ts'
import { formatDuration } from '../../text/duration.ts'
import { formatDecimal, formatShortest } from '../../text/format-number.ts'
import { quote } from '../../text/quote.ts'
import type {
  Aggregation,
  Binary,
  DurationExpression,
  DurationOperand,
  Expression,
  MatrixSelector,
  NumberLiteral,
  Subquery,
  TimeShift,
  VectorSelector,
} from '../ast.ts'

/** How queries are printed. */
export interface PrintOptions {
  /** Whether a label name needs no quotes; by default, if it has only ASCII letters, digits and underscores. */
  readonly isPlainName?: (name: string) => boolean
}

/** A query as Prometheus prints it, on one line; parsing it gives the same expression. */
export function printExpression(expression: Expression, { isPlainName = isLegacyName }: PrintOptions = {}): string {
  const print = (inner: Expression): string => printExpression(inner, { isPlainName })
  switch (expression.kind) {
    case 'aggregation': {
      const { parameter, expression: inner } = expression
      const first = parameter ? `${print(parameter)}, ` : ''
      return `${printAggregator(expression, isPlainName)}(${first}${print(inner)})`
    }
    case 'binary':
      return `${print(expression.left)} ${printOperator(expression, isPlainName)} ${print(expression.right)}`
    case 'call':
      return `${expression.function.name}(${expression.arguments.map(print).join(', ')})`
    case 'matrixSelector':
      return printMatrixSelector(expression, isPlainName)
    case 'number':
      return printNumber(expression)
    case 'parentheses':
      return `(${print(expression.expression)})`
    case 'string':
      return quote(expression.value)
    case 'subquery':
      return `${print(expression.expression)}${printSubqueryRange(expression)}`
    case 'unary':
      return `${expression.operator}${print(expression.expression)}`
    case 'vectorSelector':
      return printVectorSelector(expression, isPlainName)
  }
}

type IsPlain = (name: string) => boolean

function printLabels(names: readonly string[], isPlain: IsPlain): string {
  return names.map((name) => (isPlain(name) ? name : quote(name))).join(', ')
}

/** The operator of an aggregation with its grouping. */
export function printAggregator({ operator, grouping, without }: Aggregation, isPlain: IsPlain = isLegacyName): string {
  if (without) return `${operator} without (${printLabels(grouping, isPlain)}) `
  return grouping.length > 0 ? `${operator} by (${printLabels(grouping, isPlain)}) ` : operator
}

/** The operator of a binary expression with its modifiers. */
export function printOperator({ operator, returnBool, matching }: Binary, isPlain: IsPlain = isLegacyName): string {
  const { cardinality, on, labels, include, fillLeft, fillRight } = matching
  const isGrouped = cardinality === 'many-to-one' || cardinality === 'one-to-many'
  let out = returnBool ? `${operator} bool` : operator
  if (labels.length > 0 || on || isGrouped) out += ` ${on ? 'on' : 'ignoring'} (${printLabels(labels, isPlain)})`
  if (isGrouped) {
    out += ` group_${cardinality === 'many-to-one' ? 'left' : 'right'} (${printLabels(include, isPlain)})`
  }
  if (fillLeft !== undefined && fillLeft === fillRight) return `${out} fill (${formatShortest(fillLeft)})`
  if (fillLeft !== undefined) out += ` fill_left (${formatShortest(fillLeft)})`
  if (fillRight !== undefined) out += ` fill_right (${formatShortest(fillRight)})`
  return out
}

function printAt({ at, atBoundary }: TimeShift): string {
  if (at !== undefined) return ` @ ${(at / 1000).toFixed(3)}`
  return atBoundary === undefined ? '' : ` @ ${atBoundary}()`
}

function printOffset({ offset, offsetExpression }: TimeShift): string {
  if (offsetExpression !== undefined) return ` offset ${printDuration(offsetExpression)}`
  return offset === 0 ? '' : ` offset ${formatDuration(offset)}`
}

function printVectorSelector(selector: VectorSelector, isPlain: IsPlain): string {
  const { name, matchers, extension } = selector
  const shown = matchers.filter(
    (matcher) => matcher.name !== METRIC_NAME || matcher.operator !== '=' || matcher.value !== name || name === '',
  )
  const texts = shown.map((matcher) => {
    return `${isPlain(matcher.name) ? matcher.name : quote(matcher.name)}${matcher.operator}${quote(matcher.value)}`
  })
  const braces = texts.length > 0 ? `{${texts.sort().join(',')}}` : ''
  return `${name}${braces}${printAt(selector)}${extension ? ` ${extension}` : ''}${printOffset(selector)}`
}

function printMatrixSelector({ selector, duration, durationExpression }: MatrixSelector, isPlain: IsPlain): string {
  const { kind, name, matchers, range, extension } = selector
  const plain = printVectorSelector({ kind, name, matchers, range, offset: 0 }, isPlain)
  const text = durationExpression ? printDuration(durationExpression) : formatDuration(duration)
  return `${plain}[${text}]${extension ? ` ${extension}` : ''}${printAt(selector)}${printOffset(selector)}`
}

/** The brackets of a subquery and what follows them. */
export function printSubqueryRange(subquery: Subquery): string {
  const { duration, durationExpression, step, stepExpression } = subquery
  const range = durationExpression ? printDuration(durationExpression) : formatDuration(duration)
  const every = stepExpression ? printDuration(stepExpression) : step === 0 ? '' : formatDuration(step)
  return `[${range}:${every}]${printAt(subquery)}${printOffset(subquery)}`
}

function printNumber({ value, isDuration }: NumberLiteral): string {
  return isDuration ? formatDuration(value * 1000) : formatDecimal(value)
}

function printOperand(operand: DurationOperand): string {
  return operand.kind === 'number' ? printNumber(operand) : printDuration(operand)
}

function printDuration(expression: DurationExpression): string {
  const text = unwrappedDuration(expression)
  return expression.wrapped ? `(${text})` : text
}

function unwrappedDuration({ operator, left, right }: DurationExpression): string {
  if (operator === 'step' || operator === 'range') return `${operator}()`
  const last = right ? printOperand(right) : ''
  if (operator === 'min_of' || operator === 'max_of') return `${operator}(${left ? printOperand(left) : ''}, ${last})`
  if (left === undefined) return operator === '-' ? `-${last}` : last
  return `${printOperand(left)} ${operator} ${last}`
}
