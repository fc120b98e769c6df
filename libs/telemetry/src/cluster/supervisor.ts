import type { Worker } from 'node:cluster'
import { setTimeout as sleep } from 'node:timers/promises'
import { debug } from '../debug-log.ts'
import type { Logger } from '../logs/logger.ts'
import { connectionLimit } from '../node-internals/connection-limit.ts'
import { forkWorker } from '../node-internals/fork-worker.ts'
import { watchHandoffs } from '../node-internals/handoffs.ts'
import { type Place, watchPlace } from '../node-internals/kept-place.ts'
import { ListeningSockets } from '../node-internals/listening-sockets.ts'
import { workerEnded } from '../node-internals/worker-end.ts'
import { Backoff, type BackoffOptions } from './backoff.ts'
import { Liveness, PULSE_INTERVAL_MS } from './liveness.ts'
import { describeEnd, drain, limitStart, type Member, send, type WorkerState } from './member.ts'
import { isWorkerMessage, type WorkerMessage } from './messages.ts'
import { RollingRestart } from './rolling-restart.ts'

/** Options of {@link Supervisor}. */
export interface SupervisorOptions {
  /** The number of workers to keep running. */
  readonly workers: number
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>
  /** Called with the reason when workers keep dying before they are ready. */
  readonly onGiveUp: (reason: string) => void
  /** Called with each report of a worker, in order. */
  readonly onReport: (workerId: number, message: WorkerMessage & { type: 'telemetry:report' }) => void
  /** Called once when a worker has exited, after its last report. */
  readonly onEnd: (workerId: number) => void
  readonly backoff?: BackoffOptions
  /**
   * The number of consecutive deaths, without any worker becoming ready, after which the primary gives up; default 5.
   */
  readonly maxEarlyDeaths?: number
  /** A new worker that is not ready after this time is killed; default 60 s. */
  readonly readyTimeoutMs?: number
  /** A worker whose event loop is blocked for this long is killed and replaced; default 30 s, 0: never. */
  readonly workerTimeoutMs?: number
  /** A worker that drains longer than this is killed; default 20 s. */
  readonly drainTimeoutMs?: number
}

const MAX_EARLY_DEATHS = 5
const READY_TIMEOUT_MS = 60_000
const DRAIN_TIMEOUT_MS = 20_000
const WORKER_TIMEOUT_MS = 30_000
const HANDOVER_TIMEOUT_MS = 1_000
const HANDOVER_CHECK_MS = 5
/** Connections that may wait while no worker is ready; any more are closed immediately. */
const MAX_WAITING_CONNECTIONS = 1024

/**
 * Supervises the workers of a cluster: starts them, replaces those that die with exponential backoff, drains them one
 * by one for a rolling restart, and all at once at shutdown. Workers call `joinCluster`.
 */
