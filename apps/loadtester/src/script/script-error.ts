/** A script that can't be used. The message names the field, the value and what is allowed; a process that starts with it exits with 2. */
export class ScriptError extends Error {
  readonly code = 'ERR_SCRIPT'
  readonly exitCode = 2
  /** The field at fault, such as `config.phases[0].arrivalRate`. */
  readonly field: string | undefined

  constructor(message: string, options: { readonly field?: string | undefined; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.field = options.field
  }

  /** An error about one field, whose message starts with the field's name. */
  static at(field: string, problem: string, cause?: unknown): ScriptError {
    return new ScriptError(`${field} ${problem}`, { field, cause })
  }
}
