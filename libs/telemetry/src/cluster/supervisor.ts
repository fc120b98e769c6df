import cluster, { type Worker } from 'node:cluster'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../logs/logger.ts'
import { type Handoffs, watchHandoffs } from '../node-internals/handoffs.ts'
import { type Place, watchPlace } from '../node-internals/kept-place.ts'
import { ListeningSockets } from '../node-internals/listening-sockets.ts'
import { workerEnded } from '../node-internals/worker-end.ts'
import { Backoff, type BackoffOptions } from './backoff.ts'
import { isWorkerMessage, type PrimaryMessage, type WorkerMessage } from './messages.ts'

/** How workers are kept alive. */
export interface SupervisorOptions {
  /** How many workers there should be. */
  readonly workers: number
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>
  /** Called when workers die again and again before they are ready, with the reason. */
  readonly onGiveUp: (reason: string) => void
  /** What workers report about their metrics, in their order. */
  readonly onReport: (workerId: number, message: WorkerMessage & { type: 'telemetry:report' }) => void
  /** Called once for a worker that has ended, after its last report. */
  readonly onEnd: (workerId: number) => void
  readonly backoff?: BackoffOptions
  /** Deaths in a row before any worker is ready, after which the primary gives up; default 5. */
  readonly maxEarlyDeaths?: number
  /** A new worker that is not ready after this time is killed; default 60 s. */
  readonly readyTimeoutMs?: number
  /** A worker that drains longer than this is killed; default 20 s. */
  readonly drainTimeoutMs?: number
}

/** What a worker is at. */
type WorkerState = 'starting' | 'ready' | 'draining'

interface Member {
  readonly worker: Worker
  readonly handoffs: Handoffs
  readonly place: Place
  readonly ended: Promise<void>
  state: WorkerState
  readyAt: number
  failure: string | undefined
  /** Whether another has become ready in its place; while one is being started. */
  replaced: Promise<boolean> | undefined
}

const MAX_EARLY_DEATHS = 5
const READY_TIMEOUT_MS = 60_000
const DRAIN_TIMEOUT_MS = 20_000
const HANDOVER_TIMEOUT_MS = 1_000
const HANDOVER_CHECK_MS = 5
/** Connections that wait where no worker is ready; more are closed at once. */
const MAX_WAITING_CONNECTIONS = 1024

/**
 * Keeps the workers of a cluster: starts them, replaces those that die (at once, then after waits that double), drains them one by one for a
 * rolling restart, and all together at the end. Workers are those of `joinCluster`.
 */
