import { RE2JS } from 're2js'
import { quote } from '../text/quote.ts'
import { isPlainName, type Labels } from './labels.ts'

/** The operators of matchers; `=~` and `!~` match regular expressions. */
export type MatchOperator = '=' | '!=' | '=~' | '!~'

/** Matching time grows with the size of the compiled expression. */
const MAX_PROGRAM_SIZE = 10_000

/** A regular expression that RE2 does not accept; the message is Prometheus'. */
export class RegexpError extends Error {
  override readonly name = 'RegexpError'
}

/** A condition on one label. Regular expressions have RE2 syntax, run in linear time and are fully anchored. */
export class Matcher {
  readonly name: string
  readonly operator: MatchOperator
  readonly value: string
  readonly #test: (value: string) => boolean

  /** Throws a {@link RegexpError}. */
  constructor(name: string, operator: MatchOperator, value: string) {
    this.name = name
    this.operator = operator
    this.value = value
    this.#test = condition(operator, value)
  }

  /** Whether a label with this value matches; a missing label has an empty value. */
  matches(value: string): boolean {
    return this.#test(value)
  }

  toString(): string {
    return `${isPlainName(this.name) ? this.name : quote(this.name)}${this.operator}${quote(this.value)}`
  }
}

/** Whether all matchers match the labels. */
export function matchesAll(matchers: readonly Matcher[], labels: Labels): boolean {
  return matchers.every((matcher) => matcher.matches(labels.get(matcher.name)))
}

function condition(operator: MatchOperator, wanted: string): (value: string) => boolean {
  if (operator === '=') return (value) => value === wanted
  if (operator === '!=') return (value) => value !== wanted
  const matches = wholeMatch(wanted)
  return operator === '=~' ? matches : (value) => !matches(value)
}

function wholeMatch(pattern: string): (value: string) => boolean {
  const literals = alternatives(pattern)
  if (literals !== undefined) return (value) => literals.has(value)
  if (pattern === '.*') return () => true
  if (pattern === '.+') return (value) => value !== ''
  const expression = compileRegexp(pattern)
  return (value) => expression.matches(value)
}

/** Alternatives without special characters, which dashboards mostly use, need no automaton. */
function alternatives(pattern: string): ReadonlySet<string> | undefined {
  return /^[^\\.+*?()[\]{}^$]*$/.test(pattern) ? new Set(pattern.split('|')) : undefined
}

/** Compiles an RE2 expression in which a dot also matches a newline; throws a {@link RegexpError}. */
export function compileRegexp(pattern: string): RE2JS {
  let expression: RE2JS
  try {
    expression = RE2JS.compile(pattern, RE2JS.DOTALL)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new RegexpError(message.replace('`(?s)', '`'))
  }
  if (expression.programSize() > MAX_PROGRAM_SIZE) {
    throw new RegexpError(`error parsing regexp: expression is larger than ${MAX_PROGRAM_SIZE} steps: \`${pattern}\``)
  }
  return expression
}
