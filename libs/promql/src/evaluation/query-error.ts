/**
 * The cause: the query is invalid for its time range, its execution failed, it timed out, or it loaded too many
 * samples.
 */
export type QueryErrorKind = 'query' | 'execution' | 'timeout' | 'tooManySamples'

/** A query that can't be evaluated; the message is Prometheus'. */
export class QueryError extends Error {
  override readonly name = 'QueryError'
  readonly code = 'ERR_PROMQL_QUERY'
  readonly kind: QueryErrorKind

  constructor(message: string, kind: QueryErrorKind = 'execution') {
    super(message)
    this.kind = kind
  }
}

/** The error for two series of a result with the same labels at the same time. */
export function sameLabelsError(): QueryError {
  return new QueryError('vector cannot contain metrics with the same labelset')
}
