import type { LogLine } from '../contract/api.ts'

const MAX_LINES = 300
const MAX_LENGTH = 1000

/** The last log lines of the master and of its workers, for the console. */
export class LogLines {
  readonly #own: LogLine[] = []
  readonly #workers: LogLine[] = []

  /** @param worker the worker that it came from; default: the master itself. */
  add(text: string, worker?: string): void {
    const lines = worker === undefined ? this.#own : this.#workers
    lines.push({ atMs: Date.now(), text: text.slice(0, MAX_LENGTH), worker })
    if (lines.length > MAX_LINES) lines.shift()
  }

  get all(): readonly LogLine[] {
    return [...this.#own, ...this.#workers].sort((a, b) => a.atMs - b.atMs)
  }
}
