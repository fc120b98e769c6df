/** What is wrong: the query for the times that it is asked at, something found while it ran, or too much time or samples. */
export type QueryErrorKind = 'query' | 'execution' | 'timeout' | 'tooManySamples'

/** A query that can't be answered; the message is Prometheus'. */
export class QueryError extends Error {
  override readonly name = 'QueryError'
  readonly code = 'ERR_PROMQL_QUERY'
  readonly kind: QueryErrorKind

  constructor(message: string, kind: QueryErrorKind = 'execution') {
    super(message)
    this.kind = kind
  }
}

/** Two series of a result have the same labels at the same time. */
export function sameLabelsError(): QueryError {
  return new QueryError('vector cannot contain metrics with the same labelset')
}
