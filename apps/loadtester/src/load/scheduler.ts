import type { Arrival, ArrivalSequence } from './arrivals.ts'
import { SUSPENDED_MS } from './suspension.ts'

export interface SchedulerOptions {
  /** The fleet's clock, in ms. */
  readonly now: () => number
  /** Starts a virtual user, `lagMs` after it was due. */
  readonly onArrival: (arrival: Arrival, dueMs: number, lagMs: number) => void
  /**
   * This process has been suspended or blocked for so long that others may have taken its share over. Nothing starts
   * until {@link ArrivalScheduler.resume}, or until a sequence that begins later.
   */
  readonly onSuspended?: () => void
}

/**
 * How many arrivals start before sockets get their turn. Kept small so that a scheduler that is behind reuses
 * connections as responses come in, instead of opening one for each late arrival.
 */
const MAX_BURST = 32
const MAX_SLEEP_MS = 1000
/** How many arrivals that are due start when the scheduler is stopped. */
const MAX_LAST_BURST = 1000

interface Leg {
  readonly sequence: ArrivalSequence
  readonly startMs: number
  /** Arrivals due from here on belong to the next leg. */
  untilMs: number
}

/**
 * Starts arrivals at their absolute due times: sleeps until the next one, then starts everything that is due. A late
 * wake-up delays arrivals but drops none, unless it was so late that others may have made them; nothing spins in between.
 */
export class ArrivalScheduler {
  readonly #options: SchedulerOptions
  #legs: Leg[] = []
  /** When the next wake-up is due. */
  #wakeMs = Number.POSITIVE_INFINITY
  /** Nothing that is due here or later starts. */
  #fenceMs = Number.POSITIVE_INFINITY
  /** The same for as long as it is not known whether a master has given this worker's share to others. */
  #waitFromMs = Number.POSITIVE_INFINITY
  /** Set after a suspension: when it ended. */
  #heldSinceMs: number | undefined
  #timer: NodeJS.Timeout | undefined
  #immediate: NodeJS.Immediate | undefined

  constructor(options: SchedulerOptions) {
    this.#options = options
  }

  /** Follows a sequence whose time 0 is `startMs`. Arrivals of the previous sequence that were due before still start. */
  follow(sequence: ArrivalSequence, startMs: number): void {
    const nowMs = this.#options.now()
    if (this.#heldSinceMs === undefined && nowMs - this.#wakeMs > SUSPENDED_MS) this.#hold(nowMs)
    this.#legs = this.#legs.filter((leg) => leg.startMs < startMs)
    for (const leg of this.#legs) leg.untilMs = Math.min(leg.untilMs, startMs)
    if (this.#heldSinceMs !== undefined && startMs > this.#heldSinceMs) {
      // Arrivals due before the new sequence begins may belong to another worker.
      this.#heldSinceMs = undefined
      this.#legs = []
    }
    this.#legs.push({ sequence, startMs, untilMs: Number.POSITIVE_INFINITY })
    this.#fenceMs = Number.POSITIVE_INFINITY
    this.#waitFromMs = Number.POSITIVE_INFINITY
    if (this.#heldSinceMs !== undefined) this.#skipUntil(this.#heldSinceMs)
    this.#cancelTimers()
    this.#run()
  }

  /**
   * Starts nothing that is due at a moment or later, until the next sequence or {@link unfence}: others may get it.
   *
   * @returns that moment, or if it has passed, the first one that has not.
   */
  fence(startMs: number): number {
    const nowMs = this.#options.now()
    if (this.#heldSinceMs === undefined && nowMs - this.#wakeMs > SUSPENDED_MS) this.#hold(nowMs)
    this.#fenceMs = Math.max(startMs, nowMs + 1)
    return this.#fenceMs
  }

  /** Continues with the sequence as it was. */
  unfence(): void {
    if (this.#fenceMs === Number.POSITIVE_INFINITY) return
    this.#fenceMs = Number.POSITIVE_INFINITY
    this.#cancelTimers()
    this.#run()
  }

  /** Starts nothing more until the next sequence or {@link goOn}, because others may have this worker's share. */
  wait(): void {
    this.#waitFromMs = Math.min(this.#waitFromMs, this.#options.now())
  }

  /** No other worker has this worker's share. What has been overdue for long is dropped. */
  goOn(): void {
    const sinceMs = this.#waitFromMs
    if (sinceMs === Number.POSITIVE_INFINITY) return
    this.#waitFromMs = Number.POSITIVE_INFINITY
    const nowMs = this.#options.now()
    if (nowMs - sinceMs > SUSPENDED_MS) this.#skipUntil(nowMs)
    this.#wakeMs = Number.POSITIVE_INFINITY
    this.#cancelTimers()
    this.#run()
  }

  /** Continues after a suspension: a message that was sent after its end shows that the share is still this worker's. */
  resume(sentMs: number): void {
    if (this.#heldSinceMs === undefined || sentMs <= this.#heldSinceMs) return
    this.#heldSinceMs = undefined
    this.#run()
  }

  /** Starts what is due by now, and no further arrivals. */
  stop(): void {
    this.#cancelTimers()
    if (this.#heldSinceMs === undefined && this.#options.now() - this.#wakeMs <= SUSPENDED_MS)
      this.#startDue(MAX_LAST_BURST)
    this.#cancelTimers()
    this.#legs = []
    this.#wakeMs = Number.POSITIVE_INFINITY
  }

  /** Arrivals due during a suspension are dropped: others have started them, or no worker could. */
  #hold(nowMs: number): void {
    this.#heldSinceMs = nowMs
    this.#skipUntil(nowMs)
    this.#options.onSuspended?.()
  }

  #skipUntil(atMs: number): void {
    for (const { sequence, startMs } of this.#legs) if (startMs < atMs) sequence.skipUntil((atMs - startMs) / 1000)
  }

  #cancelTimers(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#immediate)
  }

  readonly #run = (): void => {
    const nowMs = this.#options.now()
    if (this.#heldSinceMs === undefined && nowMs - this.#wakeMs > SUSPENDED_MS) this.#hold(nowMs)
    this.#wakeMs = Number.POSITIVE_INFINITY
    if (this.#heldSinceMs === undefined) this.#startDue(MAX_BURST)
  }

  #startDue(maximum: number): void {
    const nowMs = this.#options.now()
    for (let started = 0; started < maximum; ) {
      const leg = this.#legs[0]
      if (leg === undefined) return
      const arrival = leg.sequence.peek()
      const dueMs = arrival === undefined ? Number.POSITIVE_INFINITY : leg.startMs + arrival.dueSeconds * 1000
      if (arrival === undefined || dueMs >= leg.untilMs) {
        this.#legs.shift()
        continue
      }
      const fenceMs = Math.min(this.#fenceMs, this.#waitFromMs)
      if (dueMs >= fenceMs) {
        // If this process is suspended here, a wake-up long after the fence shows it.
        this.#wakeMs = Math.max(nowMs, fenceMs)
        return
      }
      if (dueMs > nowMs) {
        const sleepMs = Math.min(MAX_SLEEP_MS, Math.max(1, dueMs - nowMs))
        this.#wakeMs = nowMs + sleepMs
        this.#timer = setTimeout(this.#run, sleepMs)
        return
      }
      leg.sequence.advance()
      started++
      this.#options.onArrival(arrival, dueMs, nowMs - dueMs)
    }
    this.#wakeMs = nowMs
    this.#immediate = setImmediate(this.#run)
  }
}
