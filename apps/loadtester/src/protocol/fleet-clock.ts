/** Milliseconds since the epoch on this process's monotonic clock, which never steps back. */
export function localNow(): number {
  return performance.timeOrigin + performance.now()
}

/**
 * A worker's estimate of the fleet's clock, which is the master's, by Cristian's algorithm: of all answers to pings, the
 * one with the shortest round trip is the most accurate; its error is at most half of that round trip.
 */
export class FleetClock {
  #offsetMs = 0
  #bestRoundTripMs = Number.POSITIVE_INFINITY

  now(): number {
    return localNow() + this.#offsetMs
  }

  /** What to add to {@link localNow}. */
  get offsetMs(): number {
    return this.#offsetMs
  }

  /** `sentMs` and `receivedMs` are times on the local clock, `masterMs` is one on the master's. */
  addAnswer(answer: { readonly sentMs: number; readonly masterMs: number; readonly receivedMs: number }): void {
    const roundTripMs = answer.receivedMs - answer.sentMs
    if (roundTripMs < 0) return
    // Clocks drift, so an older answer is trusted a little less with each new one.
    this.#bestRoundTripMs *= 1.02
    if (roundTripMs > this.#bestRoundTripMs) return
    this.#bestRoundTripMs = roundTripMs
    this.#offsetMs = answer.masterMs - (answer.sentMs + answer.receivedMs) / 2
  }

  /** Starts over, because another master may have another clock. */
  reset(): void {
    this.#bestRoundTripMs = Number.POSITIVE_INFINITY
  }
}
