/** Aborts on the first signal of the terminal or a supervisor, which is then in `received`. */
export class Interruption {
  readonly #controller = new AbortController()
  readonly signal: AbortSignal = this.#controller.signal
  received: NodeJS.Signals | undefined

  constructor(onSecond: () => void) {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(name, () => {
        if (this.received !== undefined && name !== 'SIGHUP') onSecond()
        this.received ??= name
        this.#controller.abort()
      })
    }
  }
}
