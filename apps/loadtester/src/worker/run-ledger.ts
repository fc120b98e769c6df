import type { RunSnapshot } from '../protocol/messages.ts'
import { Tally } from '../results/tally.ts'

/** Seconds that are kept while there is no master. */
const MAX_UNSENT_WINDOWS = 900

/** Everything that a worker has counted in a run, for a master that lost the connection or was restarted. */
export class RunLedger {
  readonly #maximumSeries: number
  #total: Tally
  #sequence = 0
  /** What no master has received yet, by second. */
  readonly #unsent = new Map<number, Tally>()

  constructor(maximumSeries: number) {
    this.#maximumSeries = maximumSeries
    this.#total = this.#newTally()
  }

  /** @returns the number of the report that carries this tally. */
  add(tally: Tally): number {
    this.#total.merge(tally)
    return ++this.#sequence
  }

  /** Keeps the totals of a second for the next master's charts. */
  keepUnsent(windowMs: number, tally: Tally): void {
    const window = this.#unsent.get(windowMs) ?? this.#newTally()
    window.mergeTotals(tally)
    this.#unsent.set(windowMs, window)
    const oldest = this.#unsent.keys().next().value
    if (this.#unsent.size > MAX_UNSENT_WINDOWS && oldest !== undefined) this.#unsent.delete(oldest)
  }

  /** Restarts the counts at 0. */
  reset(): void {
    this.#total = this.#newTally()
  }

  /** Hands everything over to a master; the unsent windows only once. */
  handOver(): Pick<RunSnapshot, 'sequence' | 'tally' | 'unsentWindows'> {
    const unsentWindows = [...this.#unsent].map(([windowMs, tally]) => ({ windowMs, tally }))
    this.#unsent.clear()
    return { sequence: this.#sequence, tally: this.#total.copy(), unsentWindows }
  }

  #newTally(): Tally {
    return new Tally({ maximumSeries: this.#maximumSeries })
  }
}
