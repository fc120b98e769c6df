import { ChangeSignal } from '../fleet/change-signal.ts'
import { Fleet, type FleetWorker } from '../fleet/fleet.ts'
import { identityOf, refusalOf } from '../fleet/handshake.ts'
import type { MasterChannel } from '../protocol/channel.ts'
import { localNow } from '../protocol/fleet-clock.ts'
import {
  protocolVersion,
  type Report,
  type RunSnapshot,
  type Setpoint,
  type WorkerMessage,
} from '../protocol/messages.ts'
import type { Bound } from '../report/ensure.ts'
import { decodeTally } from '../results/tally-codec.ts'
import type { Checkpoint } from '../store/checkpoint-store.ts'
import { Drain } from './drain.ts'
import { HookRunner } from './hook-runner.ts'
import { noteLostWork } from './lost-work.ts'
import { MasterError } from './master-error.ts'
import { Rebuild } from './rebuild.ts'
import { Run, type RunRequest, type RunWorker } from './run.ts'
import { addSnapshot, adoptRun } from './run-takeover.ts'

export interface MasterOptions {
  readonly version: string
  /** How long workers go on without a master. */
  readonly leaseMs?: number
  readonly maximumSeries: number
  readonly log: (message: string, fields?: object) => void
  /** What an earlier master left of a run, if it did. */
  readonly checkpoint?: Checkpoint | undefined
  /** The bounds of a script whose run is taken over. */
  readonly readBounds?: (scriptName: string) => Promise<readonly Bound[]>
  /** A run has ended. */
  readonly onRunEnd?: (run: Run) => void
}

/** How far in the future an epoch begins, so that all workers have heard of it. */
const epochAheadMs = 60
const prepareDeadlineMs = 20_000
const stopDeadlineMs = 3000
const tickMs = 100
/** A tick that comes so late says that this process stood still. */
const stallMs = 500

/** The master: knows the workers, runs one test at a time, and merges what they report. */
export class Master {
  readonly fleet = new Fleet()
  readonly #changes = new ChangeSignal()
  readonly #hooks = new HookRunner(this.fleet, this.#changes)
  readonly #rebuild = new Rebuild(this.fleet)
  readonly #drain = new Drain()
  readonly #options: MasterOptions
  readonly #ticker: NodeJS.Timeout
  #run: Run | undefined
  #closed = false
  #tickedAt = performance.now()

  constructor(options: MasterOptions) {
    this.#options = options
    this.#ticker = setInterval(() => this.#tick(), tickMs)
    this.#ticker.unref()
  }

  /** The run that is on, or was last. */
  get run(): Run | undefined {
    return this.#run
  }

  now(): number {
    return localNow()
  }

  /** Takes a worker's connection. */
  connect(channel: MasterChannel): void {
    let worker: FleetWorker | undefined
    channel.onMessage((message) => {
      if (worker !== undefined) {
        if (worker.channel === channel) this.#take(worker, message)
        return
      }
      if (message.type === 'ping') {
        channel.send({ type: 'pong', sentMs: message.sentMs, masterMs: this.now() })
      } else if (message.type === 'hello') {
        worker = this.#greet(message, channel)
      }
    })
    channel.onClose((reason) => {
      if (worker !== undefined && worker.channel === channel) this.#gone(worker, reason)
    })
  }

  /**
   * Waits until there are so many workers.
   *
   * @throws MasterError NO_WORKERS after the timeout.
   */
  async waitForWorkers(count: number, timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs
    while (this.fleet.present.length < count) {
      const leftMs = deadline - performance.now()
      if (leftMs <= 0) {
        throw new MasterError(
          'NO_WORKERS',
          `${count} workers are needed, and ${this.fleet.present.length} came within ${timeoutMs / 1000} s`,
        )
      }
      await this.#changes.wait(Math.min(leftMs, 1000))
    }
  }

