/** Thrown if the data directory can't be used. */
export class PersistenceError extends Error {
  override readonly name = 'PersistenceError'
  readonly code = 'ERR_PERSISTENCE'
  readonly exitCode = 2
}

/** Whether an error is a Node error with this code, such as `ENOENT`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
