import { parseDuration } from '../text/duration.ts'
import type { NumberLiteral } from './ast.ts'
import type { Token } from './token.ts'
import type { TokenStream } from './token-stream.ts'

/** Durations are nanoseconds in 64 bits in Prometheus. */
const MAX_SECONDS = 2 ** 63 / 1e9

/** Consumes the next token if it is a number or duration. */
export function acceptNumber(tokens: TokenStream): NumberLiteral | undefined {
  const token = tokens.peek()
  if (token.type !== 'number' && token.type !== 'duration') return undefined
  tokens.take()
  const isDuration = token.type === 'duration'
  const value = isDuration ? durationSeconds(tokens, token) : numberValue(tokens, token)
  return { kind: 'number', value, isDuration, range: { start: token.start, end: token.end } }
}

/** The literal with its sign. */
export function withSign(sign: Token, literal: NumberLiteral): NumberLiteral {
  const value = sign.value === '-' ? -literal.value : literal.value
  return { ...literal, value, range: { start: sign.start, end: literal.range.end } }
}

/** Consumes a number or duration, with or without a sign, if it comes next. */
export function acceptSignedNumber(tokens: TokenStream): NumberLiteral | undefined {
  const sign = tokens.accept('+') ?? tokens.accept('-')
  const literal = acceptNumber(tokens)
  if (sign === undefined) return literal
  return literal === undefined ? tokens.unexpected() : withSign(sign, literal)
}

/** Whether a number of seconds is out of the range of durations. */
export function isOutOfDurationRange(seconds: number): boolean {
  return Math.abs(seconds) > MAX_SECONDS
}

/** Seconds as milliseconds, rounded to nanoseconds. */
export function toMilliseconds(seconds: number): number {
  const nanoseconds = seconds * 1e9
  return (Math.sign(nanoseconds) * Math.round(Math.abs(nanoseconds))) / 1e6
}

function durationSeconds(tokens: TokenStream, token: Token): number {
  try {
    return parseDuration(token.text) / 1000
  } catch (error) {
    throw tokens.error(token, error instanceof Error ? error.message : String(error))
  }
}

/** As in Go, a leading zero means octal if the digits allow it. */
function numberValue(tokens: TokenStream, token: Token): number {
  const text = token.text.replaceAll('_', '').toLowerCase()
  if (text === 'inf') return Number.POSITIVE_INFINITY
  if (text === 'nan') return Number.NaN
  if (/^0[0-7]+$/.test(text)) return Number.parseInt(text, 8)
  const value = Number(text)
  if (Number.isFinite(value) && !(text.startsWith('0x') && value >= 2 ** 63)) return value
  const reason = Number.isNaN(value) || text.startsWith('0x') ? 'invalid syntax' : 'value out of range'
  throw tokens.error(
    token,
    `error parsing number: strconv.ParseFloat: parsing ${JSON.stringify(token.text)}: ${reason}`,
  )
}
