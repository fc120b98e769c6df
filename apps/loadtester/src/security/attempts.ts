const MAX_FAILURES = 20
const FAILURE_WINDOW_MS = 10_000

/** Counts wrong tokens over every way in. After too many of them, further ones are answered with 429 for a while. */
export class Attempts {
  #failures = 0
  #windowStart = 0

  /** Counts a wrong token; says whether there have been too many. */
  fail(): boolean {
    const now = performance.now()
    if (now - this.#windowStart > FAILURE_WINDOW_MS) {
      this.#windowStart = now
      this.#failures = 0
    }
    this.#failures++
    return this.#failures > MAX_FAILURES
  }
}
