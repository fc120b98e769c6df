/** Wakes everybody who waits for something to change. */
export class ChangeSignal {
  #waiters: (() => void)[] = []

  notify(): void {
    for (const wake of this.#waiters.splice(0)) wake()
  }

  /** Waits for the next change, so long at most. */
  wait(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs)
      this.#waiters.push(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }
}
