import type { Arrival, ArrivalSequence } from './arrivals.ts'

/** What {@link ArrivalScheduler} needs from outside. */
export interface SchedulerOptions {
  /** Milliseconds of the fleet's clock. */
  readonly now: () => number
  /** Begins a virtual user. `lagMs` says how late it begins. */
  readonly onArrival: (arrival: Arrival, dueMs: number, lagMs: number) => void
}

/**
 * At most so many arrivals are begun before sockets get their turn. Small, so that a schedule that is behind reuses connections as
 * answers come in, instead of opening one for each late arrival.
 */
const maximumBurst = 32
const longestSleepMs = 1000

interface Leg {
  readonly sequence: ArrivalSequence
  readonly startMs: number
  /** Arrivals due from here on belong to the next leg. */
  untilMs: number
}

/**
 * Begins arrivals at their absolute due times: sleeps until the next one, then begins everything that is due. A late
 * wake-up makes arrivals late, never fewer, and nothing spins in between.
 */
export class ArrivalScheduler {
  readonly #options: SchedulerOptions
  #legs: Leg[] = []
  #timer: NodeJS.Timeout | undefined
  #immediate: NodeJS.Immediate | undefined

  constructor(options: SchedulerOptions) {
    this.#options = options
  }

  /** Follows a sequence from `startMs` on the fleet's clock, its time 0; what was due before by the earlier one still begins. */
  follow(sequence: ArrivalSequence, startMs: number): void {
    this.#legs = this.#legs.filter((leg) => leg.startMs < startMs)
    for (const leg of this.#legs) leg.untilMs = Math.min(leg.untilMs, startMs)
    this.#legs.push({ sequence, startMs, untilMs: Number.POSITIVE_INFINITY })
    this.#wake()
  }

  /** Begins no more arrivals. */
  stop(): void {
    this.#sleepNoMore()
    this.#legs = []
  }

  #wake(): void {
    this.#sleepNoMore()
    this.#run()
  }

  #sleepNoMore(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#immediate)
  }

  readonly #run = (): void => {
    const nowMs = this.#options.now()
    for (let begun = 0; begun < maximumBurst; ) {
      const leg = this.#legs[0]
      if (leg === undefined) return
      const arrival = leg.sequence.peek()
      const dueMs = arrival === undefined ? Number.POSITIVE_INFINITY : leg.startMs + arrival.dueSeconds * 1000
      if (arrival === undefined || dueMs >= leg.untilMs) {
        this.#legs.shift()
        continue
      }
      if (dueMs > nowMs) {
        this.#timer = setTimeout(this.#run, Math.min(longestSleepMs, Math.max(1, dueMs - nowMs)))
        return
      }
      leg.sequence.advance()
      begun++
      this.#options.onArrival(arrival, dueMs, nowMs - dueMs)
    }
    this.#immediate = setImmediate(this.#run)
  }
}
