/** How long to wait before a dead worker is replaced. */
export interface BackoffOptions {
  readonly firstMs?: number
  readonly maxMs?: number
  /** A worker that lived at least this long ends the row of deaths. */
  readonly healthyAfterMs?: number
}

/** Waits that double with each death in a row: 100 ms, 200 ms … up to 10 s. */
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

  /** The wait, in milliseconds, after the death of a worker that was ready for `readyMs` (0: never). */
  afterDeath(readyMs: number): number {
    if (readyMs >= this.#healthyAfterMs) this.#nextMs = this.#firstMs
    const waitMs = this.#nextMs
    this.#nextMs = Math.min(this.#nextMs * 2, this.#maxMs)
    return waitMs
  }
}
