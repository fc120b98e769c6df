/**
 * How many requests may be in flight, by additive increase and multiplicative decrease: one more after a full round of
 * responses while all slots are in use, half after an overload (once per round, since the failures of one round have
 * one cause). After a pause it starts anew, like TCP after idle: otherwise points that arrive all at once, such as
 * those of a scrape, would be in as many requests at a time as the limit had ever reached, with the memory of all of
 * them.
 */
export class ConcurrencyLimit {
  readonly #initial: number
  readonly #max: number
  #limit: number
  #answersUntilRise: number
  /** Requests before this number belong to an earlier round. */
  #roundStart = 0
  #started = 0

  constructor(options: { readonly initial: number; readonly max: number }) {
    this.#max = options.max
    this.#initial = Math.min(options.initial, options.max)
    this.#limit = this.#initial
    this.#answersUntilRise = this.#limit
  }

  get current(): number {
    return Math.floor(this.#limit)
  }

  /** Starts a request; returns its number. */
  start(): number {
    this.#started += 1
    return this.#started
  }

  /** A request was answered. `full`: all slots were in use, so another one would have helped. */
  succeeded(full: boolean): void {
    if (!full || this.#limit >= this.#max) return
    this.#answersUntilRise -= 1
    if (this.#answersUntilRise > 0) return
    this.#limit += 1
    this.#answersUntilRise = this.current
  }

  /** There were no requests for a while. What the API could handle before says little now, and a burst needs less. */
  restart(): void {
    if (this.#limit <= this.#initial) return
    this.#limit = this.#initial
    this.#answersUntilRise = this.current
  }

  /** The API was overloaded, too slow or unavailable for a request. */
  overloaded(request: number): void {
    if (request < this.#roundStart) return
    this.#limit = Math.max(1, this.#limit / 2)
    this.#answersUntilRise = this.current
    this.#roundStart = this.#started + 1
  }
}
