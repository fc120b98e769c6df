/** Why the state can't be kept: the disk is full, read-only, or gone. */
export class StateFileError extends Error {
  readonly code = 'state-file'
  readonly exitCode = 1

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StateFileError'
  }
}

/** Whether an error is the system's of this code. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

/** An error in words. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
