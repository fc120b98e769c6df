import { METRIC_NAME } from '../labels/labels.ts'
import { Matcher, type MatchOperator } from '../labels/matcher.ts'
import { unquote } from '../text/quote.ts'
import type { VectorSelector } from './ast.ts'
import type { Token } from './token.ts'
import type { TokenStream } from './token-stream.ts'

const LABEL_MATCHING = 'label matching'

/** Parses a vector selector after the metric name, if there is one before the braces. */
export function parseVectorSelector(tokens: TokenStream, name: Token | undefined): VectorSelector {
  const open = name === undefined ? tokens.expect('{') : tokens.accept('{')
  const matchers: Matcher[] = []
  let end = name?.end ?? 0
  if (open !== undefined) {
    end = parseMatchers(tokens, matchers)
  }
  const text = name?.text ?? ''
  if (text !== '') matchers.push(new Matcher(METRIC_NAME, '=', text))
  const start = name?.start ?? open?.start ?? 0
  return { kind: 'vectorSelector', name: text, matchers, offset: 0, range: { start, end } }
}

function parseMatchers(tokens: TokenStream, matchers: Matcher[]): number {
  for (;;) {
    const close = matchers.length > 0 || tokens.at('}') ? tokens.accept('}') : undefined
    if (close !== undefined) return close.end
    matchers.push(parseMatcher(tokens))
    const end = tokens.accept('}')
    if (end !== undefined) return end.end
    if (tokens.accept(',') === undefined) tokens.unexpectedIn(LABEL_MATCHING, '"," or "}"')
  }
}

function parseMatcher(tokens: TokenStream): Matcher {
  const label = tokens.peek()
  if (label.type !== 'identifier' && label.type !== 'string') {
    return tokens.unexpectedIn(LABEL_MATCHING, 'identifier or "}"')
  }
  tokens.take()
  const name = label.type === 'string' ? unquote(label.text) : label.text
  const operator = matchOperator(tokens.peek())
  if (operator === undefined) {
    if (label.type === 'string') return new Matcher(METRIC_NAME, '=', name)
    return tokens.unexpectedIn(LABEL_MATCHING, 'label matching operator')
  }
  tokens.take()
  const value = tokens.peek()
  if (value.type !== 'string') return tokens.unexpectedIn(LABEL_MATCHING, 'string')
  tokens.take()
  try {
    return new Matcher(name, operator, unquote(value.text))
  } catch (error) {
    throw tokens.error({ start: label.start, end: value.end }, error instanceof Error ? error.message : String(error))
  }
}

function matchOperator({ type, value }: Token): MatchOperator | undefined {
  if (type !== 'operator' && type !== 'punctuation') return undefined
  return value === '=' || value === '!=' || value === '=~' || value === '!~' ? value : undefined
}
