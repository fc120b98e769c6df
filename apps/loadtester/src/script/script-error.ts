/** A script that can't be used; a process that starts with it exits with 2. The message names the field, the value and what is allowed. */
export class ScriptError extends Error {
  readonly code = 'BAD_SCRIPT'
  readonly exitCode = 2
  /** The field at fault, such as `config.phases[0].arrivalRate`, where one is. */
  readonly field: string | undefined

  constructor(message: string, options: { field?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.field = options.field
  }
}
