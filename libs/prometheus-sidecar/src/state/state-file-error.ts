/** The state can't be stored, because the disk is full, read-only, or gone. */
export class StateFileError extends Error {
  readonly code = 'ERR_STATE_FILE'
  readonly exitCode = 2
  /** Whether another process has put its own file in its place. */
  readonly isReplaced: boolean

  constructor(message: string, options: ErrorOptions & { readonly isReplaced?: boolean } = {}) {
    super(message, options)
    this.name = 'StateFileError'
    this.isReplaced = options.isReplaced ?? false
  }
}

/** Whether an error is a system error with this code. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
