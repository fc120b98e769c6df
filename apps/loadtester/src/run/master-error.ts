/** Why a master does not do what it is asked for. */
export type MasterErrorCode =
  | 'NO_WORKERS'
  | 'RUN_ACTIVE'
  | 'NO_RUN'
  | 'BAD_VALUE'
  | 'PREPARE_FAILED'
  | 'HOOK_FAILED'
  | 'TARGET_NOT_ALLOWED'
  | 'BAD_SCRIPT'
  | 'UNREACHABLE'

/** A request to the master that can't be fulfilled; the message says what to do instead. */
export class MasterError extends Error {
  readonly code: MasterErrorCode
  /** The field of the request at fault, where one is. */
  readonly field: string | undefined

  constructor(code: MasterErrorCode, message: string, field?: string) {
    super(message)
    this.code = code
    this.field = field
  }
}
