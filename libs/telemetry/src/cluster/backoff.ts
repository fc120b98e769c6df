/** The delays before a dead worker is replaced. */
export interface BackoffOptions {
  readonly firstMs?: number
  readonly maxMs?: number
  /** A worker that was ready for at least this long resets the delay. */
  readonly healthyAfterMs?: number
}

/** Exponential backoff: 100 ms, doubled with each consecutive death, up to 10 s. */
export class Backoff {
  readonly #firstMs: number
  readonly #maxMs: number
  readonly #healthyAfterMs: number
  #nextMs: number

  constructor(options: BackoffOptions = {}) {
    this.#firstMs = options.firstMs ?? 100
    this.#maxMs = options.maxMs ?? 10_000
    this.#healthyAfterMs = options.healthyAfterMs ?? 10_000
    this.#nextMs = this.#firstMs
  }

  /** The delay, in milliseconds, after the death of a worker that was ready for `readyMs` (0 if it never was). */
  afterDeath(readyMs: number): number {
    if (readyMs >= this.#healthyAfterMs) this.#nextMs = this.#firstMs
    const waitMs = this.#nextMs
    this.#nextMs = Math.min(this.#nextMs * 2, this.#maxMs)
    return waitMs
  }
}
