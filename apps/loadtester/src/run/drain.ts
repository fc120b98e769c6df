import type { FleetWorker } from '../fleet/fleet.ts'
import type { Report } from '../protocol/messages.ts'

/** How long after the end of a load its last virtual users may take. */
const drainMs = 30_000

/** Knows when a load that is over has let go of its last virtual user, by what the workers report. */
export class Drain {
  readonly #last = new Map<string, { readonly untilMs: number; readonly users: number }>()

  /** Takes note of a worker's report. */
  note(workerId: string, { untilMs, gauges }: Report): void {
    this.#last.set(workerId, { untilMs, users: gauges.users })
  }

  /** Forgets all reports: another run begins. */
  clear(): void {
    this.#last.clear()
  }

  /**
   * Whether a load is over, and so are its virtual users (or they take too long).
   *
   * @param endMs when the load ends.
   */
  isOver(endMs: number, workers: readonly FleetWorker[], nowMs: number): boolean {
    if (nowMs <= endMs) return false
    if (nowMs > endMs + drainMs) return true
    return workers.every(({ id }) => {
      const last = this.#last.get(id)
      return last !== undefined && last.untilMs > endMs && last.users === 0
    })
  }
}
