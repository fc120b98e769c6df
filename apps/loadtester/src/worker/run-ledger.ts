import type { RunSnapshot } from '../protocol/messages.ts'
import { Tally } from '../results/tally.ts'
import { encodeTally } from '../results/tally-codec.ts'

const maximumUnsentWindows = 900

/** All that a worker has counted in a run: what a master gets that lost the connection, or has never heard of the run. */
export class RunLedger {
  readonly #maximumSeries: number
  #total: Tally
  #sequence = 0
  /** By their time, the windows that no master has had. */
  #unsent = new Map<number, Tally>()

  constructor(maximumSeries: number) {
    this.#maximumSeries = maximumSeries
    this.#total = this.#newTally()
  }

  /**
   * Adds what was counted.
   *
   * @returns the number of the report on it.
   */
  add(tally: Tally): number {
    this.#total.merge(tally)
    return ++this.#sequence
  }

  /** Keeps what was counted in a window for the next master's charts, with all series as one. */
  keepUnsent(windowMs: number, tally: Tally): void {
    const window = this.#unsent.get(windowMs) ?? this.#newTally()
    window.mergeTotals(tally)
    this.#unsent.set(windowMs, window)
    const oldest = this.#unsent.keys().next().value
    if (this.#unsent.size > maximumUnsentWindows && oldest !== undefined) this.#unsent.delete(oldest)
  }

  /** Counts anew. */
  reset(): void {
    this.#total = this.#newTally()
  }

  /** Hands everything over: the windows go to this master alone. */
  handOver(): Pick<RunSnapshot, 'sequence' | 'tally' | 'unsentWindows'> {
    const unsentWindows = [...this.#unsent].map(([windowMs, tally]) => ({ windowMs, tally: encodeTally(tally) }))
    this.#unsent.clear()
    return { sequence: this.#sequence, tally: encodeTally(this.#total), unsentWindows }
  }

  #newTally(): Tally {
    return new Tally({ maximumSeries: this.#maximumSeries })
  }
}
