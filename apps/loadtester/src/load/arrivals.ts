import { poissonPoints } from './poisson.ts'
import type { LoadProfile } from './profile.ts'
import { SlotCycle } from './slots.ts'

/** How far rounding may move a position. */
export const ROUNDING_ERROR = 1e-6
const END_MARGIN_SECONDS = 1e-9

/** One worker's share of a fleet's arrivals. */
export interface ArrivalShare {
  /** Weights of all workers of the fleet, in the order that all workers know. */
  readonly weights: readonly number[]
  /** Index of this worker. */
  readonly worker: number
}

/** A virtual user that is due to start. */
export interface Arrival {
  /** Number within the fleet since the start of the run, from 0. In a Poisson process several arrivals, or none, have the same number. */
  readonly number: number
  /** Its exact position: the number, or its point of the Poisson process. */
  readonly position: number
  /** Seconds since the profile's start. */
  readonly dueSeconds: number
}

/**
 * The due times of one worker's arrivals, for any rate, whole or fractional.
 *
 * The position of a moment is the integral of the rate until then, starting at `firstPosition`. Uniform arrival number k
 * is due at position k. In a Poisson process, number k stands for all points between positions k and k + 1; the seed
 * determines them, so every worker knows all of them. An arrival due exactly at the profile's end is not part of it.
 * Positions include the fraction of the next arrival, so no change of the load gains or loses one.
 */
export class ArrivalSequence {
  readonly profile: LoadProfile
  /** Position at the profile's start: the arrivals that were due before, with the fraction of the next one. */
  readonly firstPosition: number
  readonly #cycle: SlotCycle
  readonly #worker: number
  readonly #seed: number
  readonly #end: number
  readonly #isPoisson: boolean
  /** Number of the next arrival. */
  #next: number
  /** The remaining arrivals with that number. */
  #due: Arrival[] = []

  constructor(profile: LoadProfile, share: ArrivalShare, firstPosition = 0, seed = 0) {
    this.profile = profile
    this.firstPosition = firstPosition
    this.#cycle = new SlotCycle(share.weights)
    this.#worker = share.worker
    this.#seed = seed
    this.#end = profile.durationSeconds
    this.#isPoisson = profile.segments.some(({ mode }) => mode === 'poisson')
    this.#next = this.#cycle.next(share.worker, this.#firstNumberFrom(firstPosition))
    this.#due = this.#arrivals(this.#next)
    this.#findNext()
  }

  /** The next arrival, which stays next; undefined when there are no more. */
  peek(): Arrival | undefined {
    return this.#due[0]
  }

  /** Skips arrivals that are due before a time. */
  skipUntil(seconds: number): void {
    const position = this.firstPosition + this.profile.areaAt(seconds)
    const number = this.#firstNumberFrom(position)
    if (number > this.#next) {
      this.#next = this.#cycle.next(this.#worker, number)
      this.#due = this.#arrivals(this.#next)
    }
    if (this.#isPoisson) this.#due = this.#due.filter(({ dueSeconds }) => dueSeconds >= seconds - END_MARGIN_SECONDS)
    this.#findNext()
  }

  /** Moves past the arrival that {@link peek} returns. */
  advance(): void {
    this.#due.shift()
    this.#findNext()
  }

  #findNext(): void {
    while (this.#due.length === 0 && this.#isWithin(this.#next)) {
      this.#next = this.#cycle.next(this.#worker, this.#next + 1)
      this.#due = this.#arrivals(this.#next)
    }
  }

  #isWithin(number: number): boolean {
    return number !== Number.POSITIVE_INFINITY && this.#timeOf(number) < this.#end - END_MARGIN_SECONDS
  }

  /** The arrivals with a number that are due within the profile. */
  #arrivals(number: number): Arrival[] {
    if (number === Number.POSITIVE_INFINITY) return []
    const due: Arrival[] = []
    const even = this.#timeOf(number)
    const isDue = even < this.#end - END_MARGIN_SECONDS && number >= this.firstPosition - ROUNDING_ERROR
    if (isDue && this.profile.modeAt(even) === 'uniform') due.push({ number, position: number, dueSeconds: even })
    if (!this.#isPoisson) return due
    for (const point of poissonPoints(this.#seed, number)) {
      const seconds = point < this.firstPosition ? Number.POSITIVE_INFINITY : this.#timeOf(point)
      if (seconds < this.#end && this.profile.modeAt(seconds) === 'poisson')
        due.push({ number, position: point, dueSeconds: seconds })
    }
    return due
  }

  #timeOf(position: number): number {
    return this.profile.timeOfArea(Math.max(0, position - this.firstPosition))
  }

  #firstNumberFrom(position: number): number {
    return Math.max(0, this.#isPoisson ? Math.floor(position) : Math.ceil(position - ROUNDING_ERROR))
  }
}
