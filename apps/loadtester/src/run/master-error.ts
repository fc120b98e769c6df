/** Why the master refuses a request. */
export type MasterErrorCode =
  | 'ERR_NO_WORKERS'
  | 'ERR_RUN_ACTIVE'
  | 'ERR_NO_RUN'
  | 'ERR_VALUE'
  | 'ERR_PREPARE_FAILED'
  | 'ERR_HOOK_FAILED'

/** A request that the master can't fulfil; the message says what to do. */
export class MasterError extends Error {
  readonly code: MasterErrorCode
  /** The field of the request at fault. */
  readonly field: string | undefined

  constructor(code: MasterErrorCode, message: string, field?: string) {
    super(message)
    this.code = code
    this.field = field
  }
}
