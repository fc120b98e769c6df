import type { Fleet } from '../fleet/fleet.ts'
import type { FleetWorker } from '../fleet/fleet-worker.ts'
import { localNow } from '../protocol/fleet-clock.ts'
import type { Run } from './run.ts'

/** How far in the future a fence is, so that workers know of it before they reach it. */
const AHEAD_MS = 60
/** How long the fleet waits for the slowest worker's answer before it goes on as it was. */
const ANSWER_MS = 500
/** A worker that claims to be further ahead than this is not believed. */
const MAX_AHEAD_MS = 10_000

/**
 * Finds a moment from which a run's load can be shared differently: no worker starts anything that is due after it until
 * it gets its new share. So a message that arrives late starts nothing twice.
 */
export class LoadFence {
  readonly #fleet: Fleet
  readonly #answers = new Map<string, number>()
  #number = 0

  constructor(fleet: Fleet) {
    this.#fleet = fleet
  }

  /** Takes a worker's answer: it starts nothing that is due at `untilMs` or later. */
  answered(worker: FleetWorker, { number, untilMs }: { readonly number: number; readonly untilMs: number }): void {
    if (number !== this.#number) return
    if (untilMs > localNow() + MAX_AHEAD_MS) worker.channel?.close('its answer to a fence is in the far future')
    else this.#answers.set(worker.id, untilMs)
    this.#fleet.changes.notify()
  }

  /** @returns the moment; undefined if the run ends before there is one. */
  async raise(run: Run): Promise<number | undefined> {
    for (;;) {
      const { setpoint } = run
      const workers = this.#fleet.present.filter(({ state }) => state === 'running')
      const startMs = localNow() + AHEAD_MS
      if (workers.length === 0 || setpoint === undefined) return startMs
      const askedAt = performance.now()
      this.#answers.clear()
      const number = ++this.#number
      for (const worker of workers) worker.send({ type: 'fence', number, startMs, setpoint })
      const isMissing = ({ id, channel, state }: FleetWorker): boolean =>
        channel !== undefined && state === 'running' && !this.#answers.has(id)
      while (run.isUnderLoad && workers.some(isMissing) && performance.now() - askedAt < ANSWER_MS)
        await this.#fleet.changes.wait(50)
      if (!run.isUnderLoad) return undefined
      const missing = workers.filter(isMissing)
      if (missing.length === 0) return Math.max(startMs, ...this.#answers.values())
      for (const worker of workers) worker.send({ type: 'unfence', runId: run.id })
      const isSilent = (worker: FleetWorker): boolean => isMissing(worker) && worker.lastHeardAt < askedAt + ANSWER_MS
      while (run.isUnderLoad && missing.some(isSilent)) await this.#fleet.changes.wait(50)
    }
  }
}
