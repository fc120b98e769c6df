/** An error in a query, and the part of the query that it refers to. */
export interface PlacedError {
  readonly message: string
  readonly before: string
  /** Empty if the error has no position. */
  readonly part: string
  readonly after: string
}

/** Parses a Prometheus error such as `1:6: parse error: …`, with line and column from 1. */
export function placedError(query: string, error: string): PlacedError {
  const message = error.replace(/^(?:prometheusQuery: |invalid parameter "query": )/, '')
  const match = /^(\d+):(\d+): /.exec(message)
  if (match === null) return { message, before: '', part: '', after: '' }
  const lines = query.split('\n')
  const line = Number(match[1]) - 1
  const start = lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0) + Number(match[2]) - 1
  const part = /^(?:[\w:.]+|"[^"]*"|\s*\S)/.exec(query.slice(start))?.[0] ?? query.slice(start, start + 1)
  return { message, before: query.slice(0, start), part: part || '⏎', after: query.slice(start + part.length) }
}
