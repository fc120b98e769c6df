import type { LogLine } from '../contract/api.ts'

const MAXIMUM_LINES = 300
const MAXIMUM_LENGTH = 1000

/** The last log lines, for the console. */
export class LogLines {
  readonly #lines: LogLine[] = []

  add(text: string): void {
    this.#lines.push({ atMs: Date.now(), text: text.slice(0, MAXIMUM_LENGTH) })
    if (this.#lines.length > MAXIMUM_LINES) this.#lines.shift()
  }

  get all(): readonly LogLine[] {
    return this.#lines
  }
}
