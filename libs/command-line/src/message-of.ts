/**
 * The message of anything that was thrown. An error that only collects others, as a failed connection does, is
 * described by theirs.
 */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.message !== '') return error.message
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.map(messageOf).join('; ')
  return error.name
}
