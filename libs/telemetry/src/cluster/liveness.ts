/** How often a worker reports that its event loop is running, and how often its primary checks. */
export const PULSE_INTERVAL_MS = 1_000

/** After this time without a pulse a worker counts as unresponsive. */
const UNRESPONSIVE_AFTER_SECONDS = 5

/** The result of a check. */
export interface LivenessChanges {
  /** Workers that have become unresponsive since the last check. */
  readonly unresponsive: readonly number[]
  /** Workers that have been unresponsive for the whole timeout. */
  readonly stuck: readonly number[]
}

/**
 * Detects workers whose event loop is blocked. Time is counted in checks by the primary, not by a clock: if the primary
 * itself was suspended, for example with its whole pod, no worker is blamed for it.
 */
export class Liveness {
  readonly #timeoutSeconds: number
  readonly #thresholdSeconds: number
  /** For each worker, the seconds since its last pulse. */
  readonly #silentSeconds = new Map<number, number>()

  /** @param timeoutSeconds after how long a worker counts as stuck; 0: never */
  constructor(timeoutSeconds: number) {
    this.#timeoutSeconds = timeoutSeconds > 0 ? timeoutSeconds : Number.POSITIVE_INFINITY
    this.#thresholdSeconds = Math.min(UNRESPONSIVE_AFTER_SECONDS, this.#timeoutSeconds / 2)
  }

  /** The number of workers whose event loop is blocked. */
  get unresponsiveCount(): number {
    return Array.from(this.#silentSeconds.values()).filter((seconds) => this.#isUnresponsive(seconds)).length
  }

  /**
   * Call it when a worker has sent anything.
   *
   * @returns how many seconds it was unresponsive; 0 if it was not
   */
  recordPulse(workerId: number): number {
    const seconds = this.#silentSeconds.get(workerId) ?? 0
    this.#silentSeconds.delete(workerId)
    return this.#isUnresponsive(seconds) ? seconds : 0
  }

  /** Call it when a worker has exited, or is about to. */
  forget(workerId: number): void {
    this.#silentSeconds.delete(workerId)
  }

  /** Checks the workers that should have a pulse; call it once a second. */
  check(workerIds: readonly number[]): LivenessChanges {
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
