import { plural } from '@node-to-cloud/browser-kit/format/plural'
import { messageOf } from '@node-to-cloud/command-line'
import type { Bound } from '../contract/run-report.ts'
import { Fleet, type FleetListener, type FleetOptions } from '../fleet/fleet.ts'
import type { FleetWorker } from '../fleet/fleet-worker.ts'
import { localNow } from '../protocol/fleet-clock.ts'
import type { Report, RunSnapshot, WorkerMessage } from '../protocol/messages.ts'
import type { ScriptReference } from '../script/script-reference.ts'
import type { Checkpoint } from './checkpoint.ts'
import { Drain } from './drain.ts'
import { HookRunner } from './hook-runner.ts'
import { LoadSharing } from './load-sharing.ts'
import { recordLost, recordLostWork } from './lost-work.ts'
import { MasterError } from './master-error.ts'
import { Run, type RunRequest } from './run.ts'
import { finishRun, stopLoad } from './run-end.ts'
import { beginRun } from './run-start.ts'
import { Takeover } from './takeover.ts'

export interface MasterOptions extends FleetOptions {
  readonly maximumSeries: number
  /** What an earlier master stored of its live run. */
  readonly checkpoint?: Checkpoint | undefined
  /** Reads the bounds of a script whose run is taken over. */
  readonly readBounds?: (script: ScriptReference) => Promise<readonly Bound[]>
  readonly onRunEnd?: ((run: Run) => void) | undefined
  /** A worker has logged something, or its script has printed it. */
  readonly onWorkerLog?: ((worker: string, lines: readonly string[]) => void) | undefined
  /** The connection to a worker of a live run has ended. */
  readonly onWorkerGone?: ((run: Run) => void) | undefined
}

const TICK_MS = 100
/** How far a worker's idea of the fleet's clock may be off. */
const CLOCK_TOLERANCE_MS = 30_000

/** The master: runs one test at a time on its fleet, and merges what the workers report. */
export class Master {
  readonly fleet: Fleet
  readonly #options: MasterOptions
  readonly #sharing: LoadSharing
  readonly #hooks: HookRunner
  readonly #takeover: Takeover
  readonly #drain = new Drain()
  readonly #ticker: NodeJS.Timeout
  #run: Run | undefined

