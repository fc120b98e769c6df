import type { Range } from '../text/position.ts'
import { quote } from '../text/quote.ts'
import { AGGREGATIONS } from './ast.ts'

const WORD_OPERATORS = ['and', 'or', 'unless', 'atan2']
const KEYWORDS = [
  'anchored',
  'bool',
  'by',
  'fill',
  'fill_left',
  'fill_right',
  'group_left',
  'group_right',
  'ignoring',
  'offset',
  'on',
  'smoothed',
  'without',
]
/** Keywords that are also allowed in durations and after `@`. */
const PREPROCESSORS = ['start', 'end', 'step', 'range', 'max_of', 'min_of']

export type WordClass = 'aggregator' | 'operator' | 'keyword' | 'preprocessor' | 'number'

/** The class of each keyword, by its lower-case form. */
export const WORDS: ReadonlyMap<string, WordClass> = new Map<string, WordClass>([
  ...AGGREGATIONS.map((word) => [word, 'aggregator'] as const),
  ...WORD_OPERATORS.map((word) => [word, 'operator'] as const),
  ...KEYWORDS.map((word) => [word, 'keyword'] as const),
  ...PREPROCESSORS.map((word) => [word, 'preprocessor'] as const),
  ['inf', 'number'],
  ['nan', 'number'],
])

export type TokenType =
  | WordClass
  | 'identifier'
  | 'metricIdentifier'
  | 'string'
  | 'duration'
  | 'punctuation'
  | 'error'
  | 'end'

/** A token of a query. */
export interface Token extends Range {
  readonly type: TokenType
  /** The operator, or a keyword in lower case; otherwise the token's text. */
  readonly value: string
  readonly text: string
}

/** A token as Prometheus' messages call it. */
export function describeToken({ type, text }: Token): string {
  switch (type) {
    case 'end':
      return 'end of input'
    case 'identifier':
      return `identifier ${quote(text)}`
    case 'metricIdentifier':
      return `metric identifier ${quote(text)}`
    case 'keyword':
      return `<${text}>`
    case 'operator':
      return `<op:${text}>`
    case 'aggregator':
      return `<aggr:${text}>`
    case 'string':
    case 'number':
    case 'duration':
      return `${type} ${shortQuote(text)}`
    default:
      return shortQuote(text)
  }
}

function shortQuote(text: string): string {
  const characters = [...text]
  return characters.length > 10 ? `${quote(characters.slice(0, 10).join(''))}...` : quote(text)
}
