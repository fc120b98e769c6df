import type { Expression, VectorSelector } from './ast.ts'
import { checkTypes } from './check-types.ts'
import { ParseError } from './parse-error.ts'
import { type ParserOptions, parseSyntax } from './parser.ts'
import { printExpression } from './printing/print.ts'

/**
 * Parses a query of PromQL and checks its types. Throws a `ParseError` with the message and the position that
 * Prometheus tells.
 */
export function parseQuery(query: string, options: ParserOptions = {}): Expression {
  const expression = parseSyntax(query, options)
  checkTypes(query, expression)
  return expression
}

/** Parses a selector of series such as `up{job="a"}`, without time shifts. Throws a `ParseError`. */
export function parseSelector(text: string, options: ParserOptions = {}): VectorSelector {
  const expression = parseQuery(text, options)
  const isPlain =
    expression.kind === 'vectorSelector' && printExpression(expression) === printExpression(unshifted(expression))
  if (expression.kind !== 'vectorSelector' || !isPlain) {
    throw new ParseError(text, { start: 0, end: text.length }, 'expected a selector of series only')
  }
  return expression
}

function unshifted({ kind, name, matchers, range }: VectorSelector): VectorSelector {
  return { kind, name, matchers, range, offset: 0 }
}
