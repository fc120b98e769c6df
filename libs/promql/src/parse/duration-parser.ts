import type { DurationExpression, DurationOperand, DurationOperator, NumberLiteral } from './ast.ts'
import { rangeOf } from './ast.ts'
import { acceptNumber, isOutOfDurationRange, withSign } from './number-literal.ts'
import type { Token } from './token.ts'
import type { TokenStream } from './token-stream.ts'

const PRECEDENCE: ReadonlyMap<string, number> = new Map([
  ['+', 1],
  ['-', 1],
  ['*', 2],
  ['/', 2],
  ['%', 2],
  ['^', 3],
])
const UNARY_PRECEDENCE = 2

/** Parses the duration of a range or step, which must be positive if its value is already known. */
export function parsePositiveDuration(tokens: TokenStream): DurationOperand {
  const duration = parseDurationExpression(tokens, 0)
  if (duration.kind === 'number' && !(duration.value > 0)) {
    throw tokens.error(duration.range, 'duration must be greater than 0')
  }
  return duration
}

/**
 * Parses the duration after `offset`. An operator after it applies to the vector, not to the duration: `x offset 5m *
 * 2` doubles x. Only after parentheses without a sign does it apply to the duration, as in Prometheus.
 */
export function parseOffset(tokens: TokenStream): DurationOperand {
  if (tokens.at('(')) return parseDurationExpression(tokens, 0)
  const sign = acceptSign(tokens)
  const operand = parsePrimary(tokens)
  return sign === undefined ? operand : applySign(tokens, sign, operand)
}

function acceptSign(tokens: TokenStream): Token | undefined {
  return tokens.accept('+') ?? tokens.accept('-')
}

function parseDurationExpression(tokens: TokenStream, minimum: number): DurationOperand {
  return tokens.nested(() => parseOperands(tokens, minimum))
}

function parseOperands(tokens: TokenStream, minimum: number): DurationOperand {
  let left = parseUnary(tokens)
  for (;;) {
    const operator = tokens.peek()
    const precedence = operator.type === 'operator' ? PRECEDENCE.get(operator.value) : undefined
    if (precedence === undefined || precedence <= minimum) return left
    tokens.takeDurationOperator()
    const right = parseDurationExpression(tokens, operator.value === '^' ? precedence - 1 : precedence)
    left = combine(tokens, operator, left, right)
  }
}

function parseUnary(tokens: TokenStream): DurationOperand {
  const sign = acceptSign(tokens)
  if (sign === undefined) return parsePrimary(tokens)
  return applySign(tokens, sign, parseDurationExpression(tokens, UNARY_PRECEDENCE))
}

function parsePrimary(tokens: TokenStream): DurationOperand {
  const literal = acceptNumber(tokens)
  if (literal !== undefined) return inRange(tokens, literal, literal)
  const open = tokens.accept('(')
  if (open !== undefined) {
    const inner = parseDurationExpression(tokens, 0)
    return wrapped(inner, open.start, tokens.expect(')').end)
  }
  const word = tokens.peek()
  if (word.type !== 'preprocessor' || word.value === 'start' || word.value === 'end') return tokens.unexpected()
  return parseCall(tokens, tokens.take())
}

function parseCall(tokens: TokenStream, word: Token): DurationExpression {
  const operator = word.value === 'step' || word.value === 'range' ? word.value : undefined
  tokens.expect('(')
  if (operator !== undefined) {
    const { end } = tokens.expect(')')
    return { kind: 'duration', operator, wrapped: false, range: { start: word.start, end } }
  }
  const left = parseDurationExpression(tokens, 0)
  tokens.expect(',')
  const right = parseDurationExpression(tokens, 0)
  const { end } = tokens.expect(')')
  const choice = word.value === 'min_of' ? 'min_of' : 'max_of'
  return { kind: 'duration', operator: choice, left, right, wrapped: false, range: { start: word.start, end } }
}

function combine(tokens: TokenStream, token: Token, left: DurationOperand, right: DurationOperand): DurationOperand {
  const isZero = right.kind === 'number' && right.value === 0
  if (isZero && token.value === '/') throw tokens.error(token, 'division by zero')
  if (isZero && token.value === '%') throw tokens.error(token, 'modulo by zero')
  const range = { start: rangeOf(left).start, end: rangeOf(right).end }
  return { kind: 'duration', operator: operatorOf(token), left, right, wrapped: false, range }
}

function operatorOf({ value }: Token): DurationOperator {
  if (value === '-' || value === '*' || value === '/' || value === '%' || value === '^') return value
  return '+'
}

function applySign(tokens: TokenStream, sign: Token, operand: DurationOperand): DurationOperand {
  if (operand.kind === 'number') return inRange(tokens, withSign(sign, operand), sign)
  if (sign.value === '+') return operand
  const range = { start: sign.start, end: operand.range.end }
  return { kind: 'duration', operator: '-', right: operand, wrapped: false, range }
}

function wrapped(inner: DurationOperand, start: number, end: number): DurationExpression {
  if (inner.kind === 'duration') return { ...inner, wrapped: true }
  return { kind: 'duration', operator: '+', right: inner, wrapped: true, range: { start, end } }
}

function inRange(tokens: TokenStream, literal: NumberLiteral, blamed: NumberLiteral | Token): NumberLiteral {
  if (!isOutOfDurationRange(literal.value)) return literal
  throw tokens.error('kind' in blamed ? blamed.range : blamed, 'duration out of range')
}
