import type { DurationOperand, Expression, MatrixSelector, Subquery, TimeShift, VectorSelector } from './ast.ts'
import { rangeOf } from './ast.ts'
import { parseOffset, parsePositiveDuration } from './duration-parser.ts'
import { acceptSignedNumber, toMilliseconds } from './number-literal.ts'
import type { TokenStream } from './token-stream.ts'

const OFFSET_WANTED = 'number, duration, step(), or range()'
const SELECTORS = 'an instant vector selector or range vector selector or a subquery'

/**
 * Parses everything that can follow an expression and binds more tightly than any operator: a range, `offset`, `@` and
 * so on.
 */
export function parsePostfix(tokens: TokenStream, expression: Expression): Expression {
  const next = (read: (tokens: TokenStream, expression: Expression) => Expression) =>
    tokens.nested(() => parsePostfix(tokens, read(tokens, expression)))
  if (tokens.at('[')) return next(parseBrackets)
  if (tokens.at('offset')) return next(parseOffsetOf)
  if (tokens.at('@')) return next(parseAt)
  if (tokens.at('anchored') || tokens.at('smoothed')) return next(parseExtension)
  return expression
}

function parseBrackets(tokens: TokenStream, expression: Expression): MatrixSelector | Subquery {
  const open = tokens.take()
  const duration = tokens.within('subquery or range selector', OFFSET_WANTED, () => parsePositiveDuration(tokens))
  const range = durationParts(duration)
  if (tokens.accept(':') !== undefined) return parseSubqueryStep(tokens, expression, range)
  const close = tokens.accept(']') ?? tokens.unexpectedIn('subquery or range', '":" or "]"')
  const problem = rangeProblem(expression)
  if (expression.kind !== 'vectorSelector' || problem !== undefined) {
    throw tokens.error({ start: open.start, end: close.end }, problem ?? 'ranges only allowed for vector selectors')
  }
  const { milliseconds, durationExpression } = range
  const withExpression = durationExpression && { durationExpression }
  return { kind: 'matrixSelector', selector: expression, duration: milliseconds, ...withExpression, end: close.end }
}

function rangeProblem(expression: Expression): string | undefined {
  if (expression.kind !== 'vectorSelector') return 'ranges only allowed for vector selectors'
  if (hasOffset(expression)) return 'no offset modifiers allowed before range'
  return hasAt(expression) ? 'no @ modifiers allowed before range' : undefined
}

function parseSubqueryStep(
  tokens: TokenStream,
  expression: Expression,
  { milliseconds, durationExpression }: DurationParts,
): Subquery {
  const range = { duration: milliseconds, ...(durationExpression && { durationExpression }) }
  const close = tokens.accept(']')
  if (close !== undefined) return { kind: 'subquery', expression, ...range, step: 0, offset: 0, end: close.end }
  const step = tokens.within('subquery selector', `${OFFSET_WANTED.replace(' or range()', ' range()')}, or "]"`, () =>
    durationParts(parsePositiveDuration(tokens)),
  )
  const end = tokens.accept(']')?.end ?? tokens.unexpectedIn('subquery selector', '"]"')
  const stepExpression = step.durationExpression
  const withStep = { step: step.milliseconds, ...(stepExpression && { stepExpression }) }
  return { kind: 'subquery', expression, ...range, ...withStep, offset: 0, end }
}

interface DurationParts {
  readonly milliseconds: number
  readonly durationExpression?: Extract<DurationOperand, { kind: 'duration' }>
}

function durationParts(duration: DurationOperand): DurationParts {
  return duration.kind === 'number'
    ? { milliseconds: toMilliseconds(duration.value) }
    : { milliseconds: 0, durationExpression: duration }
}

