import type { Arrival, ArrivalSequence } from './arrivals.ts'

export interface SchedulerOptions {
  /** The fleet's clock, in ms. */
  readonly now: () => number
  /** Starts a virtual user, `lagMs` after it was due. */
  readonly onArrival: (arrival: Arrival, dueMs: number, lagMs: number) => void
}

/**
 * How many arrivals start before sockets get their turn. Kept small so that a scheduler that is behind reuses
 * connections as responses come in, instead of opening one for each late arrival.
 */
const MAXIMUM_BURST = 32
const MAXIMUM_SLEEP_MS = 1000

interface Leg {
  readonly sequence: ArrivalSequence
  readonly startMs: number
  /** Arrivals due from here on belong to the next leg. */
  untilMs: number
}

/**
 * Starts arrivals at their absolute due times: sleeps until the next one, then starts everything that is due. A late
 * wake-up delays arrivals but never drops any, and nothing spins in between.
 */
export class ArrivalScheduler {
  readonly #options: SchedulerOptions
  #legs: Leg[] = []
  #timer: NodeJS.Timeout | undefined
  #immediate: NodeJS.Immediate | undefined

  constructor(options: SchedulerOptions) {
    this.#options = options
  }

  /** Follows a sequence whose time 0 is `startMs`. Arrivals of the previous sequence that were due before still start. */
  follow(sequence: ArrivalSequence, startMs: number): void {
    this.#legs = this.#legs.filter((leg) => leg.startMs < startMs)
    for (const leg of this.#legs) leg.untilMs = Math.min(leg.untilMs, startMs)
    this.#legs.push({ sequence, startMs, untilMs: Number.POSITIVE_INFINITY })
    this.#cancelTimers()
    this.#run()
  }

  /** Starts no further arrivals. */
  stop(): void {
    this.#cancelTimers()
    this.#legs = []
  }

  #cancelTimers(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#immediate)
  }

  readonly #run = (): void => {
    const nowMs = this.#options.now()
    for (let started = 0; started < MAXIMUM_BURST; ) {
      const leg = this.#legs[0]
      if (leg === undefined) return
      const arrival = leg.sequence.peek()
      const dueMs = arrival === undefined ? Number.POSITIVE_INFINITY : leg.startMs + arrival.dueSeconds * 1000
      if (arrival === undefined || dueMs >= leg.untilMs) {
        this.#legs.shift()
        continue
      }
      if (dueMs > nowMs) {
        this.#timer = setTimeout(this.#run, Math.min(MAXIMUM_SLEEP_MS, Math.max(1, dueMs - nowMs)))
        return
      }
      leg.sequence.advance()
      started++
      this.#options.onArrival(arrival, dueMs, nowMs - dueMs)
    }
    this.#immediate = setImmediate(this.#run)
  }
}
