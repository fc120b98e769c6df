import { setImmediate as nextTurn } from 'node:timers/promises'

/** How long a loop may keep the event loop busy at a time. */
const SLICE_MS = 10

/** Lets the rest of the process take turns with a long loop. */
export class TimeSlices {
  #sinceMs = performance.now()

  /** To be awaited after each round: waits for a turn once the loop has been busy for a slice. */
  async pass(): Promise<void> {
    if (performance.now() - this.#sinceMs < SLICE_MS) return
    await nextTurn()
    this.#sinceMs = performance.now()
  }
}
