import type { Expression, VectorSelector } from './ast.ts'
import { checkTypes } from './check-types.ts'
import { type ParserOptions, parseSelectorSyntax, parseSyntax } from './parser.ts'

/** Parses a PromQL query and checks its types. Throws a `ParseError` with Prometheus' message and position. */
export function parseQuery(query: string, options: ParserOptions = {}): Expression {
  const expression = parseSyntax(query, options)
  checkTypes(query, expression)
  return expression
}

/**
 * Parses a series selector such as `up{job="a"}`, without time modifiers. Throws a `ParseError` with Prometheus'
 * message for series selectors.
 */
export function parseSelector(text: string, options: ParserOptions = {}): VectorSelector {
  const selector = parseSelectorSyntax(text, options)
  checkTypes(text, selector)
  return selector
}
