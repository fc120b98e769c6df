/** Milliseconds since the epoch by this process's monotonic clock; never steps back. */
export function localNow(): number {
  return performance.timeOrigin + performance.now()
}

/**
 * A worker's estimate of the master's clock, which is the fleet's: from pings, by Cristian's algorithm. The answer with
 * the shortest way is the best one; its error is at most half of that way.
 */
export class FleetClock {
  #offsetMs = 0
  #bestRoundTripMs = Number.POSITIVE_INFINITY

  /** Milliseconds on the fleet's clock. */
  now(): number {
    return localNow() + this.#offsetMs
  }

  get offsetMs(): number {
    return this.#offsetMs
  }

  /** Takes a ping's answer into account: sent and received on the local clock, answered on the master's. */
  addAnswer(answer: { readonly sentMs: number; readonly masterMs: number; readonly receivedMs: number }): void {
    const roundTripMs = answer.receivedMs - answer.sentMs
    if (roundTripMs < 0) return
    // Clocks drift apart: the best answer so far counts a little less with each one.
    this.#bestRoundTripMs *= 1.02
    if (roundTripMs > this.#bestRoundTripMs) return
    this.#bestRoundTripMs = roundTripMs
    this.#offsetMs = answer.masterMs - (answer.sentMs + answer.receivedMs) / 2
  }

  /** Forgets what is known: another master may have another clock. */
  reset(): void {
    this.#bestRoundTripMs = Number.POSITIVE_INFINITY
  }
}
