/** The data directory can't be used. */
export class PersistenceError extends Error {
  override readonly name = 'PersistenceError'
  readonly code = 'ERR_PERSISTENCE'
  readonly exitCode = 2
}
