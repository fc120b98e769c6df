import type { Fleet } from '../fleet/fleet.ts'
import type { FleetWorker } from '../fleet/fleet-worker.ts'
import { debug } from '../protocol/debug-log.ts'
import { localNow } from '../protocol/fleet-clock.ts'
import type { Setpoint } from '../protocol/setpoint.ts'
import type { Run, RunWorker } from './run.ts'

/** How far in the future an epoch starts, so that every worker knows about it in time. */
const EPOCH_AHEAD_MS = 60

/** Shares a run's load among the workers of a fleet. */
export class LoadSharing {
  readonly #fleet: Fleet

  constructor(fleet: Fleet) {
    this.#fleet = fleet
  }

  /** Sends every worker the setpoint that `create` makes for the workers that are able, from the next epoch on. */
  share(create: (workers: readonly RunWorker[], startMs: number) => Setpoint | undefined): void {
    const workers = this.#fleet.able.map(({ id, name, weight, gauges }) => ({ id, name, weight, users: gauges.users }))
    const setpoint = create(workers, localNow() + EPOCH_AHEAD_MS)
    if (setpoint === undefined) return
    debug('run %s: epoch %d for %d workers', setpoint.runId, setpoint.epoch, workers.length)
    for (const worker of this.#fleet.present) {
      const hasShare = setpoint.workers.some(({ id }) => id === worker.id)
      if (hasShare) worker.state = 'running'
      if (hasShare || worker.state === 'running') worker.send({ type: 'setpoint', setpoint })
    }
    this.#fleet.changes.notify()
  }

  /** Shares the load again, after a change of the fleet. */
  rebalance(run: Run | undefined): void {
    if (run?.isUnderLoad === true && this.#fleet.able.length > 0)
      this.share((workers, startMs) => run.rebalance(workers, startMs))
  }

  /** Has a worker prepare the script of a run. */
  prepare(worker: FleetWorker, run: Run): void {
    run.results.beginEngine(worker.id)
    worker.state = 'preparing'
    worker.message = undefined
    worker.send({ type: 'prepare', runId: run.id, script: run.request.script })
  }

  /** Lets a worker take part in a run that is already under load. */
  include(worker: FleetWorker, run: Run | undefined): void {
    if (run?.isUnderLoad === true) this.prepare(worker, run)
  }
}
