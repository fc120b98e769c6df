import { positionText, type Range } from '../text/position.ts'

/** A query that is not valid PromQL; the message is Prometheus', with line and column. */
export class ParseError extends Error {
  override readonly name = 'ParseError'
  readonly code = 'ERR_PROMQL_PARSE'
  readonly range: Range
  /** The message without the position. */
  readonly reason: string

  constructor(query: string, range: Range, reason: string) {
    super(`${positionText(query, range)}: parse error: ${reason}`)
    this.range = range
    this.reason = reason
  }
}
