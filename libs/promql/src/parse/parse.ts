import type { Expression, VectorSelector } from './ast.ts'
import { checkTypes } from './check-types.ts'
import { type ParserOptions, parseSelectorSyntax, parseSyntax } from './parser.ts'

/**
 * Parses a query of PromQL and checks its types. Throws a `ParseError` with the message and the position that
 * Prometheus tells.
 */
export function parseQuery(query: string, options: ParserOptions = {}): Expression {
  const expression = parseSyntax(query, options)
  checkTypes(query, expression)
  return expression
}

/**
 * Parses a selector of series such as `up{job="a"}`, without time shifts. Throws a `ParseError` with the message that
 * Prometheus has for selectors.
 */
export function parseSelector(text: string, options: ParserOptions = {}): VectorSelector {
  const selector = parseSelectorSyntax(text, options)
  checkTypes(text, selector)
  return selector
}
