import { type Matcher, ParseError, parseSelector as parsePromql } from '@node-to-cloud/promql'
import type { Labels } from '../model/labels/labels.ts'

/** A PromQL instant selector: all its matchers must match. */
export interface Selector {
  readonly text: string
  readonly matchers: readonly Matcher[]
}

/** A selector that can't be parsed; the message is Prometheus', with line and column. */
export class SelectorError extends Error {
  readonly code = 'ERR_SELECTOR'

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SelectorError'
  }
}

/** Whether one of the selectors matches the label set; an absent label has the empty value. */
export function matchesAny(selectors: readonly Selector[], labels: Labels): boolean {
  return selectors.some(({ matchers }) => matchers.every((matcher) => matcher.matches(labels.get(matcher.name) ?? '')))
}

/**
 * Parses a PromQL instant selector such as `up`, `{job=~"a|b"}` or `http_requests_total{code!="200",}`.
 * Throws a {@link SelectorError}; as in PromQL, a selector that matches everything (`{}`, `{a=""}`) is not allowed.
 */
export function parseSelector(text: string): Selector {
  try {
    return { text, matchers: parsePromql(text).matchers }
  } catch (cause) {
    if (!(cause instanceof ParseError)) throw cause
    throw new SelectorError(`selector ${JSON.stringify(text)}: ${cause.message}`, { cause })
  }
}
