/** How often a worker says that its event loop turns, and how often its primary looks. */
export const PULSE_INTERVAL_MS = 1_000

/** After this time without a pulse a worker counts as unresponsive. */
const UNRESPONSIVE_AFTER_SECONDS = 5

/** What a look at the workers has found. */
export interface LivenessChanges {
  /** Workers that are unresponsive since this look. */
  readonly unresponsive: readonly number[]
  /** Workers that have been so for the whole timeout. */
  readonly stuck: readonly number[]
}

/**
 * Notices workers whose event loop stands still. Time is counted in looks of the primary, not by a clock: one that was suspended itself, with its whole pod
 * for example, blames no worker for it.
 */
export class Liveness {
  readonly #timeoutSeconds: number
  readonly #thresholdSeconds: number
  /** For each worker, the seconds since its latest pulse. */
  readonly #silentSeconds = new Map<number, number>()

  /** @param timeoutSeconds after how long a worker is stuck; 0: never */
  constructor(timeoutSeconds: number) {
    this.#timeoutSeconds = timeoutSeconds > 0 ? timeoutSeconds : Number.POSITIVE_INFINITY
    this.#thresholdSeconds = Math.min(UNRESPONSIVE_AFTER_SECONDS, this.#timeoutSeconds / 2)
  }

  /** The number of workers whose event loop stands still. */
  get unresponsiveCount(): number {
    return Array.from(this.#silentSeconds.values()).filter((seconds) => this.#isUnresponsive(seconds)).length
  }

  /**
   * A worker has sent something.
   *
   * @returns the seconds for which it was unresponsive; 0 if it was not
   */
  heard(workerId: number): number {
    const seconds = this.#silentSeconds.get(workerId) ?? 0
    this.#silentSeconds.delete(workerId)
    return this.#isUnresponsive(seconds) ? seconds : 0
  }

  /** A worker has ended, or is about to. */
  forget(workerId: number): void {
    this.#silentSeconds.delete(workerId)
  }

  /** Looks at the workers that are expected to have a pulse; call it once a second. */
  look(workerIds: readonly number[]): LivenessChanges {
    const unresponsive: number[] = []
    const stuck: number[] = []
    for (const id of workerIds) {
      const before = this.#silentSeconds.get(id) ?? 0
      const seconds = before + PULSE_INTERVAL_MS / 1000
      this.#silentSeconds.set(id, seconds)
      if (seconds >= this.#timeoutSeconds) stuck.push(id)
      else if (this.#isUnresponsive(seconds) && !this.#isUnresponsive(before)) unresponsive.push(id)
    }
    return { unresponsive, stuck }
  }

  #isUnresponsive(seconds: number): boolean {
    return seconds >= this.#thresholdSeconds && seconds > 0
  }
}
