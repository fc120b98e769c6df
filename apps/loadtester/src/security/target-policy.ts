/** A target that no load may be sent to. */
export class TargetNotAllowedError extends Error {
  readonly code = 'ERR_TARGET_NOT_ALLOWED'
  readonly field = 'target'
}

/**
 * Restricts targets to a list of origins.
 *
 * @returns a check that throws TargetNotAllowedError for any other origin.
 */
export function createTargetPolicy(allowed: readonly string[]): (target: string) => void {
  const origins = new Set(allowed.map((target) => new URL(target).origin))
  return (target) => {
    const origin = URL.canParse(target) ? new URL(target).origin : undefined
    if (origin === undefined || !origins.has(origin)) {
      throw new TargetNotAllowedError(
        `target ${JSON.stringify(target)} is not allowed; allowed targets: ${[...origins].join(', ')} (TARGET_HOST and LOAD_ALLOWED_TARGETS)`,
      )
    }
  }
}
