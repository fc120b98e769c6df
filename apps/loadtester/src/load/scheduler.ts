import type { Arrival, ArrivalSequence } from './arrivals.ts'

/** What {@link ArrivalScheduler} needs from outside. */
export interface SchedulerOptions {
  /** Milliseconds of the fleet's clock. */
  readonly now: () => number
  /** Begins a virtual user. `lagMs` says how late it begins. */
  readonly onArrival: (arrival: Arrival, dueMs: number, lagMs: number) => void
  /** No more arrivals will come from this sequence. */
  readonly onEnd: () => void
}

/** At most so many arrivals are begun before sockets get their turn. */
const maximumBurst = 256
const longestSleepMs = 1000

/**
 * Begins arrivals at their absolute due times: sleeps until the next one, then begins everything that is due. A late
 * wake-up makes arrivals late, never fewer, and nothing spins in between.
 */
export class ArrivalScheduler {
  readonly #options: SchedulerOptions
  #sequence: ArrivalSequence | undefined
  #startMs = 0
  #timer: NodeJS.Timeout | undefined
  #immediate: NodeJS.Immediate | undefined

  constructor(options: SchedulerOptions) {
    this.#options = options
  }

  /** Follows a sequence from now on instead of the one before; `startMs` is its time 0 on the fleet's clock. */
  follow(sequence: ArrivalSequence, startMs: number): void {
    this.stop()
    this.#sequence = sequence
    this.#startMs = startMs
    this.#run()
  }

  /** Begins no more arrivals. */
  stop(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#immediate)
    this.#sequence = undefined
  }

  readonly #run = (): void => {
    const sequence = this.#sequence
    if (sequence === undefined) return
    const nowMs = this.#options.now()
    for (let begun = 0; begun < maximumBurst; begun++) {
      const arrival = sequence.peek()
      if (arrival === undefined) {
        this.#sequence = undefined
        this.#endAt(sequence)
        return
      }
      const dueMs = this.#startMs + arrival.dueSeconds * 1000
      if (dueMs > nowMs) {
        this.#timer = setTimeout(this.#run, Math.min(longestSleepMs, Math.max(1, dueMs - nowMs)))
        return
      }
      sequence.advance()
      this.#options.onArrival(arrival, dueMs, nowMs - dueMs)
      if (this.#sequence !== sequence) return
    }
    this.#immediate = setImmediate(this.#run)
  }

  /** The load ends with its profile, not with its last arrival. */
  #endAt(sequence: ArrivalSequence): void {
    const { durationSeconds } = sequence.profile
    if (durationSeconds === Number.POSITIVE_INFINITY) return
    const restMs = this.#startMs + durationSeconds * 1000 - this.#options.now()
    this.#timer = setTimeout(() => this.#finish(restMs > longestSleepMs ? sequence : undefined), clampSleep(restMs))
  }

  #finish(again: ArrivalSequence | undefined): void {
    if (again !== undefined) this.#endAt(again)
    else this.#options.onEnd()
  }
}

function clampSleep(ms: number): number {
  return Math.min(longestSleepMs, Math.max(0, ms))
}
