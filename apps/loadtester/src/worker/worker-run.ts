import type { EngineHost } from '../engine/engine-host.ts'
import type { EngineEvent, EngineReport, EngineScript } from '../engine/engine-messages.ts'
import type { SpanDeltas } from '../engine/span-deltas.ts'
import { debug } from '../protocol/debug-log.ts'
import type { RunSnapshot } from '../protocol/messages.ts'
import type { Setpoint } from '../protocol/setpoint.ts'
import type { ScriptReference } from '../script/script-reference.ts'
import { RunLedger } from './run-ledger.ts'

/** How long requests in flight may take to end when the run is stopped. */
const STOP_GRACE_MS = 700
/** After this time, an engine that has not stopped is terminated. */
const STOP_DEADLINE_MS = 2000

export interface WorkerRunOptions {
  readonly reference: ScriptReference
  readonly script: EngineScript
  readonly host: EngineHost
  readonly maximumSeries: number
  readonly clockOffsetMs: number
  readonly listener: WorkerRunListener
}

/** Notified of what happens in a run. */
export interface WorkerRunListener {
  prepared(run: WorkerRun): void
  /** @param isCut the engine ended abruptly: what it counted since its last report is not known. */
  failed(
    run: WorkerRun,
    problem: { readonly message: string; readonly field?: string | undefined; readonly isCut?: boolean },
  ): void
  reported(run: WorkerRun, sequence: number, report: EngineReport): void
  /** Its engine was suspended, and waits for a message from the master. */
  suspended(run: WorkerRun): void
  /** Its engine starts nothing that is due at `untilMs` or later. */
  fenced(number: number, untilMs: number): void
  spans(deltas: SpanDeltas): void
  /** The engine has ended. */
  ended(run: WorkerRun): void
}

/** One run on this worker: its engine, the setpoint it follows, and what it has counted. */
export class WorkerRun {
  readonly id: string
  readonly ledger: RunLedger
  readonly #options: WorkerRunOptions
  #state: 'preparing' | 'ready' | 'running' | 'stopping' | 'ended' = 'preparing'
  #setpoint: Setpoint | undefined
  #stopped: Promise<void> | undefined

  constructor(options: WorkerRunOptions) {
    this.#options = options
    this.id = options.script.runId
    this.ledger = new RunLedger(options.maximumSeries)
    const { host, listener } = options
    host.onEvent((event) => this.#take(event))
    host.onExit((message) => {
      if (this.#state !== 'ended' && this.#state !== 'stopping') listener.failed(this, { message, isCut: true })
      listener.ended(this)
    })
    this.setClock(options.clockOffsetMs)
    host.send({ type: 'prepare', ...options.script })
  }

  get state(): 'preparing' | 'ready' | 'running' | 'stopping' | 'ended' {
    return this.#state
  }

  get setpoint(): Setpoint | undefined {
    return this.#setpoint
  }

  /** @param sentMs when the ping left that the master has answered, on the local clock. */
  setClock(offsetMs: number, sentMs?: number): void {
    this.#options.host.send({ type: 'clock', offsetMs, sentMs })
  }

  /** Follows a setpoint of this run, as soon as the engine is prepared. An outdated setpoint is ignored. */
  follow(setpoint: Setpoint): void {
    if (setpoint.runId !== this.id || this.#state === 'stopping' || this.#state === 'ended') return
    if (this.#setpoint !== undefined && this.#setpoint.epoch >= setpoint.epoch) return
    this.#setpoint = setpoint
    if (this.#state !== 'preparing') this.#run(setpoint)
  }

  /**
   * Starts nothing that is due at a moment or later, until the next setpoint or {@link unfence}.
   *
   * @returns false if nothing runs and so there is nothing to wait for.
   */
  fence(number: number, startMs: number): boolean {
    if (this.#state !== 'running') return false
    this.#options.host.send({ type: 'fence', number, startMs })
    return true
  }

  /** Starts nothing more until the next setpoint or {@link goOn}, because others may have this worker's share. */
  wait(): void {
    if (this.#state === 'running') this.#options.host.send({ type: 'wait' })
  }

  goOn(): void {
    if (this.#state === 'running') this.#options.host.send({ type: 'goOn' })
  }

  unfence(): void {
    if (this.#state === 'running') this.#options.host.send({ type: 'unfence' })
  }

  /**
   * Stops the load; resolves when everything is reported and the engine has ended.
   *
   * @param drainMs how long virtual users may go on.
   */
  stop(drainMs = 0): Promise<void> {
    this.#stopped ??= this.#state === 'ended' ? Promise.resolve() : this.#stop(drainMs)
    return this.#stopped
  }

  /** Ends the run immediately. */
  terminate(): void {
    this.#state = 'ended'
    void this.#options.host.terminate()
  }

  /** Everything known about the run; undefined before its first setpoint. */
  snapshot(): RunSnapshot | undefined {
    if (this.#setpoint === undefined) return undefined
    const { reference: script } = this.#options
    return {
      runId: this.id,
      script,
      setpoint: this.#setpoint,
      ended: this.#state === 'ended',
      ...this.ledger.handOver(),
    }
  }

  #run(setpoint: Setpoint): void {
    this.#state = 'running'
    this.#options.host.send({ type: 'setpoint', setpoint })
  }

  async #stop(drainMs: number): Promise<void> {
    const { host } = this.#options
    this.#state = 'stopping'
    await new Promise<void>((resolve) => {
      const deadline = setTimeout(() => void host.terminate(), drainMs + STOP_DEADLINE_MS)
      host.onExit(() => {
        clearTimeout(deadline)
        resolve()
      })
      host.send({ type: 'stop', graceMs: STOP_GRACE_MS, drainMs })
    })
    this.#state = 'ended'
  }

  #take(event: EngineEvent): void {
    const { listener } = this.#options
    if (event.type !== 'report') debug('engine of run %s: %s', this.id, event.type)
    switch (event.type) {
      case 'prepared':
        if (this.#state !== 'preparing') return
        this.#state = 'ready'
        listener.prepared(this)
        if (this.#setpoint !== undefined) this.#run(this.#setpoint)
        return
      case 'failed':
        listener.failed(this, event)
        listener.ended(this)
        return
      case 'suspended':
        listener.suspended(this)
        return
      case 'fenced':
        listener.fenced(event.number, event.untilMs)
        return
      case 'spans':
        listener.spans(event.deltas)
        return
      case 'report':
        listener.reported(this, this.ledger.add(event.tally), event)
        if (event.final) this.#state = 'ended'
    }
  }
}