  /**
   * Begins a run: has one worker run the script's `before` flow and every worker prepare the script, then gives all of
   * them their part. A run that can't begin leaves the one before in its place.
   *
   * @throws MasterError RUN_ACTIVE, NO_WORKERS, HOOK_FAILED, or PREPARE_FAILED with what the workers say.
   */
  async start(request: RunRequest): Promise<Run> {
    if (this.#run?.isLive === true)
      throw new MasterError('RUN_ACTIVE', 'A run is on; stop it first, or change its load.')
    if (this.fleet.present.length === 0) {
      throw new MasterError('NO_WORKERS', 'There is no worker; start one with: loadtester worker')
    }
    const before = this.#run
    const run = new Run(request, { maximumSeries: this.#options.maximumSeries })
    this.#run = run
    this.#drain.clear()
    this.#rebuild.end()
    try {
      await this.#begin(run)
    } catch (error) {
      this.#options.log(`The run of ${request.script.name} can't begin: ${messageOf(error)}`)
      if (this.#run === run) this.#run = before
      throw error
    }
    return run
  }

  async #begin(run: Run): Promise<void> {
    await this.#runBefore(run)
    for (const worker of this.fleet.present) this.#prepare(worker, run)
    const deadline = performance.now() + prepareDeadlineMs
    const preparing = (): boolean => this.fleet.present.some((worker) => worker.state === 'preparing')
    while (run.state === 'preparing' && preparing() && performance.now() < deadline) await this.#changes.wait(100)
    if (run.state !== 'preparing') throw new MasterError('PREPARE_FAILED', 'The run was stopped before it began.')
    if (this.fleet.able.length === 0) {
      const message =
        this.fleet.all.find((worker) => worker.state === 'failed')?.message ?? 'no worker was ready in time'
      run.finish(this.now(), message)
      throw new MasterError('PREPARE_FAILED', message)
    }
    const startMs = this.now() + epochAheadMs
    run.note(startMs, `started with ${this.fleet.able.length} worker${this.fleet.able.length === 1 ? '' : 's'}`)
    this.#distribute(run.begin(this.#ableWorkers(), startMs))
  }

  /**
   * Asks for another level of the load: arrivals a second, or users.
   *
   * @param options.changePerSecond how fast it moves there; default: at once.
   */
  setLevel(level: number, options: { readonly changePerSecond?: number | undefined } = {}): void {
    const run = this.#liveRun()
    if (!Number.isFinite(level) || level < 0)
      throw new MasterError('BAD_VALUE', `level must be a number of at least 0, not ${level}`, 'level')
    this.#distribute(run.setLevel(level, this.#ableWorkers(), this.now() + epochAheadMs, options))
  }

  pause(): void {
    this.#distribute(this.#liveRun().pause(this.#ableWorkers(), this.now() + epochAheadMs))
  }

  resume(): void {
    this.#distribute(this.#liveRun().resume(this.#ableWorkers(), this.now() + epochAheadMs))
  }

  /** Counts anew. */
  reset(): void {
    const run = this.#run
    if (run === undefined) return
    run.reset(this.now())
    for (const { channel } of this.fleet.present) channel?.send({ type: 'reset', runId: run.id })
  }

  /** Ends the run: no request is sent any more when this is over, and everything is reported. */
  async stop(reason = 'stopped'): Promise<Run | undefined> {
    const run = this.#run
    if (run === undefined || !run.isLive) return run
    if (run.state !== 'stopping') {
      run.note(this.now(), reason)
      run.stopLoad(this.now())
      for (const worker of this.fleet.present) {
        if (worker.state === 'idle' || worker.state === 'failed') continue
        worker.state = 'stopping'
        worker.channel?.send({ type: 'stop', runId: run.id })
      }
      void this.#finishWhenReported(run)
    }
    while (run.isLive) await this.#changes.wait(200)
    return run
  }

  /** Waits until the run has ended, by itself or by a stop. */
  async ended(run: Run): Promise<void> {
    while (run.isLive) await this.#changes.wait(500)
  }

  /** Lets go of every worker; they go on for as long as their lease. */
  close(): void {
    this.#closed = true
    clearInterval(this.#ticker)
    for (const { channel } of this.fleet.present) channel?.close('the master ends')
  }

  #greet(hello: WorkerMessage & { type: 'hello' }, channel: MasterChannel): FleetWorker | undefined {
    const { version } = this.#options
    const reason = refusalOf(hello, version)
    if (reason !== undefined) {
      this.#options.log(`A worker was refused: ${reason}`, { worker: hello.name })
      channel.send({ type: 'refused', reason })
      channel.close(reason)
      return undefined
    }
    this.fleet.get(hello.id)?.channel?.close('the worker connected anew')
    const worker = this.fleet.join({ ...identityOf(hello), joinedMs: this.now() }, channel)
    channel.send({ type: 'welcome', protocol: protocolVersion, version, leaseMs: this.#options.leaseMs ?? 120_000 })
    this.#options.log(`Worker ${worker.name} joined.`, { worker: worker.name, weight: worker.weight })
    if (hello.snapshot !== undefined) this.#takeBack(worker, hello.snapshot)
    else this.#prepareWhereOn(worker)
    this.#run?.results.foldEarliest((id) => this.fleet.get(id) !== undefined)
    this.#changes.notify()
    return worker
  }

  #take(worker: FleetWorker, message: WorkerMessage): void {
    worker.lastHeardAt = performance.now()
    switch (message.type) {
      case 'ping':
        worker.channel?.send({ type: 'pong', sentMs: message.sentMs, masterMs: this.now() })
        return
      case 'prepared':
        if (message.runId !== this.#run?.id || worker.state !== 'preparing') return
        worker.state = 'ready'
        if (this.#run.state === 'running' || this.#run.state === 'paused') {
          this.#run.note(this.now(), `worker ${worker.name} joined`)
          if (!this.#rebuild.isOn) this.#rebalance()
        }
        break
      case 'failed':
        if (message.runId !== this.#run?.id) return
        if (message.isCut === true && isWorking(worker)) noteLostWork(this.#run, worker, this.now())
        worker.state = 'failed'
        worker.message = message.message
        this.#options.log(`Worker ${worker.name} failed: ${message.message}`, { worker: worker.name })
        this.#run.note(this.now(), `worker ${worker.name} failed: ${message.message}`)
        this.#rebalance()
        this.#failWithoutWorkers(this.#run, message.message)
        break
      case 'report':
      case 'final':
        this.#addReport(worker, message.report)
        if (message.type === 'final') worker.state = 'idle'
        else return
        break
      case 'hookEnded':
        this.#hooks.take(message)
        return
      case 'leaving':
        worker.leaving = true
        this.#run?.note(this.now(), `worker ${worker.name} leaves`)
        this.#rebalance()
        break
      case 'hello':
        return
    }
    this.#changes.notify()
  }

  #addReport(worker: FleetWorker, report: Report): void {
    const run = this.#run
    if (run === undefined || report.runId !== run.id || !run.isLive) return
    const tally = decodeTally(report.tally, { maximumSeries: this.#options.maximumSeries })
    worker.gauges = report.gauges
    worker.lagP99 = tally.lag.quantile(0.99)
    this.#drain.note(worker.id, report)
    if (!run.results.add(worker, report.sequence, report.untilMs, tally)) return
    run.results.timeline.add(report.windowMs, worker.id, tally, {
      users: report.gauges.users,
      utilization: report.gauges.utilization,
      target: run.levelAt(report.windowMs),
    })
  }

  /** Takes a worker back that has a run behind it, maybe one that this master has never heard of. */
  #takeBack(worker: FleetWorker, snapshot: RunSnapshot): void {
    const run = this.#run
    if (run !== undefined && run.id !== snapshot.runId) {
      worker.channel?.send({ type: 'stop', runId: snapshot.runId })
      this.#prepareWhereOn(worker)
      return
    }
    const active = run ?? this.#adopt(snapshot)
    if (!active.isLive) {
      worker.channel?.send({ type: 'stop', runId: snapshot.runId })
      return
    }
    addSnapshot(active, worker, snapshot, { maximumSeries: this.#options.maximumSeries, nowMs: this.now() })
    if (snapshot.ended) {
      worker.channel?.send({ type: 'stop', runId: snapshot.runId })
      if (!this.#rebuild.isOn) this.#prepareWhereOn(worker)
    } else {
      worker.state = 'running'
      if (!this.#rebuild.isOn) this.#rebalance()
    }
    this.#endRebuildWhenDue(active)
  }

  #adopt(snapshot: RunSnapshot): Run {
    const { maximumSeries, checkpoint } = this.#options
    const run = adoptRun(snapshot, { maximumSeries, checkpoint })
    this.#options.readBounds?.(snapshot.script.name).then(
      (bounds) => run.setBounds(bounds),
      (error: unknown) => this.#options.log(`The bounds of the run can't be read: ${messageOf(error)}`),
    )
    run.note(this.now(), 'another master took the run over')
    this.#options.log('A run goes on under this master.', { run: run.id })
    this.#run = run
    this.#rebuild.begin(this.now())
    return run
  }

  #endRebuildWhenDue(run: Run): void {
    if (!this.#rebuild.isDue(run, this.now())) return
    this.#rebuild.end()
    for (const worker of this.#rebuild.missing(run)) this.#noteLost(run, worker)
    this.#rebalance()
    const { present } = this.fleet
    const isWorked = present.some(({ state }) => state === 'running' || state === 'preparing')
    if (present.length > 0 && !isWorked) void this.stop('its workers had stopped, since no master came back in time')
    else for (const worker of present) if (worker.state === 'idle' && !worker.leaving) this.#prepare(worker, run)
  }

  #noteLost(run: Run, worker: { readonly id: string; readonly name: string }): void {
    noteLostWork(run, worker, this.now())
    run.note(this.now(), `worker ${worker.name} was lost`)
  }

  /** Where every worker that is there has failed, no other one is to be waited for: the script is at fault. */
  #failWithoutWorkers(run: Run, message: string): void {
    const { present } = this.fleet
    if (run.state !== 'running' && run.state !== 'paused') return
    if (!present.every(({ state }) => state === 'failed')) return
    run.failure = message
    void this.stop('every worker has failed')
  }

  #gone(worker: FleetWorker, reason: string): void {
    worker.channel = undefined
    worker.gauges = { ...worker.gauges, users: 0, inFlight: 0, utilization: 0, cpuCores: 0 }
    if (this.#closed) return
    const run = this.#run
    const worked = isWorking(worker)
    if (worker.leaving && !worked) {
      worker.state = 'left'
      this.#options.log(`Worker ${worker.name} left.`, { worker: worker.name })
    } else {
      worker.state = 'lost'
      worker.message = reason
      this.#options.log(`Worker ${worker.name} is lost: ${reason}`, { worker: worker.name })
      if (run?.isLive && worked) this.#noteLost(run, worker)
    }
    if (!this.#rebuild.isOn) this.#rebalance()
    this.#changes.notify()
  }

  async #runBefore(run: Run): Promise<void> {
    try {
      run.setVariables(await this.#hooks.run('before', run))
    } catch (error) {
      if (run.state === 'preparing') run.finish(this.now(), messageOf(error))
      throw error
    }
    if (run.state !== 'preparing') throw new MasterError('PREPARE_FAILED', 'The run was stopped before it began.')
  }

  /** Runs the script's `after` flow, where the load had begun; gives what went wrong. */
  async #runAfter(run: Run): Promise<string | undefined> {
    if (run.setpoint === undefined) return undefined
    try {
      await this.#hooks.run('after', run)
      return undefined
    } catch (error) {
      run.note(this.now(), messageOf(error))
      return messageOf(error)
    }
  }

  /** Lets a worker that is new to the run take part in it, where one is on. */
  #prepareWhereOn(worker: FleetWorker): void {
    const run = this.#run
    if (run?.state === 'running' || run?.state === 'paused') this.#prepare(worker, run)
  }

  #prepare(worker: FleetWorker, run: Run): void {
    run.results.beginAnew(worker.id)
    worker.state = 'preparing'
    worker.message = undefined
    worker.channel?.send({ type: 'prepare', runId: run.id, script: run.request.script })
  }

  /** Shares the load anew among those who can take it. */
  #rebalance(): void {
    const run = this.#run
    if (run === undefined || (run.state !== 'running' && run.state !== 'paused')) return
    const workers = this.#ableWorkers()
    if (workers.length > 0) this.#distribute(run.rebalance(workers, this.now() + epochAheadMs))
  }

  #ableWorkers(): RunWorker[] {
    return this.fleet.able.map(({ id, name, weight, gauges }) => ({ id, name, weight, users: gauges.users }))
  }

  #distribute(setpoint: Setpoint | undefined): void {
    if (setpoint === undefined) return
    for (const worker of this.fleet.present) {
      const takesPart = setpoint.workers.some(({ id }) => id === worker.id)
      if (takesPart) worker.state = 'running'
      if (takesPart || worker.state === 'running') worker.channel?.send({ type: 'setpoint', setpoint })
    }
    this.#changes.notify()
  }

  async #finishWhenReported(run: Run): Promise<void> {
    const deadline = performance.now() + stopDeadlineMs
    const waiting = (): FleetWorker[] => this.fleet.present.filter((worker) => worker.state === 'stopping')
    while (waiting().length > 0 && performance.now() < deadline) await this.#changes.wait(50)
    for (const worker of waiting()) {
      this.#noteLost(run, worker)
      worker.state = 'failed'
      worker.message = 'it did not report its last results in time'
    }
    run.finish(this.now(), await this.#runAfter(run))
    if (run.setpoint !== undefined) this.#options.onRunEnd?.(run)
    this.#changes.notify()
  }

  #tick(): void {
    const now = performance.now()
    // What workers said while this process stood still is still to be read: that silence is not theirs.
    const stalledMs = now - this.#tickedAt > stallMs ? now - this.#tickedAt : 0
    this.#tickedAt = now
    this.fleet.closeSilent(now, stalledMs)
    const run = this.#run
    if (run === undefined || !run.isLive) return
    // What workers bring along of the time without a master belongs into seconds that are not settled yet.
    if (!this.#rebuild.isOn) run.results.timeline.settle(this.now())
    this.#endRebuildWhenDue(run)
    if (run.state === 'running' && this.#drain.isOver(run.endMs, this.fleet.able, this.now()))
      void this.stop('the load is over')
  }

  #liveRun(): Run {
    const run = this.#run
    if (run === undefined || (run.state !== 'running' && run.state !== 'paused')) {
      throw new MasterError('NO_RUN', 'No run is on; start one first.')
    }
    return run
  }
}

/** It makes a part of the load, or has not reported its last yet. */
function isWorking({ state }: FleetWorker): boolean {
  return state === 'running' || state === 'stopping'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