export class Supervisor {
  /** The number of workers that exited unexpectedly. */
  deaths = 0
  /** How often a worker's event loop became blocked. */
  stalls = 0
  readonly #options: SupervisorOptions
  readonly #backoff: Backoff
  readonly #liveness: Liveness
  #forkBackoff: Backoff
  #isForkDue = false
  readonly #members = new Map<number, Member>()
  readonly #sockets = new ListeningSockets(connectionLimit)
  readonly #waiters: (() => void)[] = []
  /** The kept places of dead workers; without them the service would stop listening. */
  readonly #keptPlaces: { readonly place: Place; readonly removeLimit: () => void }[] = []
  #earlyDeaths = 0
  #url: string | undefined
  #isStopping = false
  readonly #rollingRestart: RollingRestart

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#backoff = new Backoff(options.backoff)
    this.#forkBackoff = new Backoff(options.backoff)
    this.#liveness = new Liveness((options.workerTimeoutMs ?? WORKER_TIMEOUT_MS) / 1000)
    this.#rollingRestart = new RollingRestart({
      logger: options.logger,
      members: () => Array.from(this.#members.values()).filter(({ state }) => state !== 'draining'),
      isRunning: ({ worker }) => this.#members.has(worker.id),
      replace: (member) => this.#replace(member),
      isStopping: () => this.#isStopping,
      readyCount: () => this.readyCount,
    })
  }

  /** Starts the workers. */
  start(): void {
    this.#sockets.watch()
    this.#fillUp()
    setInterval(() => this.#checkLiveness(), PULSE_INTERVAL_MS).unref()
  }

  /** The workers that can be asked for their metrics; those that are still starting have none yet. */
  get reachable(): readonly Worker[] {
    return Array.from(this.#members.values())
      .filter(({ worker, readyAt }) => readyAt > 0 && worker.isConnected())
      .map(({ worker }) => worker)
  }

  /** The number of workers that accept requests. */
  get readyCount(): number {
    return this.#count('ready')
  }

  /** The number of workers whose event loop is blocked. */
  get unresponsiveCount(): number {
    return this.#liveness.unresponsiveCount
  }

  /** The number of worker processes. */
  get liveCount(): number {
    return this.#members.size
  }

  /** Requests a report from one worker. */
  collect(worker: Worker, scrape: number): void {
    send(worker, { type: 'telemetry:collect', scrape })
  }

  /**
   * Replaces every worker, one after the other: the new one must be ready before the old one drains. If a new worker
   * can't start, the restart is aborted and the remaining workers stay. A call during a restart triggers another one
   * afterwards.
   */
  restart(): Promise<void> {
    return this.#rollingRestart.run()
  }

  /** Stops listening and drains all workers at once; those that are still running after `timeoutMs` are killed. */
  async stop(timeoutMs: number): Promise<void> {
    this.#isStopping = true
    this.#wake()
    await this.#sockets.close()
    await this.#waitForHandoffs()
    await Promise.all(Array.from(this.#members.values(), (member) => this.#drain(member, timeoutMs)))
  }

  /** Waits until workers have received every connection that was accepted for them. */
  async #waitForHandoffs(): Promise<void> {
    const deadline = performance.now() + HANDOVER_TIMEOUT_MS
    const hasHandoffs = () => Array.from(this.#members.values()).some(({ handoffs }) => handoffs.count > 0)
    while (hasHandoffs() && performance.now() < deadline) await sleep(HANDOVER_CHECK_MS)
  }

  /** Replaces a worker; concurrent calls share one replacement. @returns whether it became ready */
  #replace(member: Member): Promise<boolean> {
    member.replaced ??= this.#replaceBy(member).finally(() => {
      member.replaced = undefined
    })
    return member.replaced
  }

  async #replaceBy(member: Member): Promise<boolean> {
    const replacement = this.#fork({ isReplacement: true })
    if (replacement === undefined) return false
    await this.#until(
      () => replacement.state !== 'starting' || !this.#members.has(replacement.worker.id) || this.#isStopping,
    )
    if (replacement.state !== 'ready') return false
    await this.#drain(member)
    return true
  }

  #drain(member: Member, timeoutMs = this.#options.drainTimeoutMs ?? DRAIN_TIMEOUT_MS): Promise<void> {
    return drain(member, timeoutMs, this.#options.logger)
  }

  /** @returns `undefined` if the system could not start a process; starting is retried later */
  #fork(options: { readonly isReplacement?: boolean } = {}): Member | undefined {
    const worker = forkWorker((error) => this.#forkFailed(error))
    if (worker === undefined) return undefined
    this.#forkBackoff = new Backoff(this.#options.backoff)
    const { id } = worker
    const handoffs = watchHandoffs(worker, () => connectionLimit.refuse())
    const member: Member = {
      worker,
      handoffs,
      place: watchPlace(worker, handoffs, () => this.#isLastReady(member)),
      state: 'starting',
      readyAt: 0,
      failure: undefined,
      replaced: undefined,
      ended: workerEnded(worker, handoffs).then(() => this.#end(id, member, options.isReplacement ?? false)),
    }
    debug('worker %d: started as process %d', id, worker.process.pid)
    this.#members.set(id, member)
    limitStart(member, this.#options.readyTimeoutMs ?? READY_TIMEOUT_MS)
    worker.on('message', (message: unknown) => {
      // Messages after the exit of a worker are ignored.
      if (isWorkerMessage(message) && this.#members.has(id)) this.#receive(member, message)
    })
    // A message could not be sent to an exiting worker.
    worker.on('error', () => {})
    return member
  }

  /** The system may have room again soon; the existing workers continue. */
  #forkFailed(error: Error): void {
    if (this.#isForkDue || this.#isStopping) return
    this.#isForkDue = true
    const waitMs = this.#forkBackoff.afterDeath(0)
    this.#options.logger.error(
      { err: error, waitMs, workers: this.readyCount },
      `A worker can't be started (${error.message}); retrying in ${waitMs} ms.`,
    )
    setTimeout(() => {
      this.#isForkDue = false
      this.#fillUp()
    }, waitMs)
  }

  /** Whether a worker that exits now is the last one that accepts requests; others may have died unnoticed. */
  #isLastReady(member: Member): boolean {
    const others = Array.from(this.#members.values()).filter(
      (other) => other !== member && other.state === 'ready' && !other.worker.isDead() && other.worker.isConnected(),
    )
    return member.state === 'ready' && others.length === 0 && !this.#isStopping
  }

  #checkLiveness(): void {
    const { logger, workerTimeoutMs = WORKER_TIMEOUT_MS } = this.#options
    const ready = Array.from(this.#members).filter(([, { state }]) => state === 'ready')
    const { unresponsive, stuck } = this.#liveness.check(ready.map(([id]) => id))
    for (const id of unresponsive) {
      this.stalls++
      const workerPid = this.#members.get(id)?.worker.process.pid
      logger.error({ workerPid }, `The event loop of worker ${workerPid} is blocked: its requests are not answered.`)
    }
    for (const id of stuck) {
      const member = this.#members.get(id)
      if (member === undefined) continue
      this.#liveness.forget(id)
      member.failure = `its event loop was blocked for ${workerTimeoutMs / 1000} s`
      member.worker.process.kill('SIGKILL')
    }
  }

  #recordPulse(member: Member): void {
    const seconds = this.#liveness.recordPulse(member.worker.id)
    if (seconds === 0) return
    const workerPid = member.worker.process.pid
    this.#options.logger.info(
      { workerPid, seconds },
      `The event loop of worker ${workerPid} is running again, after ${seconds} s.`,
    )
  }

  #receive(member: Member, message: WorkerMessage): void {
    this.#recordPulse(member)
    switch (message.type) {
      case 'telemetry:ready':
        if (member.state === 'draining') {
          send(member.worker, { type: 'telemetry:drain' })
          break
        }
        debug('worker %d: ready', member.worker.id)
        member.state = 'ready'
        member.readyAt = performance.now()
        this.#earlyDeaths = 0
        this.#releasePlaces()
        this.#announce(message.url)
        this.#wake()
        break
      case 'telemetry:failed':
        member.failure = message.message
        break
      case 'telemetry:retiring':
        void this.#retire(member)
        break
      case 'telemetry:report':
        this.#options.onReport(member.worker.id, message)
        break
    }
  }

  #announce(url: string): void {
    if (url === this.#url) return
    this.#url = url
    this.#options.logger.info({ url, workers: this.#options.workers }, `The service is at ${url}.`)
  }

  /** A worker received a signal of its own: it is drained as soon as a replacement is ready. */
  async #retire(member: Member): Promise<void> {
    if (member.state === 'draining') {
      send(member.worker, { type: 'telemetry:drain' })
      return
    }
    if (this.#isStopping || !(await this.#replace(member))) {
      await this.#drain(member)
    }
  }

  #end(id: number, member: Member, isReplacement: boolean): void {
    const { state, place } = member
    const { pid } = member.worker.process
    debug('worker %d: exited while %s', id, state)
    this.#members.delete(id)
    this.#liveness.forget(id)
    this.#options.onEnd(id)
    this.#wake()
    if (place.isKept) this.#keptPlaces.push({ place, removeLimit: this.#sockets.limitAccepts(MAX_WAITING_CONNECTIONS) })
    if (state === 'draining' || this.#isStopping) {
      this.#fillUp()
      return
    }
    this.deaths++
    const how = describeEnd(member)
    const readyMs = member.readyAt === 0 ? 0 : performance.now() - member.readyAt
    // Does not count towards giving up: the worker that it was to replace is still running.
    if (isReplacement && member.readyAt === 0) {
      this.#options.logger.error({ workerPid: pid }, `A new worker died before it was ready, by ${how}.`)
      return
    }
    if (member.readyAt === 0 && ++this.#earlyDeaths >= (this.#options.maxEarlyDeaths ?? MAX_EARLY_DEATHS)) {
      this.#options.onGiveUp(`${this.#earlyDeaths} workers in a row died before they were ready, the last by ${how}`)
      return
    }
    const waitMs = this.#backoff.afterDeath(readyMs)
    this.#options.logger.error(
      { workerPid: pid, waitMs },
      `A worker died by ${how}; it will be replaced in ${waitMs} ms.`,
    )
    setTimeout(() => this.#fillUp(), waitMs)
  }

  /** A worker is ready again: the waiting connections are handed to it. */
  #releasePlaces(): void {
    for (const { place, removeLimit } of this.#keptPlaces.splice(0)) {
      removeLimit()
      place.release()
    }
  }

  /** Starts the missing workers; draining ones don't count. */
  #fillUp(): void {
    if (this.#isStopping || this.#isForkDue) return
    for (let missing = this.#options.workers - this.#count('ready') - this.#count('starting'); missing > 0; missing--)
      if (this.#fork() === undefined) return
  }

  #count(state: WorkerState): number {
    let count = 0
    for (const member of this.#members.values()) if (member.state === state) count++
    return count
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiters.push(resolve))
  }

  #wake(): void {
    for (const waiter of this.#waiters.splice(0)) waiter()
  }
}
