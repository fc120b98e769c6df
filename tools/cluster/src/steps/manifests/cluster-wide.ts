import type { Installation } from '../../installation.ts'

export interface ClusterWideOptions {
  /** Makes it where it is not. Returns whether it did. */
  readonly make: (installation: Installation) => Promise<boolean>
  readonly remove: (installation: Installation) => Promise<unknown>
}

/** Something that a cluster has once, such as a label of its nodes. It is there while at least one step needs it. */
export class ClusterWide {
  readonly #options: ClusterWideOptions
  #users = 0
  #isOurs = false
  #lastChange: Promise<unknown> = Promise.resolve()

  constructor(options: ClusterWideOptions) {
    this.#options = options
  }

  /** Does work that needs it. */
  async during<T>(installation: Installation, work: () => Promise<T>): Promise<T> {
    this.#users += 1
    try {
      await this.#inTurn(async () => {
        if (!this.#isOurs) this.#isOurs = await this.#options.make(installation)
      })
      return await work()
    } finally {
      this.#users -= 1
      await this.#inTurn(async () => {
        if (this.#users > 0 || !this.#isOurs) return
        await this.#options.remove(installation)
        this.#isOurs = false
      })
    }
  }

  /** Changes the cluster after the change before, whether that failed or not. */
  #inTurn(change: () => Promise<void>): Promise<void> {
    const changed = this.#lastChange.then(change)
    this.#lastChange = changed.catch(() => undefined)
    return changed
  }
}
