/** Counts the samples that a request still waits for. */
export class Ticket {
  readonly done: Promise<void>
  readonly #resolve: () => void
  #open = 1

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.done = promise
    this.#resolve = resolve
  }

  hold(): void {
    this.#open += 1
  }

  /** Call it once for each `hold`, and once after the last of them. */
  release(): void {
    this.#open -= 1
    if (this.#open === 0) this.#resolve()
  }
}
