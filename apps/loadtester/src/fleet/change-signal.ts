/** Wakes all waiters for a change. */
export class ChangeSignal {
  readonly #waiters = new Set<() => void>()

  notify(): void {
    for (const wake of [...this.#waiters]) wake()
  }

  /** Resolves at the next change, or after the timeout. */
  wait(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer)
        this.#waiters.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, timeoutMs)
      this.#waiters.add(wake)
    })
  }
}
