import type { Fleet } from '../fleet/fleet.ts'
import type { FleetWorker } from '../fleet/fleet-worker.ts'
import { localNow } from '../protocol/fleet-clock.ts'
import type { RunSnapshot } from '../protocol/messages.ts'
import type { WorkerName } from '../results/run-results.ts'
import type { LoadSharing } from './load-sharing.ts'
import { recordLost } from './lost-work.ts'
import type { Run } from './run.ts'

/** How long a master that takes over a run waits for the rest of its workers. */
const TAKEOVER_MS = 5000

/** Takes over a run of an earlier master: until all of its workers are back, or the missing ones count as lost. */
export class Takeover {
  readonly #fleet: Fleet
  readonly #sharing: LoadSharing
  #untilMs: number | undefined

  constructor(fleet: Fleet, sharing: LoadSharing) {
    this.#fleet = fleet
    this.#sharing = sharing
  }

  /** While workers may still come back, the load is not shared again. */
  get isOn(): boolean {
    return this.#untilMs !== undefined
  }

  begin(): void {
    this.#untilMs = localNow() + TAKEOVER_MS
  }

  cancel(): void {
    this.#untilMs = undefined
  }

  /** Ends the takeover at once, because the run ends: workers that are not back count as lost. */
  abort(run: Run): void {
    if (this.#untilMs === undefined) return
    this.cancel()
    for (const worker of this.#missing(run)) recordLost(run, worker, localNow())
  }

  /** Readmits a worker that has been working on the run. */
  readmit(run: Run, worker: FleetWorker, snapshot: RunSnapshot): void {
    if (run.isLive) addSnapshot(run, worker, snapshot)
    if (!run.isLive || snapshot.ended) worker.send({ type: 'stop', runId: run.id })
    if (!run.isLive) return
    if (!snapshot.ended) worker.state = 'running'
    if (this.isOn) {
      if (!snapshot.ended) worker.send({ type: 'goOn', runId: run.id })
      return
    }
    if (snapshot.ended) this.#sharing.include(worker, run)
    else this.#sharing.rebalance(run)
  }

  /**
   * Ends the takeover once all workers are back, or have been waited for.
   *
   * @returns whether the run must be stopped, because all of its workers have stopped.
   */
  endWhenDue(run: Run): boolean {
    if (this.#untilMs === undefined) return false
    const missing = this.#missing(run)
    if (missing.length > 0 && localNow() <= this.#untilMs) return false
    this.cancel()
    for (const worker of missing) recordLost(run, worker, localNow())
    this.#sharing.rebalance(run)
    const { present } = this.#fleet
    const hasActiveWorker = present.some(({ state }) => state === 'running' || state === 'preparing')
    if (present.length > 0 && !hasActiveWorker) return true
    for (const worker of present) if (worker.state === 'idle' && !worker.isLeaving) this.#sharing.prepare(worker, run)
    return false
  }

  #missing(run: Run): WorkerName[] {
    const workers = (run.setpoint?.workers ?? []).map(({ id }) => ({ id, known: this.#fleet.get(id) }))
    return workers
      .filter(({ known }) => known?.channel === undefined)
      .map(({ id, known }) => ({ id, name: known?.name ?? id }))
  }
}

/** Replaces what a worker reported to this master by everything it knows. */
function addSnapshot(run: Run, worker: WorkerName, { setpoint, sequence, tally, unsentWindows }: RunSnapshot): void {
  const nowMs = localNow()
  run.adoptSetpoint(setpoint)
  run.results.replace(worker, sequence, nowMs, tally)
  for (const window of unsentWindows) {
    const gauges = { users: 0, utilization: 0, target: run.levelAt(window.windowMs) }
    run.results.timeline.add(window.windowMs, worker.id, window.tally, gauges)
  }
  run.note(nowMs, `worker ${worker.name} is back`)
}
