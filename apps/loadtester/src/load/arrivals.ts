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
  /** Its number in the whole fleet since the run began, counted from 0. */
  readonly number: number
  /** When it is due, in seconds since the profile's start. */
  readonly dueSeconds: number
}

/**
 * The due times of one worker's arrivals: absolute, for any rate, whole or fractional.
 *
 * The fleet's arrival number k is due when the integral of the rate, counted on from `firstPosition`, reaches k; an
 * arrival due exactly at the profile's end is not part of it. Positions carry the fraction of an arrival over a change
 * of the load, so that no change gains or loses one.
 */
export class ArrivalSequence {
  readonly profile: LoadProfile
  /** The position (arrivals due so far, with fraction) at the profile's start. */
  readonly firstPosition: number
  readonly #cycle: SlotCycle
  readonly #worker: number
  readonly #end: number
  #next: number

  constructor(profile: LoadProfile, share: ArrivalShare, firstPosition = 0) {
    this.profile = profile
    this.firstPosition = firstPosition
    this.#cycle = new SlotCycle(share.weights)
    this.#worker = share.worker
    this.#end = profile.durationSeconds
    this.#next = this.#cycle.next(share.worker, firstNumberFrom(firstPosition))
  }

  /** The next arrival, or undefined when no more will come. Does not move on. */
  peek(): Arrival | undefined {
    if (this.#next === Number.POSITIVE_INFINITY) return undefined
    const dueSeconds = this.profile.timeOfArea(Math.max(0, this.#next - this.firstPosition))
    if (dueSeconds === Number.POSITIVE_INFINITY || dueSeconds >= this.#end - 1e-9) return undefined
    return { number: this.#next, dueSeconds }
  }

  /** Moves on to the first arrival that is due at or after a time. */
  skipUntil(seconds: number): void {
    const number = firstNumberFrom(this.firstPosition + this.profile.areaAt(seconds))
    if (number > this.#next) this.#next = this.#cycle.next(this.#worker, number)
  }

  /** Moves on to the arrival after the one that {@link peek} gives. */
  advance(): void {
    this.#next = this.#cycle.next(this.#worker, this.#next + 1)
  }
}

/** The first arrival number at or after a position; a position a rounding error above a whole number counts as that number. */
export function firstNumberFrom(position: number): number {
  return Math.max(0, Math.ceil(position - 1e-6))
}
