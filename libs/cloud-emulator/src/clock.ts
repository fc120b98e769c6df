/** The emulator's clock: the machine's, or a fixed time that a test has set. */
export class Clock {
  readonly #systemMs: () => number
  #setMs: number | undefined

  constructor(systemMs: () => number = Date.now) {
    this.#systemMs = systemMs
  }

  /** Epoch milliseconds. */
  nowMs(): number {
    return this.#setMs ?? this.#systemMs()
  }

  get stands(): boolean {
    return this.#setMs !== undefined
  }

  set(timeMs: number): void {
    this.#setMs = timeMs
  }

  /** Stops while `act` runs. */
  at<T>(timeMs: number, act: () => T): T {
    const setMs = this.#setMs
    this.#setMs = timeMs
    try {
      return act()
    } finally {
      this.#setMs = setMs
    }
  }

  /** Follows the machine's clock again. */
  run(): void {
    this.#setMs = undefined
  }
}
