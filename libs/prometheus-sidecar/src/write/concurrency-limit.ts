/**
 * How many requests may be in flight: one more after each full round of answers while all slots are in use, half after an overload
 * (once for each round, since the failures of one round have one cause). Additive increase, multiplicative decrease.
 */
export class ConcurrencyLimit {
  readonly #max: number
  #limit: number
  #answersUntilRise: number
  /** Requests started before this one belong to a round that was counted already. */
  #roundStart = 0
  #started = 0

  constructor(options: { readonly initial: number; readonly max: number }) {
    this.#max = options.max
    this.#limit = Math.min(options.initial, options.max)
    this.#answersUntilRise = this.#limit
  }

  get current(): number {
    return Math.floor(this.#limit)
  }

  /** A request starts. Gives what its outcome has to be told with. */
  start(): number {
    this.#started += 1
    return this.#started
  }

  /** It was answered. `full`: all slots were in use, so that another would have helped. */
  succeeded(full: boolean): void {
    if (!full || this.#limit >= this.#max) return
    this.#answersUntilRise -= 1
    if (this.#answersUntilRise > 0) return
    this.#limit += 1
    this.#answersUntilRise = this.current
  }

  /** The API was overloaded, too slow or away for the request that `start` gave the number of. */
  overloaded(request: number): void {
    if (request < this.#roundStart) return
    this.#limit = Math.max(1, this.#limit / 2)
    this.#answersUntilRise = this.current
    this.#roundStart = this.#started + 1
  }
}