  constructor(options: MasterOptions) {
    this.#options = options
    this.fleet = new Fleet(options)
    this.fleet.listen(this.#fleetListener)
    this.#sharing = new LoadSharing(this.fleet)
    this.#hooks = new HookRunner(this.fleet)
    this.#takeover = new Takeover(this.fleet, this.#sharing)
    this.#ticker = setInterval(() => this.#tick(), TICK_MS).unref()
  }

  /** The live run, or the last one. */
  get run(): Run | undefined {
    return this.#run
  }

  now(): number {
    return localNow()
  }

  /**
   * Waits until this many workers are connected.
   *
   * @param signal ends the wait.
   * @throws MasterError ERR_NO_WORKERS after the timeout, or if the wait was ended.
   */
  async waitForWorkers(count: number, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    if (await this.fleet.waitForWorkers(count, timeoutMs, signal)) return
    const present = this.fleet.present.length
    throw new MasterError(
      'ERR_NO_WORKERS',
      `${count} ${plural(count, 'worker is', 'workers are')} needed; ${present} connected within ${timeoutMs / 1000} s`,
    )
  }

  /**
   * Begins a run. If it can't begin, the previous run stays in place.
   *
   * @throws MasterError ERR_RUN_ACTIVE, ERR_NO_WORKERS, ERR_HOOK_FAILED, or ERR_PREPARE_FAILED.
   */
  async start(request: RunRequest): Promise<Run> {
    if (this.#run?.isLive === true)
      throw new MasterError('ERR_RUN_ACTIVE', 'A run is active; stop it first, or change its load.')
    if (this.fleet.present.length === 0)
      throw new MasterError('ERR_NO_WORKERS', 'There is no worker; start one with: loadtester worker')
    const previous = this.#run
    const run = new Run(request, { maximumSeries: this.#options.maximumSeries })
    this.#run = run
    this.#drain.clear()
    this.#takeover.cancel()
    try {
      await beginRun(run, this.fleet, this.#hooks, this.#sharing)
    } catch (error) {
      this.#options.log(`The run of ${request.script.name} can't begin: ${messageOf(error)}`)
      if (this.#run === run) this.#run = previous
      throw error
    }
    return run
  }

  /**
   * Changes the load: arrivals a second, or users. Resolves when the workers have been notified.
   *
   * @param options.changePerSecond how fast to move to the new level; default: at once.
   * @throws MasterError ERR_NO_RUN, ERR_VALUE
   */
  setLevel(level: number, options: { readonly changePerSecond?: number | undefined } = {}): Promise<void> {
    const run = this.#runUnderLoad()
    if (!Number.isFinite(level) || level < 0)
      throw new MasterError('ERR_VALUE', `level must be a number of at least 0, not ${level}`, 'level')
    return this.#sharing.share(run, (workers, startMs) =>
      run.setLevel(level, workers, startMs, options.changePerSecond),
    )
  }

  /** @throws MasterError ERR_NO_RUN */
  pause(): Promise<void> {
    const run = this.#runUnderLoad()
    return this.#sharing.share(run, (workers, startMs) => run.pause(workers, startMs))
  }

  /** @throws MasterError ERR_NO_RUN */
  resume(): Promise<void> {
    const run = this.#runUnderLoad()
    return this.#sharing.share(run, (workers, startMs) => run.resume(workers, startMs))
  }

  /** Restarts all counts of the run at 0. */
  reset(): void {
    const run = this.#run
    if (run === undefined) return
    run.reset(this.now())
    for (const worker of this.fleet.present) worker.send({ type: 'reset', runId: run.id })
  }

  /** Stops the run; resolves when no more requests are sent and everything is reported. */
  async stop(reason = 'stopped'): Promise<Run | undefined> {
    const run = this.#run
    if (run === undefined || !run.isLive) return run
    if (run.state !== 'stopping') {
      this.#takeover.abort(run)
      stopLoad(run, this.fleet, reason)
      void this.#finish(run)
    }
    await this.ended(run)
    return run
  }

  /** Resolves when the run has ended. */
  async ended(run: Run): Promise<void> {
    while (run.isLive) await this.fleet.changes.wait(500)
  }

  /** Disconnects every worker; they continue for as long as their lease. */
  close(): void {
    clearInterval(this.#ticker)
    this.fleet.close()
  }

  async #finish(run: Run): Promise<void> {
    await finishRun(run, this.fleet, this.#hooks)
    if (run.setpoint !== undefined) this.#options.onRunEnd?.(run)
    this.fleet.changes.notify()
  }

  readonly #fleetListener: FleetListener = {
    joined: (worker, snapshot) => {
      if (snapshot === undefined) this.#sharing.include(worker, this.#run)
      else this.#readmit(worker, snapshot)
      this.#run?.results.foldOldest((id) => this.fleet.get(id) !== undefined)
    },
    received: (worker, message) => this.#take(worker, message),
    gone: (worker, wasWorking) => {
      if (this.#run?.isLive === true && wasWorking) recordLost(this.#run, worker, this.now())
      // No one else has this worker's counts.
      if (this.#run?.isUnderLoad === true) this.#options.onWorkerGone?.(this.#run)
      this.#rebalance()
    },
  }

  #take(worker: FleetWorker, message: Parameters<FleetListener['received']>[1]): void {
    const run = this.#run
    switch (message.type) {
      case 'prepared':
        if (message.runId !== run?.id || worker.state !== 'preparing') return
        worker.state = 'ready'
        if (run.isUnderLoad) {
          run.note(this.now(), `worker ${worker.name} joined`)
          this.#rebalance()
        }
        break
      case 'failed':
        if (message.runId !== run?.id) return
        this.#workerFailed(run, worker, message)
        break
      case 'report':
        this.#addReport(worker, message.report)
        return
      case 'final':
        this.#addReport(worker, message.report)
        worker.state = 'idle'
        break
      case 'fenced':
        this.#sharing.fence.answered(worker, message)
        return
      case 'log':
        this.#options.onWorkerLog?.(worker.name, message.lines)
        return
      case 'hookEnded':
        this.#hooks.ended(message)
        return
      case 'leaving':
        run?.note(this.now(), `worker ${worker.name} is leaving`)
        this.#sharing.rebalance(run)
    }
    this.fleet.changes.notify()
  }

  #addReport(worker: FleetWorker, report: Report): void {
    const run = this.#run
    if (report.runId !== run?.id || !run.isLive) return
    const { sequence, windowMs, untilMs, tally, gauges } = report
    if (!this.#isPlausibleTime(run, windowMs) || !this.#isPlausibleTime(run, untilMs)) {
      worker.channel?.close(`its report is for another time: ${new Date(windowMs).toISOString()}`)
      return
    }
    worker.gauges = gauges
    worker.lagP99 = tally.lag.quantile(0.99)
    this.#drain.add(worker.id, report)
    if (!run.results.add(worker, sequence, untilMs, tally, gauges)) return
    const { users, utilization } = gauges
    run.results.addWindow(windowMs, tally)
    run.results.timeline.add(windowMs, worker.id, tally, { users, utilization, target: run.levelAt(windowMs) })
  }

  /** Whether a time in a report is within the run, and not in the future. */
  #isPlausibleTime(run: Run, atMs: number): boolean {
    return atMs > run.startedMs - CLOCK_TOLERANCE_MS && atMs < this.now() + CLOCK_TOLERANCE_MS
  }

  #workerFailed(run: Run, worker: FleetWorker, { message, isCut }: WorkerMessage & { type: 'failed' }): void {
    if (isCut === true && worker.isWorking) recordLostWork(run, worker, this.now())
    worker.state = 'failed'
    worker.message = message
    this.#options.log(`Worker ${worker.name} failed: ${message}`, { worker: worker.name })
    run.note(this.now(), `worker ${worker.name} failed: ${message}`)
    this.#sharing.rebalance(run)
    // If every worker has failed, the script is at fault, and waiting for another worker is pointless.
    if (!run.isUnderLoad || !this.fleet.present.every(({ state }) => state === 'failed')) return
    run.failure = message
    void this.stop('every worker has failed')
  }

  /** Readmits a worker that is working on a run, possibly one that an earlier master started. */
  #readmit(worker: FleetWorker, snapshot: RunSnapshot): void {
    if (this.#run !== undefined && this.#run.id !== snapshot.runId) {
      worker.send({ type: 'stop', runId: snapshot.runId })
      this.#sharing.include(worker, this.#run)
      return
    }
    this.#run ??= this.#adopt(snapshot)
    this.#takeover.readmit(this.#run, worker, snapshot)
    this.#endTakeoverWhenDue(this.#run)
  }

  #adopt(snapshot: RunSnapshot): Run {
    const { maximumSeries, checkpoint, readBounds, log } = this.#options
    const isKnown = checkpoint?.runId === snapshot.runId
    const run = Run.adopt(snapshot, { maximumSeries, checkpoint: isKnown ? checkpoint : undefined })
    readBounds?.(snapshot.script).then(
      (bounds) => run.setBounds(bounds),
      (error: unknown) => log(`The bounds of the run can't be read: ${messageOf(error)}`),
    )
    run.note(this.now(), 'another master took over')
    log('This master takes over a run.', { run: run.id })
    this.#takeover.begin()
    return run
  }

  #endTakeoverWhenDue(run: Run): void {
    if (this.#takeover.endWhenDue(run)) void this.stop('all workers had stopped, because no master came back in time')
  }

  #rebalance(): void {
    if (!this.#takeover.isOn) this.#sharing.rebalance(this.#run)
  }

  #tick(): void {
    const run = this.#run
    if (run === undefined || !run.isLive) return
    // During a takeover, workers still bring counts for seconds of the past.
    if (!this.#takeover.isOn) run.results.timeline.settle(this.now())
    this.#endTakeoverWhenDue(run)
    if (this.#takeover.isOn) return
    if (run.state === 'running' && this.#drain.isOver(run.endMs, this.fleet.available, this.now()))
      void this.stop('the load is over')
  }

  #runUnderLoad(): Run {
    if (this.#run?.isUnderLoad !== true) throw new MasterError('ERR_NO_RUN', 'No run is active; start one first.')
    return this.#run
  }
}
