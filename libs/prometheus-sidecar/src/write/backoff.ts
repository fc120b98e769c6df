/** Exponential backoff with full jitter: the wait after n failures is random, up to `min(maxMs, baseMs · 2ⁿ⁻¹)`. */
export interface BackoffOptions {
  readonly baseMs: number
  readonly maxMs: number
  /** From 0 to 1. */
  readonly random?: () => number
}

/** The wait after `failures` consecutive failures (1 or more). */
export function backoffMs(failures: number, { baseMs, maxMs, random = Math.random }: BackoffOptions): number {
  return random() * Math.min(maxMs, baseMs * 2 ** Math.min(failures - 1, 30))
}
