import { poissonPoints } from './poisson.ts'
import type { LoadProfile } from './profile.ts'
import { SlotCycle } from './slots.ts'

/** The part of a fleet's open load that one worker makes. */
export interface ArrivalShare {
  /** Weights of all workers of the fleet, in the order that all of them know. */
  readonly weights: readonly number[]
  /** Which of them this worker is. */
  readonly worker: number
}

/** One virtual user that is to begin. */
export interface Arrival {
  /** Its number in the whole fleet since the run began, counted from 0. Arrivals of a Poisson process share numbers, or leave some out. */
  readonly number: number
  /** When it is due, in seconds since the profile's start. */
  readonly dueSeconds: number
}

/**
 * The due times of one worker's arrivals: absolute, for any rate, whole or fractional.
 *
 * The position of a moment is the integral of the rate until then, counted on from `firstPosition`. Where arrivals are
 * even, number k is due at position k. Where they are a Poisson process, number k stands for all of its points from
 * position k up to k + 1, drawn by the seed, so that every worker knows all of them. An arrival due exactly at the
 * profile's end is not part of it. Positions carry the fraction of an arrival over a change of the load, so that no
 * change gains or loses one.
 */
export class ArrivalSequence {
  readonly profile: LoadProfile
  /** The position (arrivals due so far, with fraction) at the profile's start. */
  readonly firstPosition: number
  readonly #cycle: SlotCycle
  readonly #worker: number
  readonly #seed: number
  readonly #end: number
  readonly #hasPoisson: boolean
  /** The number whose arrivals are next. */
  #next: number
  /** Due times of the arrivals of that number that are left. */
  #due: number[] = []

  constructor(profile: LoadProfile, share: ArrivalShare, firstPosition = 0, seed = 0) {
    this.profile = profile
    this.firstPosition = firstPosition
    this.#cycle = new SlotCycle(share.weights)
    this.#worker = share.worker
    this.#seed = seed
    this.#end = profile.durationSeconds
    this.#hasPoisson = profile.segments.some(({ mode }) => mode === 'poisson')
    this.#next = this.#cycle.next(share.worker, this.#firstNumberFrom(firstPosition))
    this.#due = this.#dueTimes(this.#next)
    this.#findNext()
  }

  /** The next arrival, or undefined when no more will come. Does not move on. */
  peek(): Arrival | undefined {
    const [dueSeconds] = this.#due
    return dueSeconds === undefined ? undefined : { number: this.#next, dueSeconds }
  }

  /** Moves on to the first arrival that is due at or after a time. */
  skipUntil(seconds: number): void {
    const position = this.firstPosition + this.profile.areaAt(seconds)
    const number = this.#firstNumberFrom(position)
    if (number > this.#next) {
      this.#next = this.#cycle.next(this.#worker, number)
      this.#due = this.#dueTimes(this.#next)
    }
    if (this.#hasPoisson) this.#due = this.#due.filter((dueSeconds) => dueSeconds >= seconds - 1e-9)
    this.#findNext()
  }

  /** Moves on to the arrival after the one that {@link peek} gives. */
  advance(): void {
    this.#due.shift()
    this.#findNext()
  }

  #findNext(): void {
    while (this.#due.length === 0 && this.#isWithin(this.#next)) {
      this.#next = this.#cycle.next(this.#worker, this.#next + 1)
      this.#due = this.#dueTimes(this.#next)
    }
  }

  /** The profile reaches this number. */
  #isWithin(number: number): boolean {
    return number !== Number.POSITIVE_INFINITY && this.#timeOf(number) < this.#end - 1e-9
  }

  /** When the arrivals of a number are due, in seconds; none behind the profile's end. */
  #dueTimes(number: number): number[] {
    if (number === Number.POSITIVE_INFINITY) return []
    const due: number[] = []
    const even = this.#timeOf(number)
    if (even < this.#end - 1e-9 && isDueFrom(number, this.firstPosition) && this.profile.modeAt(even) === 'uniform')
      due.push(even)
    if (!this.#hasPoisson) return due
    for (const point of poissonPoints(this.#seed, number)) {
      const seconds = point < this.firstPosition ? Number.POSITIVE_INFINITY : this.#timeOf(point)
      if (seconds < this.#end && this.profile.modeAt(seconds) === 'poisson') due.push(seconds)
    }
    return due
  }

  #timeOf(position: number): number {
    return this.profile.timeOfArea(Math.max(0, position - this.firstPosition))
  }

  #firstNumberFrom(position: number): number {
    return this.#hasPoisson ? Math.max(0, Math.floor(position)) : firstNumberFrom(position)
  }
}

/** The first arrival number at or after a position; a position a rounding error above a whole number counts as that number. */
export function firstNumberFrom(position: number): number {
  return Math.max(0, Math.ceil(position - roundingError))
}

const roundingError = 1e-6

function isDueFrom(number: number, position: number): boolean {
  return number >= position - roundingError
}
