import type { Fleet } from '../fleet/fleet.ts'
import type { FleetWorker } from '../fleet/fleet-worker.ts'
import { debug } from '../protocol/debug-log.ts'
import type { Setpoint } from '../protocol/setpoint.ts'
import { LoadFence } from './load-fence.ts'
import type { Run, RunWorker } from './run.ts'

type CreateSetpoint = (workers: readonly RunWorker[], startMs: number) => Setpoint | undefined

/** Shares a run's load among the workers of a fleet. */
export class LoadSharing {
  readonly fence: LoadFence
  readonly #fleet: Fleet
  /** Changes are made one after another. */
  #last: Promise<void> = Promise.resolve()
  /** A rebalance that waits for its turn takes the fleet as it is then. */
  #isRebalancing = false

  constructor(fleet: Fleet) {
    this.#fleet = fleet
    this.fence = new LoadFence(fleet)
  }

  /** Sends every worker the setpoint that `create` makes for the workers that are available, from the next epoch on. */
  share(run: Run, create: CreateSetpoint): Promise<void> {
    this.#last = this.#last.then(async () => {
      const startMs = await this.fence.raise(run)
      if (startMs !== undefined && (run.isUnderLoad || run.state === 'preparing')) this.#send(create, startMs)
    })
    return this.#last
  }

  #send(create: CreateSetpoint, startMs: number): void {
    const workers = this.#fleet.available.map(({ id, name, weight, gauges }) => ({
      id,
      name,
      weight,
      users: gauges.users,
    }))
    const setpoint = create(workers, startMs)
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
    if (run?.isUnderLoad !== true || this.#fleet.available.length === 0 || this.#isRebalancing) return
    this.#isRebalancing = true
    void this.share(run, (workers, startMs) => {
      this.#isRebalancing = false
      return workers.length === 0 ? undefined : run.rebalance(workers, startMs)
    }).finally(() => {
      this.#isRebalancing = false
    })
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
