import { setImmediate as nextTurn } from 'node:timers/promises'

/** How long a loop may block the event loop at a time. */
const SLICE_MS = 10

/** Lets the rest of the process run during a long loop. */
export class TimeSlices {
  #sinceMs = performance.now()

  /** To be awaited in each iteration: yields to the event loop after each time slice. */
  async pass(): Promise<void> {
    if (performance.now() - this.#sinceMs < SLICE_MS) return
    await nextTurn()
    this.#sinceMs = performance.now()
  }
}
