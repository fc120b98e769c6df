import {
  childrenOf,
  type Expression,
  printExpression,
  type TimeShift,
  typeOf,
  type VectorSelector,
} from '@node-to-cloud/promql'

/** An expression as `parse_query` of Prometheus' API returns it. */
export function expressionJson(expression: Expression): object {
  const inner = () => childrenOf(expression).map(expressionJson)
  switch (expression.kind) {
    case 'aggregation': {
      const { operator, parameter, grouping, without } = expression
      const param = parameter === undefined ? null : expressionJson(parameter)
      return {
        type: 'aggregation',
        op: operator,
        expr: expressionJson(expression.expression),
        param,
        grouping,
        without,
      }
    }
    case 'binary':
      return binaryJson(expression)
    case 'call': {
      const { name, arguments: argTypes, variadic, returns } = expression.function
      return { type: 'call', func: { name, argTypes, variadic, returnType: returns }, args: inner() }
    }
    case 'matrixSelector':
      return { ...selectorJson(expression.selector), type: 'matrixSelector', range: expression.duration }
    case 'number':
      return { type: 'numberLiteral', val: printExpression(expression) }
    case 'parentheses':
      return { type: 'parenExpr', expr: expressionJson(expression.expression) }
    case 'string':
      return { type: 'stringLiteral', val: expression.value }
    case 'subquery': {
      const { duration, step } = expression
      const expr = expressionJson(expression.expression)
      return { type: 'subquery', expr, range: duration, step, ...shiftJson(expression) }
    }
    case 'unary':
      return { type: 'unaryExpr', op: expression.operator, expr: expressionJson(expression.expression) }
    case 'vectorSelector':
      return { ...selectorJson(expression), type: 'vectorSelector' }
  }
}

function binaryJson({ operator, left, right, matching, returnBool }: Extract<Expression, { kind: 'binary' }>): object {
  const isVector = typeOf(left) === 'vector' && typeOf(right) === 'vector'
  const isSet = operator === 'and' || operator === 'or' || operator === 'unless'
  const { cardinality, labels, on, include, fillLeft = null, fillRight = null } = matching
  const card = isSet ? 'many-to-many' : cardinality
  const shown = { card, labels, on, include, fillValues: { lhs: fillLeft, rhs: fillRight } }
  return {
    type: 'binaryExpr',
    op: operator,
    lhs: expressionJson(left),
    rhs: expressionJson(right),
    matching: isVector ? shown : null,
    bool: returnBool,
  }
}

function shiftJson({ offset, at, atBoundary }: TimeShift): object {
  return { offset, timestamp: at ?? null, startOrEnd: atBoundary ?? null }
}

function selectorJson(selector: VectorSelector): object {
  const { name, matchers, extension } = selector
  return {
    name,
    matchers: matchers.map((matcher) => ({ name: matcher.name, value: matcher.value, type: matcher.operator })),
    ...shiftJson(selector),
    anchored: extension === 'anchored',
    smoothed: extension === 'smoothed',
  }
}
