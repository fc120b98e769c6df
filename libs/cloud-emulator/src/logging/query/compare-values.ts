import { severityOfName } from '../model/log-entry.ts'
import { compareTimes, isTime, readTime } from '../model/log-time.ts'
import type { FieldType } from './entry-fields.ts'
import type { Literal } from './query-tree.ts'
import { containsText, equalsText, matchesText, type TextTest } from './text-tests.ts'
import type { Operator } from './tokens.ts'

export type ValueTest = (value: unknown) => boolean

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/
const DURATION = /^([+-]?\d+(?:\.\d+)?)(ns|us|ms|s|m|h)$/
const SECONDS: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 }

/** The predicate of a comparison for values of a type; an error message if the value is invalid. */
export function valueTest(type: FieldType, operator: Operator, literal: Literal): ValueTest | string {
  if (operator === '=~' || operator === '!~') return regularTest(operator, literal)
  if (operator === ':' && literal.text === '*' && !literal.quoted) return (value) => value !== undefined && value !== ''
  if (type === 'severity') return severityTest(operator, literal)
  if (type === 'time' || type === 'receive-time') return timeTest(operator, literal)
  return jsonTest(operator, literal)
}

function regularTest(operator: '=~' | '!~', { text }: Literal): ValueTest | string {
  const test = matchesText(text)
  if (typeof test === 'string') return test
  const matches = (value: unknown): boolean => isScalar(value) && test(String(value))
  return operator === '=~' ? matches : (value) => isScalar(value) && !matches(value)
}

function severityTest(operator: Operator, { text }: Literal): ValueTest | string {
  const wanted = severityOfName(text) ?? (NUMBER.test(text) ? Number(text) : undefined)
  if (wanted === undefined)
    return 'a severity is DEFAULT, DEBUG, INFO, NOTICE, WARNING, ERROR, CRITICAL, ALERT, EMERGENCY or a number'
  return (value) => typeof value === 'number' && holds(operator, value - wanted)
}

function timeTest(operator: Operator, { text }: Literal): ValueTest | string {
  const wanted = readTime(text)
  if (!wanted) return 'a time has the form "2026-01-02T03:04:05Z" or "2026-01-02"'
  return (value) => isTime(value) && holds(operator, compareTimes(value, wanted))
}

/** JSON values have types, so the literal is converted to the type that it is compared with. */
function jsonTest(operator: Operator, literal: Literal): ValueTest {
  const { text, quoted } = literal
  const number = NUMBER.test(text) ? Number(text) : undefined
  const duration = durationSeconds(text)
  const test = textTest(operator, text)
  const isNull = !quoted && text === 'NULL_VALUE'
  return (value) => {
    if (value === undefined) return false
    if (typeof value === 'string') {
      const seconds = duration === undefined ? undefined : durationSeconds(value)
      if (seconds !== undefined && duration !== undefined && operator !== ':')
        return holds(operator, seconds - duration)
      const numeric = !quoted && number !== undefined && operator !== ':' && NUMBER.test(value)
      return numeric ? holds(operator, Number(value) - number) : test(value)
    }
    if (typeof value === 'number') return number !== undefined && holds(operator, value - number)
    if (typeof value === 'boolean') return booleanTest(operator, text, value)
    if (value === null) return isNull === (operator !== '!=')
    return operator === ':' && hasPart(value, test, text)
  }
}

function booleanTest(operator: Operator, text: string, value: boolean): boolean {
  const wanted = text.toLowerCase() === 'true' ? true : text.toLowerCase() === 'false' ? false : undefined
  return wanted !== undefined && holds(operator, Number(value) - Number(wanted))
}

function textTest(operator: Operator, text: string): TextTest {
  if (operator === ':') return containsText(text)
  if (operator === '=') return equalsText(text)
  if (operator === '!=') {
    const equals = equalsText(text)
    return (value) => !equals(value)
  }
  const lower = text.toLowerCase()
  return (value) => {
    const other = value.toLowerCase()
    return holds(operator, other < lower ? -1 : other > lower ? 1 : 0)
  }
}

/** An object has a value if one of its keys equals it, or one of its strings contains it. */
function hasPart(value: object, test: TextTest, key: string): boolean {
  return Object.entries(value).some(([name, item]) => {
    if (name === key) return true
    if (typeof item === 'object' && item !== null) return hasPart(item, test, key)
    return isScalar(item) && test(String(item))
  })
}

function holds(operator: Operator, difference: number): boolean {
  switch (operator) {
    case '!=':
      return difference !== 0
    case '>':
      return difference > 0
    case '<':
      return difference < 0
    case '>=':
      return difference >= 0
    case '<=':
      return difference <= 0
    default:
      return difference === 0
  }
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

/** The seconds of `1.5s` or `20ms`; undefined if it is invalid. */
export function durationSeconds(text: string): number | undefined {
  const match = DURATION.exec(text)
  return match ? Number(match[1]) * (SECONDS[match[2] ?? ''] ?? 1) : undefined
}
