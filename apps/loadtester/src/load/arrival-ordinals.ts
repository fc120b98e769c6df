import type { Arrival } from './arrivals.ts'
import { poissonPoints } from './poisson.ts'
import type { LoadProfile } from './profile.ts'

/**
 * The place of an arrival among all arrivals of the fleet, from 0 and without gaps, whichever worker makes it: the number
 * of a uniform arrival, and how many points of the Poisson process come before that of another. The points are counted
 * from the first, so that a worker that joins late counts as the others do. In a load that has both kinds
 * ({@link isMixed}), places are left out or taken twice where one follows the other.
 */
export class ArrivalOrdinals {
  readonly #seed: number
  /** Points in all cells below `#cell`. */
  #count = 0
  #cell = 0

  constructor(seed: number) {
    this.#seed = seed
  }

  /** Arrivals must be given in the order in which they are due. */
  of({ number, position }: Arrival): number {
    if (position === number) return number
    while (this.#cell < number) this.#count += poissonPoints(this.#seed, this.#cell++).length
    return this.#count + poissonPoints(this.#seed, number).filter((point) => point < position).length
  }
}

/** Whether some arrivals are spaced evenly and others at random. */
export function isMixed({ segments }: LoadProfile): boolean {
  return new Set(segments.filter(({ from, to }) => from + to > 0).map(({ mode }) => mode ?? 'uniform')).size > 1
}
