const DEFAULT_DURATION_MS = 120_000

/** How long a worker continues its load without a master. */
export class Lease {
  /** The master sets it. */
  durationMs = DEFAULT_DURATION_MS
  #timer: NodeJS.Timeout | undefined

  /** Starts when the master is gone. */
  start(onExpired: () => void): void {
    this.end()
    this.#timer = setTimeout(onExpired, this.durationMs).unref()
  }

  end(): void {
    clearTimeout(this.#timer)
  }
}
