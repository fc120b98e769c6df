/** Exponential backoff with full jitter: before attempt n it waits a random time up to `min(maxMs, baseMs · 2ⁿ)`. */
export interface BackoffOptions {
  readonly baseMs: number
  readonly maxMs: number
  /** From 0 to 1. */
  readonly random?: () => number
}

/** How long to wait in milliseconds after `failures` failures in a row (1 and up). */
export function backoffMs(failures: number, { baseMs, maxMs, random = Math.random }: BackoffOptions): number {
  return random() * Math.min(maxMs, baseMs * 2 ** Math.min(failures - 1, 30))
}
