/** Counts what a request still waits for; done when all of it is settled. */
export class Ticket {
  readonly done: Promise<void>
  readonly #resolve: () => void
  #open = 1

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.done = promise
    this.#resolve = resolve
  }

  /** One more thing to wait for. */
  hold(): void {
    this.#open += 1
  }

  /** One of them is settled. The one that made the ticket releases it once, too. */
  release(): void {
    this.#open -= 1
    if (this.#open === 0) this.#resolve()
  }
}
