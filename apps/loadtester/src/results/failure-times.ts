import type { Tally } from './tally.ts'

interface Times {
  readonly firstSeenMs: number
  readonly lastSeenMs: number
}

/** More rows than this have no times: a tally keeps fewer. */
const MAX_ROWS = 20_000

/** When each kind of failure (method, name and error) happened first and last, to the second. */
export class FailureTimes {
  readonly #times = new Map<string, Times>()

  add(windowMs: number, tally: Tally): void {
    for (const [key, { errors }] of tally.series) {
      for (const error of errors.keys()) {
        const row = JSON.stringify([key, error])
        const known = this.#times.get(row)
        if (known === undefined && this.#times.size >= MAX_ROWS) continue
        this.#times.set(row, {
          firstSeenMs: Math.min(windowMs, known?.firstSeenMs ?? windowMs),
          lastSeenMs: Math.max(windowMs, known?.lastSeenMs ?? windowMs),
        })
      }
    }
  }

  clear(): void {
    this.#times.clear()
  }

  of(method: string, name: string, error: string): Times | undefined {
    return this.#times.get(JSON.stringify([`${method} ${name}`, error]))
  }
}
