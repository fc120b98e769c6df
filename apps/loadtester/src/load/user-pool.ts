/** What {@link UserPool} needs from outside. */
export interface UserPoolOptions {
  /** Begins one iteration of a user; `onEnd` is to be called when it is over. */
  readonly iterate: (onEnd: (error: unknown) => void) => void
}

const failurePauseMs = 100
const shortestIterationMs = 5

/** The closed model: a number of users, each of which begins again when its flow ends, until it is one too many. */
export class UserPool {
  readonly #options: UserPoolOptions
  #target = 0
  #users = 0
  #pausing = new Set<NodeJS.Timeout>()

  constructor(options: UserPoolOptions) {
    this.#options = options
  }

  /** Users that exist now; those beyond the target leave at the end of their flow. */
  get users(): number {
    return this.#users
  }

  /** Sets how many users there are to be. */
  setTarget(target: number): void {
    this.#target = target
    while (this.#users < this.#target) {
      this.#users++
      this.#iterate()
    }
  }

  /** Lets no user begin again. */
  stop(): void {
    this.#target = 0
    for (const timer of this.#pausing) clearTimeout(timer)
    this.#users -= this.#pausing.size
    this.#pausing.clear()
  }

  #iterate(): void {
    const startedAt = performance.now()
    this.#options.iterate((error) => {
      // A flow that fails at once would otherwise begin again without end in the same turn.
      if (error !== undefined && performance.now() - startedAt < shortestIterationMs) this.#pause()
      else setImmediate(() => this.#next())
    })
  }

  #next(): void {
    if (this.#users > this.#target) this.#users--
    else this.#iterate()
  }

  #pause(): void {
    const timer = setTimeout(() => {
      this.#pausing.delete(timer)
      this.#next()
    }, failurePauseMs)
    this.#pausing.add(timer)
  }
}
