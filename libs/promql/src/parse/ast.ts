import type { Matcher } from '../labels/matcher.ts'
import type { Range } from '../text/position.ts'
import type { FunctionSignature, ValueType } from './functions.ts'

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '^' | 'atan2'
export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>='
export type TrimOperator = '</' | '>/'
export type SetOperator = 'and' | 'or' | 'unless'
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

export type AggregationOperator = (typeof AGGREGATIONS)[number]

/** What a query is parsed into. Positions are those in the query's text. */
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

export interface Aggregation {
  readonly kind: 'aggregation'
  readonly operator: AggregationOperator
  readonly expression: Expression
  readonly parameter?: Expression
  readonly grouping: readonly string[]
  readonly without: boolean
  readonly range: Range
}

export type Cardinality = 'one-to-one' | 'many-to-one' | 'one-to-many' | 'many-to-many'

/** How the series of two vectors find each other. */
export interface VectorMatching {
  readonly cardinality: Cardinality
  readonly on: boolean
  readonly labels: readonly string[]
  /** Labels that the result takes from the side that has one. */
  readonly include: readonly string[]
  /** Values that stand in for a series without a match. */
  readonly fillLeft?: number
  readonly fillRight?: number
}

export interface Binary {
  readonly kind: 'binary'
  readonly operator: BinaryOperator
  readonly left: Expression
  readonly right: Expression
  readonly matching: VectorMatching
  readonly returnBool: boolean
}

export interface Call {
  readonly kind: 'call'
  readonly function: FunctionSignature
  readonly arguments: readonly Expression[]
  readonly range: Range
}

/** Where in time a selector looks: `@` and `offset`. */
export interface TimeShift {
  /** In milliseconds; what is below a millisecond has no effect. */
  readonly offset: number
  readonly offsetExpression?: DurationExpression
  /** In milliseconds since 1970. */
  readonly at?: number
  readonly atBoundary?: 'start' | 'end'
}

export interface VectorSelector extends TimeShift {
  readonly kind: 'vectorSelector'
  /** The name before the braces. */
  readonly name: string
  readonly matchers: readonly Matcher[]
  readonly extension?: 'anchored' | 'smoothed'
  readonly range: Range
}

export interface MatrixSelector {
  readonly kind: 'matrixSelector'
  readonly selector: VectorSelector
  /** In nanoseconds divided by 1e6. */
  readonly duration: number
  readonly durationExpression?: DurationExpression
  readonly end: number
}

export interface Subquery extends TimeShift {
  readonly kind: 'subquery'
  readonly expression: Expression
  readonly duration: number
  readonly durationExpression?: DurationExpression
  /** In milliseconds; zero if the query has none. */
  readonly step: number
  readonly stepExpression?: DurationExpression
  readonly end: number
}

export interface NumberLiteral {
  readonly kind: 'number'
  readonly value: number
  /** Whether it was written as a duration, such as `5m`. */
  readonly isDuration: boolean
  readonly range: Range
}

export interface Parentheses {
  readonly kind: 'parentheses'
  readonly expression: Expression
  readonly range: Range
}

export interface StringLiteral {
  readonly kind: 'string'
  readonly value: string
  readonly range: Range
}

export interface Unary {
  readonly kind: 'unary'
  readonly operator: '+' | '-'
  readonly expression: Expression
  readonly start: number
}

export type DurationOperator = '+' | '-' | '*' | '/' | '%' | '^' | 'step' | 'range' | 'min_of' | 'max_of'

/** Arithmetic in a duration; its numbers are seconds. Unary operators have no left side, `step()` and `range()` neither. */
export interface DurationExpression {
  readonly kind: 'duration'
  readonly operator: DurationOperator
  readonly left?: DurationOperand
  readonly right?: DurationOperand
  readonly wrapped: boolean
  readonly range: Range
}

export type DurationOperand = DurationExpression | NumberLiteral

/** The part of the query that an expression was read from. */
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

/** The type of what the expression evaluates to. */
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

/** The expressions directly inside. */
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