/** The expressions that `offset` and `@` can follow. */
function shifted(
  expression: Expression,
  shift: Partial<TimeShift>,
  end: number,
): VectorSelector | MatrixSelector | Subquery | undefined {
  switch (expression.kind) {
    case 'vectorSelector':
      return { ...expression, ...shift, range: { start: expression.range.start, end } }
    case 'matrixSelector':
      return { ...expression, selector: { ...expression.selector, ...shift }, end }
    case 'subquery':
      return { ...expression, ...shift, end }
    default:
      return undefined
  }
}

function shiftOf(expression: Expression): TimeShift {
  if (expression.kind === 'matrixSelector') return expression.selector
  return expression.kind === 'vectorSelector' || expression.kind === 'subquery' ? expression : { offset: 0 }
}

function hasOffset({ offset, offsetExpression }: TimeShift): boolean {
  return offset !== 0 || offsetExpression !== undefined
}

function hasAt({ at, atBoundary }: TimeShift): boolean {
  return at !== undefined || atBoundary !== undefined
}

function parseOffsetOf(tokens: TokenStream, expression: Expression): Expression {
  tokens.take()
  const duration = tokens.within('offset', OFFSET_WANTED, () => parseOffset(tokens))
  const { milliseconds, durationExpression } = durationParts(duration)
  const shift = durationExpression ? { offsetExpression: durationExpression } : { offset: milliseconds }
  const result = shifted(expression, shift, rangeOf(duration).end)
  if (result === undefined) {
    throw tokens.error(rangeOf(expression), `offset modifier must be preceded by ${SELECTORS}`)
  }
  if (hasOffset(shiftOf(expression))) throw tokens.error(rangeOf(expression), 'offset may not be set multiple times')
  return result
}

function parseAt(tokens: TokenStream, expression: Expression): Expression {
  tokens.take()
  return tokens.within('@', 'timestamp', () => {
    const word = tokens.accept('start') ?? tokens.accept('end')
    if (word !== undefined) {
      tokens.expect('(')
      const { end } = tokens.expect(')')
      return withAt(tokens, expression, { atBoundary: word.value === 'start' ? 'start' : 'end' }, end)
    }
    const literal = acceptSignedNumber(tokens) ?? tokens.unexpected()
    const seconds = literal.value
    if (!(Math.abs(seconds) < 2 ** 63)) {
      const shown = Number.isFinite(seconds) ? seconds.toFixed(6) : Number.isNaN(seconds) ? 'NaN' : infinity(seconds)
      throw tokens.error(rangeOf(expression), `timestamp out of bounds for @ modifier: ${shown}`)
    }
    return withAt(tokens, expression, { at: Math.round(seconds * 1000) }, literal.range.end)
  })
}

function infinity(value: number): string {
  return value > 0 ? '+Inf' : '-Inf'
}

function withAt(tokens: TokenStream, expression: Expression, shift: Partial<TimeShift>, end: number): Expression {
  const result = shifted(expression, shift, end)
  if (result === undefined) throw tokens.error(rangeOf(expression), `@ modifier must be preceded by ${SELECTORS}`)
  if (hasAt(shiftOf(expression))) throw tokens.error(rangeOf(expression), '@ <timestamp> may not be set multiple times')
  return result
}

function parseExtension(tokens: TokenStream, expression: Expression): Expression {
  const extension = tokens.take().value === 'anchored' ? 'anchored' : 'smoothed'
  const range = rangeOf(expression)
  if (expression.kind === 'subquery') {
    throw tokens.error(range, `${extension} modifier is not supported for subqueries`)
  }
  if (expression.kind !== 'vectorSelector' && expression.kind !== 'matrixSelector') {
    throw tokens.error(range, `${extension} modifier not implemented`)
  }
  const selector = expression.kind === 'matrixSelector' ? expression.selector : expression
  if (selector.extension !== undefined && selector.extension !== extension) {
    throw tokens.error(range, 'anchored and smoothed modifiers cannot be used together')
  }
  return expression.kind === 'matrixSelector'
    ? { ...expression, selector: { ...selector, extension } }
    : { ...selector, extension }
}
