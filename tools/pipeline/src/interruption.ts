import { watchParent } from './process/parent-watch.ts'

/** Aborts on the first signal of the terminal or a supervisor, which is then in `received`, or when npm has been killed. */
export class Interruption {
  readonly #controller = new AbortController()
  readonly signal: AbortSignal = this.#controller.signal
  received: NodeJS.Signals | undefined

  /**
   * @param onFirst - is called at the first signal
   * @param onAgain - is called at each further one, but not for SIGHUP: a terminal that closes sends it as well
   */
  constructor({ onFirst, onAgain }: Readonly<Record<'onFirst' | 'onAgain', () => void>>) {
    const receive = (name: NodeJS.Signals) => {
      if (this.received !== undefined && name !== 'SIGHUP') onAgain()
      if (this.received === undefined) onFirst()
      this.received ??= name
      this.#controller.abort()
    }
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => receive(name))
    watchParent(() => receive('SIGHUP'))
  }
}
