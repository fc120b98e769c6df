import type { FleetWorker } from '../fleet/fleet-worker.ts'
import type { Report } from '../protocol/messages.ts'

/** How long the last virtual users may run after the end of the load. */
const DRAIN_MS = 30_000

/** Decides from the workers' reports whether a load is over and its last virtual users have ended. */
export class Drain {
  readonly #last = new Map<string, { readonly untilMs: number; readonly users: number }>()

  add(workerId: string, { untilMs, gauges }: Report): void {
    this.#last.set(workerId, { untilMs, users: gauges.users })
  }

  /** Forgets all reports, because another run starts. */
  clear(): void {
    this.#last.clear()
  }

  /** @param endMs when the load ends. */
  isOver(endMs: number, workers: readonly FleetWorker[], nowMs: number): boolean {
    if (nowMs <= endMs) return false
    if (nowMs > endMs + DRAIN_MS) return true
    return workers.every(({ id }) => {
      const last = this.#last.get(id)
      return last !== undefined && last.untilMs > endMs && last.users === 0
    })
  }
}
