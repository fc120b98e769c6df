export interface UserPoolOptions {
  /** Runs a user's scenario once and calls `onEnd` when it is over. */
  readonly iterate: (onEnd: (error: unknown) => void) => void
  /** Whether an iteration may begin; default: always. */
  readonly mayBegin?: () => boolean
}

const FAILURE_PAUSE_MS = 100
const MIN_ITERATION_MS = 5

/** The closed model: users that each repeat their scenario until there are more of them than the target. */
export class UserPool {
  readonly #options: UserPoolOptions
  #target = 0
  #users = 0
  /** Users that wait to begin an iteration. */
  #waiting = 0
  #pausing = new Set<NodeJS.Timeout>()

  constructor(options: UserPoolOptions) {
    this.#options = options
  }

  /** Current users; those beyond the target leave at the end of their iteration. */
  get users(): number {
    return this.#users
  }

  setTarget(target: number): void {
    this.#target = target
    if (!this.#mayBegin()) return
    while (this.#users < this.#target) {
      this.#users++
      this.#iterate()
    }
  }

  /** Begins the waiting iterations, if they are allowed now. */
  continue(): void {
    for (let waiting = this.#waiting; waiting > 0 && this.#mayBegin(); waiting--) {
      this.#waiting--
      this.#next()
    }
  }

  /** Ends every user with its current iteration. */
  stop(): void {
    this.#target = 0
    this.#users -= this.#waiting
    this.#waiting = 0
    for (const timer of this.#pausing) clearTimeout(timer)
    this.#users -= this.#pausing.size
    this.#pausing.clear()
  }

  #mayBegin(): boolean {
    return this.#options.mayBegin?.() ?? true
  }

  #iterate(): void {
    const startedAt = performance.now()
    this.#options.iterate((error) => {
      // A scenario that fails immediately would otherwise repeat forever without a break.
      if (error !== undefined && performance.now() - startedAt < MIN_ITERATION_MS) this.#pause()
      else setImmediate(() => this.#next())
    })
  }

  #next(): void {
    if (this.#users > this.#target) this.#users--
    else if (this.#mayBegin()) this.#iterate()
    else this.#waiting++
  }

  #pause(): void {
    const timer = setTimeout(() => {
      this.#pausing.delete(timer)
      this.#next()
    }, FAILURE_PAUSE_MS)
    this.#pausing.add(timer)
  }
}
