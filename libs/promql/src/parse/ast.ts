import type { Matcher } from '../labels/matcher.ts'
import type { Range } from '../text/position.ts'
import type { FunctionSignature, ValueType } from './functions.ts'

/** Operators that compute a number. */
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '^' | 'atan2'
/** Operators that filter, or with `bool` return 0 or 1. */
export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>='
/** Operators that remove the observations of a native histogram above (`</`) or below (`>/`) a value. */
export type TrimOperator = '</' | '>/'
/** Operators that combine the series of two vectors. */
export type SetOperator = 'and' | 'or' | 'unless'
/** All binary operators. */
export type BinaryOperator = ArithmeticOperator | ComparisonOperator | TrimOperator | SetOperator

/** The names of aggregations. */
export const AGGREGATIONS = [
  'avg',
  'bottomk',
  'count',
  'count_values',
  'group',
  'limit_ratio',
  'limitk',
  'max',
  'min',
  'quantile',
  'stddev',
  'stdvar',
  'sum',
  'topk',
] as const

/** One of {@link AGGREGATIONS}. */
export type AggregationOperator = (typeof AGGREGATIONS)[number]

/** The syntax tree of a query. Positions are offsets in its text. */
export type Expression =
  | Aggregation
  | Binary
  | Call
  | MatrixSelector
  | NumberLiteral
  | Parentheses
  | StringLiteral
  | Subquery
  | Unary
  | VectorSelector

/** An aggregation, such as `sum by (job) (x)`. */
export interface Aggregation {
  readonly kind: 'aggregation'
  readonly operator: AggregationOperator
  readonly expression: Expression
  readonly parameter?: Expression
  readonly grouping: readonly string[]
  readonly without: boolean
  readonly range: Range
}

/** How many series of each side match one series of the other; `many-to-one` is `group_left`. */
export type Cardinality = 'one-to-one' | 'many-to-one' | 'one-to-many' | 'many-to-many'

/** How the series of two vectors are matched. */
export interface VectorMatching {
  readonly cardinality: Cardinality
  readonly on: boolean
  readonly labels: readonly string[]
  /** Labels that the result takes from the "one" side. */
  readonly include: readonly string[]
  /** Values used for missing series. */
  readonly fillLeft?: number
  readonly fillRight?: number
}

/** A binary expression, such as `a / b`. */
export interface Binary {
  readonly kind: 'binary'
  readonly operator: BinaryOperator
  readonly left: Expression
  readonly right: Expression
  readonly matching: VectorMatching
  readonly returnBool: boolean
}

/** A function call, such as `rate(x[5m])`. */
export interface Call {
  readonly kind: 'call'
  readonly function: FunctionSignature
  readonly arguments: readonly Expression[]
  readonly range: Range
}

/** The time modifiers of a selector: `@` and `offset`. */
export interface TimeShift {
  /** In milliseconds; fractions have no effect. */
  readonly offset: number
  readonly offsetExpression?: DurationExpression
  /** In milliseconds since 1970. */
  readonly at?: number
  readonly atBoundary?: 'start' | 'end'
}

/** An instant vector selector, such as `up{job="a"}`. */
export interface VectorSelector extends TimeShift {
  readonly kind: 'vectorSelector'
  /** The metric name before the braces. */
  readonly name: string
  readonly matchers: readonly Matcher[]
  readonly extension?: 'anchored' | 'smoothed'
  readonly range: Range
}

/** A range vector selector, such as `x[5m]`. */
export interface MatrixSelector {
  readonly kind: 'matrixSelector'
  readonly selector: VectorSelector
  /** In nanoseconds divided by 1e6. */
  readonly duration: number
  readonly durationExpression?: DurationExpression
  readonly end: number
}

/** A subquery, such as `rate(x[5m])[1h:1m]`. */
export interface Subquery extends TimeShift {
  readonly kind: 'subquery'
  readonly expression: Expression
  readonly duration: number
  readonly durationExpression?: DurationExpression
  /** In milliseconds; zero if the query specifies none. */
  readonly step: number
  readonly stepExpression?: DurationExpression
  readonly end: number
}

/** A number or duration, such as `1e3` or `5m`. */
export interface NumberLiteral {
  readonly kind: 'number'
  readonly value: number
  /** Whether it was written as a duration, such as `5m`. */
  readonly isDuration: boolean
  readonly range: Range
}

/** An expression in parentheses. */
export interface Parentheses {
  readonly kind: 'parentheses'
  readonly expression: Expression
  readonly range: Range
}

/** A string in quotes or backticks. */
export interface StringLiteral {
  readonly kind: 'string'
  readonly value: string
  readonly range: Range
}

/** An expression with a sign, such as `-x`. */
export interface Unary {
  readonly kind: 'unary'
  readonly operator: '+' | '-'
  readonly expression: Expression
  readonly start: number
}

/** The operators and functions of duration expressions. */
export type DurationOperator = '+' | '-' | '*' | '/' | '%' | '^' | 'step' | 'range' | 'min_of' | 'max_of'

/** A duration expression; its numbers are seconds. Unary operators have no left side, nor do `step()` and `range()`. */
export interface DurationExpression {
  readonly kind: 'duration'
  readonly operator: DurationOperator
  readonly left?: DurationOperand
  readonly right?: DurationOperand
  readonly wrapped: boolean
  readonly range: Range
}

/** An operand of a duration expression. */
export type DurationOperand = DurationExpression | NumberLiteral

/** The part of the query that an expression was parsed from. */
export function rangeOf(expression: Expression | DurationOperand): Range {
  switch (expression.kind) {
    case 'binary':
      return { start: rangeOf(expression.left).start, end: rangeOf(expression.right).end }
    case 'matrixSelector':
      return { start: expression.selector.range.start, end: expression.end }
    case 'subquery':
      return { start: rangeOf(expression.expression).start, end: expression.end }
    case 'unary':
      return { start: expression.start, end: rangeOf(expression.expression).end }
    default:
      return expression.range
  }
}

/** The type of the expression's value. */
export function typeOf(expression: Expression): ValueType {
  switch (expression.kind) {
    case 'aggregation':
    case 'vectorSelector':
      return 'vector'
    case 'binary':
      return typeOf(expression.left) === 'scalar' && typeOf(expression.right) === 'scalar' ? 'scalar' : 'vector'
    case 'call':
      return expression.function.returns
    case 'matrixSelector':
    case 'subquery':
      return 'matrix'
    case 'number':
      return 'scalar'
    case 'string':
      return 'string'
    case 'parentheses':
    case 'unary':
      return typeOf(expression.expression)
  }
}

/** The direct subexpressions. */
export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'aggregation':
      return expression.parameter ? [expression.parameter, expression.expression] : [expression.expression]
    case 'binary':
      return [expression.left, expression.right]
    case 'call':
      return expression.arguments
    case 'matrixSelector':
      return [expression.selector]
    case 'parentheses':
    case 'subquery':
    case 'unary':
      return [expression.expression]
    default:
      return []
  }
}