export class Supervisor {
  /** Deaths of workers that nobody asked for, so far. */
  deaths = 0
  readonly #options: SupervisorOptions
  readonly #backoff: Backoff
  readonly #members = new Map<number, Member>()
  readonly #sockets = new ListeningSockets()
  readonly #waiters: (() => void)[] = []
  /** What has been kept of workers without whom the service would not listen. */
  readonly #keptPlaces: { readonly place: Place; readonly unbound: () => void }[] = []
  #earlyDeaths = 0
  #url: string | undefined
  #isStopping = false
  #roll: Promise<void> | undefined
  #rollAgain = false

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#backoff = new Backoff(options.backoff)
  }

  /** Starts the workers. */
  start(): void {
    this.#sockets.watch()
    for (let index = 0; index < this.#options.workers; index++) this.#fork()
  }

  /** The workers that can be asked for their metrics; those that start have none yet. */
  get reachable(): readonly Worker[] {
    return Array.from(this.#members.values())
      .filter(({ worker, readyAt }) => readyAt > 0 && worker.isConnected())
      .map(({ worker }) => worker)
  }

  /** How many workers take requests. */
  get readyCount(): number {
    return this.#count('ready')
  }

  /** How many processes there are. */
  get liveCount(): number {
    return this.#members.size
  }

  /** Asks one worker for a report. */
  collect(worker: Worker, scrape: number): void {
    send(worker, { type: 'telemetry:collect', scrape })
  }

  /**
   * Replaces every worker, one after the other: the new one must be ready before the old one drains. A new worker that can't start ends the
   * restart and leaves the rest as it is. A call during a restart has it run once more afterwards.
   */
  restart(): Promise<void> {
    if (this.#roll !== undefined) {
      this.#rollAgain = true
      return this.#roll
    }
    this.#roll = this.#restartAll().finally(() => {
      this.#roll = undefined
    })
    return this.#roll
  }

  /** Stops listening and drains all workers at once; those that are left after `timeoutMs` are killed. */
  async stop(timeoutMs: number): Promise<void> {
    this.#isStopping = true
    this.#wake()
    await this.#sockets.close()
    await this.#untilHandedOver()
    await Promise.all(Array.from(this.#members.values(), (member) => this.#drain(member, timeoutMs)))
  }

  /** Waits until workers have taken every connection that was accepted for them. */
  async #untilHandedOver(): Promise<void> {
    const deadline = performance.now() + HANDOVER_TIMEOUT_MS
    const isUnderWay = () => Array.from(this.#members.values()).some(({ handoffs }) => handoffs.count > 0)
    while (isUnderWay() && performance.now() < deadline) await sleep(HANDOVER_CHECK_MS)
  }

  async #restartAll(): Promise<void> {
    const { logger } = this.#options
    do {
      this.#rollAgain = false
      const old = Array.from(this.#members.values()).filter(({ state }) => state !== 'draining')
      logger.info({ workers: old.length }, 'Rolling restart: the workers are replaced one by one.')
      for (const member of old) {
        if (this.#isStopping) return
        if (!this.#members.has(member.worker.id)) continue
        if (!(await this.#replace(member))) {
          if (!this.#isStopping) logger.error({}, 'Rolling restart: a new worker could not start; the old ones go on.')
          return
        }
      }
      if (!this.#isStopping) logger.info({ workers: this.readyCount }, 'Rolling restart: done.')
    } while (this.#rollAgain)
  }

  /** Replaces a worker, once for all who ask while another is being started; @returns whether that became ready */
  #replace(member: Member): Promise<boolean> {
    member.replaced ??= this.#replaceBy(member).finally(() => {
      member.replaced = undefined
    })
    return member.replaced
  }

  async #replaceBy(member: Member): Promise<boolean> {
    const replacement = this.#fork({ isReplacement: true })
    await this.#until(
      () => replacement.state !== 'starting' || !this.#members.has(replacement.worker.id) || this.#isStopping,
    )
    if (replacement.state !== 'ready') return false
    await this.#drain(member, this.#options.drainTimeoutMs ?? DRAIN_TIMEOUT_MS)
    return true
  }

  async #drain(member: Member, timeoutMs: number): Promise<void> {
    const { worker } = member
    const wasStarting = member.state === 'starting'
    member.state = 'draining'
    if (wasStarting || !send(worker, { type: 'telemetry:drain' })) worker.process.kill('SIGTERM')
    const timer = setTimeout(() => {
      this.#options.logger.error(
        { workerPid: worker.process.pid, timeoutMs },
        'A worker did not drain in time and is killed; its requests are lost.',
      )
      worker.process.kill('SIGKILL')
    }, timeoutMs)
    await member.ended
    clearTimeout(timer)
  }

  #fork(options: { readonly isReplacement?: boolean } = {}): Member {
    const worker = cluster.fork()
    const { id } = worker
    const handoffs = watchHandoffs(worker)
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
    this.#members.set(id, member)
    this.#limitStart(member)
    worker.on('message', (message: unknown) => {
      // What comes after the end of a worker has no place to go to.
      if (isWorkerMessage(message) && this.#members.has(id)) this.#receive(member, message)
    })
    worker.on('error', (error: Error) => {
      // Else it was a message that the worker could not take any more, and its end is told apart.
      if (worker.process.pid === undefined) member.failure = error.message
    })
    return member
  }

  /** Whether a worker that ends now is the last of those that take requests; others may have died too and not be counted out yet. */
  #isLastReady(member: Member): boolean {
    const others = Array.from(this.#members.values()).filter(
      (other) => other !== member && other.state === 'ready' && !other.worker.isDead() && other.worker.isConnected(),
    )
    return member.state === 'ready' && others.length === 0 && !this.#isStopping
  }

  /** A worker that hangs while it starts would hold up a rolling restart for ever. */
  #limitStart(member: Member): void {
    const timeoutMs = this.#options.readyTimeoutMs ?? READY_TIMEOUT_MS
    const timer = setTimeout(() => {
      if (member.state !== 'starting') return
      member.failure = `it was not ready after ${timeoutMs / 1000} s`
      member.worker.process.kill('SIGKILL')
    }, timeoutMs)
    timer.unref()
    void member.ended.then(() => clearTimeout(timer))
  }

  #receive(member: Member, message: WorkerMessage): void {
    switch (message.type) {
      case 'telemetry:ready':
        if (member.state === 'draining') {
          send(member.worker, { type: 'telemetry:drain' })
          break
        }
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

  /** A worker was asked to end by a signal of its own: it is drained as soon as another takes its place. */
  async #retire(member: Member): Promise<void> {
    if (member.state === 'draining') {
      send(member.worker, { type: 'telemetry:drain' })
      return
    }
    if (this.#isStopping || !(await this.#replace(member))) {
      await this.#drain(member, this.#options.drainTimeoutMs ?? DRAIN_TIMEOUT_MS)
    }
  }

  #end(id: number, member: Member, isReplacement: boolean): void {
    const { worker, state, place } = member
    this.#members.delete(id)
    this.#options.onEnd(id)
    this.#wake()
    if (place.isKept) this.#keptPlaces.push({ place, unbound: this.#sockets.bound(MAX_WAITING_CONNECTIONS) })
    if (state === 'draining' || this.#isStopping) {
      this.#fillUp()
      return
    }
    this.deaths++
    const { pid, exitCode, signalCode } = worker.process
    const cause = signalCode === null ? `exit code ${exitCode}` : `signal ${signalCode}`
    const how = member.failure === undefined ? cause : `${cause}: ${member.failure}`
    const readyMs = member.readyAt === 0 ? 0 : performance.now() - member.readyAt
    // Not one of the row that ends the service: the worker that it was to replace goes on.
    if (isReplacement && member.readyAt === 0) {
      this.#options.logger.error({ workerPid: pid }, `A new worker died before it was ready, by ${how}.`)
      return
    }
    if (member.readyAt === 0 && ++this.#earlyDeaths >= (this.#options.maxEarlyDeaths ?? MAX_EARLY_DEATHS)) {
      this.#options.onGiveUp(`${this.#earlyDeaths} workers in a row died before they were ready, the last by ${how}`)
      return
    }
    const waitMs = this.#backoff.afterDeath(readyMs)
    this.#options.logger.error({ workerPid: pid, waitMs }, `A worker died by ${how}; it is replaced in ${waitMs} ms.`)
    setTimeout(() => this.#fillUp(), waitMs)
  }

  /** A worker is there again to take who has waited. */
  #releasePlaces(): void {
    for (const { place, unbound } of this.#keptPlaces.splice(0)) {
      unbound()
      place.release()
    }
  }

  /** Starts workers until there are as many as there should be; those that drain don't count. */
  #fillUp(): void {
    if (this.#isStopping) return
    for (let missing = this.#options.workers - this.#count('ready') - this.#count('starting'); missing > 0; missing--)
      this.#fork()
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

/** @returns whether the worker has a channel to hear it */
function send(worker: Worker, message: PrimaryMessage): boolean {
  if (!worker.isConnected()) return false
  worker.send(message, undefined, () => {})
  return true
}
