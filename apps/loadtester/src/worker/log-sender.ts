import { plural } from '@node-to-cloud/browser-kit/format/plural'

/** How often lines are sent, and how many at once: a script that prints for each request must not flood the connection. */
const INTERVAL_MS = 500
const MAX_LINES = 50
const MAX_LENGTH = 1000

/** Collects what a worker logs and its scripts print, and sends the lines a few at a time. Excess lines are dropped, and the number is reported. */
export class LogSender {
  readonly #send: (lines: readonly string[]) => void
  #lines: string[] = []
  #leftOut = 0
  #timer: NodeJS.Timeout | undefined

  constructor(send: (lines: readonly string[]) => void) {
    this.#send = send
  }

  /** Adds text of one or more lines. */
  add(text: string): void {
    for (const line of text.split('\n')) {
      if (line.trim() === '') continue
      if (this.#lines.length < MAX_LINES) this.#lines.push(line.slice(0, MAX_LENGTH))
      else this.#leftOut++
    }
    if (this.#lines.length > 0) this.#timer ??= setTimeout(() => this.flush(), INTERVAL_MS).unref()
  }

  /** Sends what there is. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#lines.length === 0) return
    const leftOut = this.#leftOut === 0 ? [] : [`… ${this.#leftOut} more ${plural(this.#leftOut, 'line')}`]
    this.#send([...this.#lines, ...leftOut])
    this.#lines = []
    this.#leftOut = 0
  }
}
