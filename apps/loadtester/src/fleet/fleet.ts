import type { WorkerState } from '../contract/api.ts'
import type { MasterChannel } from '../protocol/channel.ts'
import { debug } from '../protocol/debug-log.ts'
import { localNow } from '../protocol/fleet-clock.ts'
import {
  type Hello,
  MASTER_ENDS,
  PROTOCOL_VERSION,
  type RunSnapshot,
  SILENCE_MS,
  type WorkerMessage,
} from '../protocol/messages.ts'
import { ChangeSignal } from './change-signal.ts'
import { FleetWorker, refusalOf } from './fleet-worker.ts'

export interface FleetOptions {
  /** Workers must have the same one. */
  readonly version: string
  /** How long workers continue without a master; default: 2 minutes. */
  readonly leaseMs?: number | undefined
  readonly log: (message: string, fields?: object) => void
}

/** Notified of what happens in the fleet. */
export interface FleetListener {
  /** A worker joined; the snapshot is that of the run it is working on. */
  joined(worker: FleetWorker, snapshot: RunSnapshot | undefined): void
  received(worker: FleetWorker, message: Exclude<WorkerMessage, Hello | { readonly type: 'ping' }>): void
  /** A worker's connection ended. */
  gone(worker: FleetWorker, wasWorking: boolean): void
}

const DEFAULT_LEASE_MS = 120_000
const TICK_MS = 100
/** A tick this late means that the process was suspended. */
const STALL_MS = 500
/** How many workers that are gone are remembered. */
const MAX_GONE = 50

/** The workers of a master, in the order in which they joined; those that are gone are remembered for a while. */
export class Fleet {
  readonly changes = new ChangeSignal()
  readonly #options: FleetOptions
  readonly #workers = new Map<string, FleetWorker>()
  readonly #ticker: NodeJS.Timeout
  #listener: FleetListener | undefined
  #tickedAt = performance.now()
  #isClosed = false

  constructor(options: FleetOptions) {
    this.#options = options
    this.#ticker = setInterval(() => this.#tick(), TICK_MS).unref()
  }

  listen(listener: FleetListener): void {
    this.#listener = listener
  }

  /** Adds the connection of a worker, which joins once it has introduced itself. */
  connect(channel: MasterChannel): void {
    let worker: FleetWorker | undefined
    channel.onMessage((message) => {
      if (message.type === 'ping') {
        channel.send({ type: 'pong', sentMs: message.sentMs, masterMs: localNow() })
        if (worker?.channel === channel) worker.lastHeardAt = performance.now()
      } else if (message.type === 'hello') {
        worker ??= this.#join(message, channel)
      } else if (worker?.channel === channel) {
        worker.lastHeardAt = performance.now()
        if (message.type === 'leaving') worker.isLeaving = true
        debug('worker %s: %s', worker.name, message.type)
        this.#listener?.received(worker, message)
      }
    })
    channel.onClose((reason) => {
      if (worker?.channel === channel) this.#leave(worker, reason)
    })
  }

  /** @returns whether this many workers are connected, after the timeout at the latest. */
  async waitForWorkers(count: number, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
    const deadline = performance.now() + timeoutMs
    while (this.present.length < count) {
      const leftMs = deadline - performance.now()
      if (leftMs <= 0 || signal?.aborted === true) return false
      await this.changes.wait(Math.min(leftMs, 1000))
    }
    return true
  }

  get(id: string): FleetWorker | undefined {
    return this.#workers.get(id)
  }

  get all(): FleetWorker[] {
    return [...this.#workers.values()]
  }

  /** The workers that are connected. */
  get present(): FleetWorker[] {
    return this.all.filter(({ channel }) => channel !== undefined)
  }

  /** The workers that can take a share of the load. */
  get available(): FleetWorker[] {
    return this.all.filter(({ isAvailable }) => isAvailable)
  }

  countByState(): Map<WorkerState, number> {
    const counts = new Map<WorkerState, number>()
    for (const { state } of this.#workers.values()) counts.set(state, (counts.get(state) ?? 0) + 1)
    return counts
  }

  /** Disconnects every worker; they continue for as long as their lease. */
  close(): void {
    this.#isClosed = true
    clearInterval(this.#ticker)
    for (const { channel } of this.present) channel?.close(MASTER_ENDS)
  }

  #join(hello: Hello, channel: MasterChannel): FleetWorker | undefined {
    const { version, leaseMs = DEFAULT_LEASE_MS, log } = this.#options
    const reason = refusalOf(hello, version)
    if (reason !== undefined) {
      log(`A worker was refused: ${reason}`, { worker: hello.name })
      channel.send({ type: 'refused', reason })
      channel.close(reason)
      return undefined
    }
    this.#workers.get(hello.id)?.channel?.close('the worker has reconnected')
    const worker = new FleetWorker(hello, channel)
    this.#workers.set(worker.id, worker)
    this.#forgetOldest()
    worker.send({ type: 'welcome', protocol: PROTOCOL_VERSION, version, leaseMs })
    log(`Worker ${worker.name} joined.`, { worker: worker.name, weight: worker.weight })
    this.#listener?.joined(worker, hello.snapshot)
    this.changes.notify()
    return worker
  }

  #leave(worker: FleetWorker, reason: string): void {
    worker.channel = undefined
    worker.gauges = { ...worker.gauges, users: 0, inFlight: 0, utilization: 0, cpuCores: 0 }
    if (this.#isClosed) return
    const wasWorking = worker.isWorking
    if (worker.isLeaving && !wasWorking) {
      worker.state = 'left'
      this.#options.log(`Worker ${worker.name} left.`, { worker: worker.name })
    } else {
      worker.state = 'lost'
      worker.message = reason
      this.#options.log(`Worker ${worker.name} was lost: ${reason}`, { worker: worker.name })
    }
    this.#listener?.gone(worker, wasWorking)
    this.changes.notify()
  }

  /** Disconnects workers that have been silent for too long. */
  #tick(): void {
    const now = performance.now()
    const sinceTickMs = now - this.#tickedAt
    this.#tickedAt = now
    for (const worker of this.present) {
      // If this process was suspended, the workers' messages of that time are still unread.
      if (sinceTickMs > STALL_MS) worker.lastHeardAt += sinceTickMs
      if (now - worker.lastHeardAt > SILENCE_MS) worker.channel?.close('the worker is silent')
    }
  }

  #forgetOldest(): void {
    const gone = this.all.filter(({ channel }) => channel === undefined)
    for (const { id } of gone.slice(0, Math.max(0, gone.length - MAX_GONE))) this.#workers.delete(id)
  }
}
