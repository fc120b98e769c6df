import { messageOf } from '@node-to-cloud/command-line'
import { RE2JS } from 're2js'
import { type Labels, METRIC_NAME } from '../model/labels.ts'

/** Regular expressions are RE2's and match the whole value, as in PromQL. */
interface Matcher {
  readonly name: string
  readonly matches: (value: string) => boolean
}

/** A PromQL instant selector: all its matchers must match. */
export interface Selector {
  readonly text: string
  readonly matchers: readonly Matcher[]
}

/** A selector that can't be parsed; the message says where. */
export class SelectorError extends Error {
  readonly code = 'ERR_SELECTOR'

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SelectorError'
  }
}

/** Whether one of the selectors matches the label set; an absent label has the empty value. */
export function matchesAny(selectors: readonly Selector[], labels: Labels): boolean {
  return selectors.some(({ matchers }) => matchers.every(({ name, matches }) => matches(labels.get(name) ?? '')))
}

const METRIC = /[a-zA-Z_:][a-zA-Z0-9_:]*/y
const LABEL = /[a-zA-Z_][a-zA-Z0-9_]*/y
const OPERATOR = /=~|!~|!=|=/y
const STRING = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`/y
const BLANK = /\s*/y

/**
 * Parses a PromQL instant selector such as `up`, `{job=~"a|b"}` or `http_requests_total{code!="200",}`.
 * Throws a {@link SelectorError}; as in PromQL, a selector that matches everything (`{}`, `{a=""}`) is not allowed.
 */
export function parseSelector(text: string): Selector {
  let position = 0
  const fail = (expected: string): never => {
    throw new SelectorError(`selector ${JSON.stringify(text)}: expected ${expected} at character ${position + 1}`)
  }
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = position
    const found = pattern.exec(text)?.[0]
    if (found !== undefined) position += found.length
    return found
  }
  const skipBlank = () => take(BLANK)
  const takeText = (wanted: string): boolean => {
    skipBlank()
    if (!text.startsWith(wanted, position)) return false
    position += wanted.length
    return true
  }

  const matchers: Matcher[] = []
  skipBlank()
  const metric = take(METRIC)
  if (metric !== undefined) matchers.push({ name: METRIC_NAME, matches: (value) => value === metric })
  if (takeText('{')) {
    while (!takeText('}')) {
      skipBlank()
      const plain = take(LABEL)
      const name = plain ?? unquote(take(STRING) ?? fail('a label name or }'), text)
      skipBlank()
      let operator = take(OPERATOR)
      // A metric name in UTF-8 notation.
      const isMetric = operator === undefined && plain === undefined && metric === undefined
      if (isMetric) matchers.push({ name: METRIC_NAME, matches: (value) => value === name })
      else {
        operator ??= fail('one of = != =~ !~')
        skipBlank()
        const quoted = take(STRING) ?? fail('a quoted string')
        matchers.push({ name, matches: condition(operator, unquote(quoted, text), text) })
      }
      if (!takeText(',')) {
        if (takeText('}')) break
        fail(', or }')
      }
    }
  } else if (metric === undefined) fail('a metric name or {')
  skipBlank()
  if (position < text.length) fail('the end (only instant selectors are allowed)')
  if (matchers.every(({ matches }) => matches(''))) {
    throw new SelectorError(`selector ${JSON.stringify(text)}: at least one matcher must not match the empty string`)
  }
  return { text, matchers }
}

function condition(operator: string, operand: string, text: string): (value: string) => boolean {
  if (operator === '=') return (value) => value === operand
  if (operator === '!=') return (value) => value !== operand
  let pattern: RE2JS
  try {
    pattern = RE2JS.compile(operand, RE2JS.DOTALL)
  } catch (cause) {
    throw new SelectorError(
      `selector ${JSON.stringify(text)}: ${JSON.stringify(operand)} is not a regular expression of RE2: ${messageOf(cause)}`,
      { cause },
    )
  }
  return operator === '=~' ? (value) => pattern.matches(value) : (value) => !pattern.matches(value)
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
}
const ESCAPE = /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|([0-7]{3})|(.))/gis

function unquote(quoted: string, text: string): string {
  const inner = quoted.slice(1, -1)
  if (quoted.startsWith('`')) return inner
  return inner.replaceAll(ESCAPE, (escapeText: string, hex?: string, short?: string, long?: string, octal?: string) => {
    const digits = hex ?? short ?? long
    const code = digits === undefined ? Number.parseInt(octal ?? '', 8) : Number.parseInt(digits, 16)
    const escaped = Number.isNaN(code) ? ESCAPES[escapeText.slice(1)] : codePoint(code)
    if (escaped === undefined) throw new SelectorError(`selector ${JSON.stringify(text)}: unknown escape ${escapeText}`)
    return escaped
  })
}

function codePoint(code: number): string | undefined {
  return code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? undefined : String.fromCodePoint(code)
}
