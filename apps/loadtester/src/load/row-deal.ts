import { ArrivalOrdinals } from './arrival-ordinals.ts'
import type { Arrival, ArrivalShare } from './arrivals.ts'
import { SlotCycle } from './slots.ts'

/**
 * Deals the rows of files that are read in sequence to the virtual users of one worker, so that the fleet uses each row
 * once before any is used again. In the open model a row follows from the arrival's place in the fleet; in the closed
 * model, where workers don't see each other's iterations, each worker has a share of the rows.
 */
export class RowDeal {
  readonly #rows: number
  readonly #ordinals: ArrivalOrdinals
  /** Rows of users that were skipped: as in Artillery they take none, so the next users get them. */
  readonly #left: number[] = []
  #share: { readonly cycle: SlotCycle; readonly worker: number } | undefined
  #iteration = -1

  /**
   * @param rows rows of the longest file; 0 if none is read in sequence.
   * @param seed that of the run's arrivals.
   */
  constructor(rows: number, seed: number) {
    this.#rows = rows
    this.#ordinals = new ArrivalOrdinals(seed)
  }

  /** The closed model: sets this worker's share of the rows. */
  shareAmong({ weights, worker }: ArrivalShare): void {
    this.#share = worker < 0 ? undefined : { cycle: new SlotCycle(weights), worker }
  }

  /** The row of an arrival that starts; undefined if no file is read in sequence. */
  take(arrival: Arrival): number | undefined {
    if (this.#rows === 0) return undefined
    const own = this.#ordinals.of(arrival)
    const first = this.#left.shift()
    if (first === undefined) return own
    this.#left.push(own)
    return first
  }

  /** Keeps the row of an arrival that is skipped. */
  skip(arrival: Arrival): void {
    if (this.#left.length < this.#rows) this.#left.push(this.#ordinals.of(arrival))
  }

  /** The row of a user's next iteration in the closed model. */
  takeForIteration(): number {
    const next = this.#iteration + 1
    this.#iteration = this.#share === undefined ? next : this.#share.cycle.next(this.#share.worker, next)
    return this.#iteration
  }
}
