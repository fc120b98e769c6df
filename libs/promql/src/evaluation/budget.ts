import { QueryError } from './query-error.ts'

/** How much work passes between two looks at the clock: about a millisecond. */
const WORK_PER_LOOK = 1024

/** What one query may take: samples in memory at a time, and time. */
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

  /** The most samples that were in memory at a time. */
  get peakSamples(): number {
    return this.#peak
  }

  /** Takes samples into memory. Throws a {@link QueryError} if they are too many. */
  load(count: number): void {
    this.#samples += count
    if (this.#samples > this.#peak) this.#peak = this.#samples
    if (this.#samples > this.#maxSamples) throw tooManySamples()
  }

  /** Throws a {@link QueryError} if a single series with a value at each step would be too many samples. */
  allowSteps(steps: number): void {
    if (steps > this.#maxSamples) throw tooManySamples()
  }

  /** Replaces all samples taken since there were `before` by those of a result. */
  settle(before: number, count: number): void {
    this.load(count)
    this.#samples = before + count
  }

  /**
   * Throws a {@link QueryError} when the time is up; cheap enough for every step of every loop. `work` is how many values
   * the step looks at.
   */
  checkTime(work = 1): void {
    this.#work += work
    if (this.#work >= WORK_PER_LOOK) this.checkTimeNow()
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
