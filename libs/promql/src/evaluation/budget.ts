import { QueryError } from './query-error.ts'

/** How many values are processed between two checks of the clock: about a millisecond's work. */
const WORK_PER_CHECK = 1024

/** The limits of one query: samples in memory, and time. */
export class Budget {
  readonly #maxSamples: number
  readonly #deadline: number
  readonly #now: () => number
  #samples = 0
  #peak = 0
  #work = 0

  constructor(maxSamples: number, timeoutMs: number, now: () => number) {
    this.#maxSamples = maxSamples
    this.#now = now
    this.#deadline = now() + timeoutMs
  }

  /** The samples in memory now. */
  get samples(): number {
    return this.#samples
  }

  /** The largest number of samples that have been in memory at once. */
  get peakSamples(): number {
    return this.#peak
  }

  /** Counts samples that are loaded into memory. Throws a {@link QueryError} if there are too many. */
  load(count: number): void {
    this.#samples += count
    if (this.#samples > this.#peak) this.#peak = this.#samples
    if (this.#samples > this.#maxSamples) throw tooManySamples()
  }

  /** Throws a {@link QueryError} if even one series with a value at each step would exceed the limit. */
  allowSteps(steps: number): void {
    if (steps > this.#maxSamples) throw tooManySamples()
  }

  /** Replaces the samples loaded since the count was `before` by those of a result. */
  settle(before: number, count: number): void {
    this.load(count)
    this.#samples = before + count
  }

  /**
   * Throws a {@link QueryError} after the timeout; cheap enough to call in every iteration of every loop. `work` is how
   * many values the iteration processes.
   */
  checkTime(work = 1): void {
    this.#work += work
    if (this.#work >= WORK_PER_CHECK) this.checkTimeNow()
  }

  checkTimeNow(): void {
    this.#work = 0
    if (this.#now() > this.#deadline) throw new QueryError('query timed out in expression evaluation', 'timeout')
  }
}

function tooManySamples(): QueryError {
  const text = 'query processing would load too many samples into memory in query execution'
  return new QueryError(text, 'tooManySamples')
}
