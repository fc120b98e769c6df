import { EngineHost } from '../engine/engine-host.ts'
import type { EngineEvent, EngineScript } from '../engine/engine-messages.ts'
import type { SpanDeltas } from '../engine/span-deltas.ts'
import type { HttpEngine } from '../flow/engines.ts'
import type { ScriptHook } from '../flow/script-hook.ts'
import type { WorkerChannel } from '../protocol/channel.ts'
import { FleetClock, localNow } from '../protocol/fleet-clock.ts'
import {
  heartbeatMs,
  type MasterMessage,
  protocolVersion,
  type Report,
  type RunSnapshot,
  type ScriptReference,
  type Setpoint,
  silenceMs,
  type WorkerGauges,
  type WorkerMessage,
  type WorkerState,
} from '../protocol/messages.ts'
import type { Tally } from '../results/tally.ts'
import { decodeTally } from '../results/tally-codec.ts'
import { createTargetPolicy } from '../security/target-policy.ts'
import { CpuMeter } from './cpu-meter.ts'
import { type HookResult, runHookIn } from './hook-run.ts'
import { RunLedger } from './run-ledger.ts'

export interface WorkerAgentOptions {
  readonly id: string
  readonly name: string
  readonly version: string
  readonly weight: number
  readonly httpEngine: HttpEngine
  readonly maximumSeries: number
  readonly metricsUrl?: string | undefined
  /** The worker's own file of a script. @throws Error where it has none. */
  readonly resolveScript: (name: string) => string
  /** URLs whose origins this worker makes load against; default: all. */
  readonly allowedTargets?: readonly string[] | undefined
  /** Is given everything that was counted, for the worker's metrics. */
  readonly onTally?: (tally: Tally, gauges: WorkerGauges) => void
  /** Is told what became of the spans of requests. */
  readonly onSpans?: (deltas: SpanDeltas) => void
  readonly log: (message: string, fields?: object) => void
}

/** Is told how a worker and a master get on. */
export interface AttachmentListener {
  /** The master takes the worker. */
  readonly onWelcome?: () => void
  /** The connection is over. */
  readonly onClosed?: (reason: string) => void
}

interface ActiveRun {
  readonly runId: string
  readonly script: ScriptReference
  readonly host: EngineHost
  setpoint: Setpoint | undefined
  readonly ledger: RunLedger
  state: 'preparing' | 'ready' | 'running' | 'stopping' | 'ended'
}

/** How long requests on their way may take to end when a run is stopped. */
const stopGraceMs = 700
/** When a thread that does not stop by itself is ended. */
const stopDeadlineMs = 2000
/** How long a leaving worker waits for the others to take its load over. */
const handOverMs = 500
/** Of what went wrong, in characters: a master takes no longer texts. */
const longestMessage = 2000

/**
 * A worker: takes setpoints from a master, has an engine thread make its part of the load, and reports. It goes on
 * through the loss of its master for as long as its lease, and hands over all it knows to the one that comes back.
 */
export class WorkerAgent {
  readonly #options: WorkerAgentOptions
  readonly #clock = new FleetClock()
  readonly #cpu = new CpuMeter()
  #channel: WorkerChannel | undefined
  #welcomed = false
  #lastHeardAt = 0
  #beatAt = 0
  #heartbeat: NodeJS.Timeout | undefined
  #lease: NodeJS.Timeout | undefined
  #leaseMs = 120_000
  /** The thread of the next run, started while there is no load. */
  #spare: EngineHost | undefined
  #run: ActiveRun | undefined
  /** The threads that run a `before` or `after` flow now. */
  readonly #hooks = new Set<EngineHost>()
  #gauges: WorkerGauges = { users: 0, inFlight: 0, utilization: 0, cpuCores: 0, memoryBytes: 0 }
  #ending = false

  constructor(options: WorkerAgentOptions) {
    this.#options = options
    this.#spare = this.#startEngine()
  }

  get state(): WorkerState {
    const state = this.#run?.state
    return state === undefined || state === 'ended' ? 'idle' : state
  }

  get connected(): boolean {
    return this.#welcomed
  }

  get gauges(): WorkerGauges {
    return this.#gauges
  }

  /** Talks to a master from now on. */
  attach(channel: WorkerChannel, { onWelcome, onClosed }: AttachmentListener = {}): void {
    this.#channel = channel
    this.#welcomed = false
    this.#clock.reset()
    this.#lastHeardAt = performance.now()
    this.#beatAt = this.#lastHeardAt
    channel.onMessage((message) => {
      this.#lastHeardAt = performance.now()
      this.#take(message)
      if (message.type === 'welcome') onWelcome?.()
    })
    channel.onClose((reason) => {
      if (this.#channel !== channel) return
      this.#channel = undefined
      this.#welcomed = false
      clearInterval(this.#heartbeat)
      this.#beginLease()
      onClosed?.(reason)
    })
    this.#send({
      type: 'hello',
      protocol: protocolVersion,
      version: this.#options.version,
      id: this.#options.id,
      name: this.#options.name,
      weight: this.#options.weight,
      metricsUrl: this.#options.metricsUrl,
      snapshot: this.#snapshot(),
    })
    clearInterval(this.#heartbeat)
    this.#heartbeat = setInterval(() => this.#beat(channel), heartbeatMs)
    this.#heartbeat.unref()
    this.#ping()
  }

  /** Ends the worker: says goodbye, goes on until the others have its load, stops, and reports the rest. */
  async leave(): Promise<void> {
    this.#ending = true
    clearTimeout(this.#lease)
    this.#send({ type: 'leaving' })
    await this.#handOver()
    clearInterval(this.#heartbeat)
    await this.#stopRun()
    await Promise.all([...this.#hooks].map((host) => host.terminate()))
    this.#channel?.close('the worker leaves')
    await this.#spare?.terminate()
  }

  /** Waits until a setpoint without this worker has begun, for a short while at most. */
  async #handOver(): Promise<void> {
    const deadline = performance.now() + handOverMs
    while (this.#welcomed && this.#run?.state === 'running' && performance.now() < deadline) {
      const { setpoint } = this.#run
      if (
        setpoint !== undefined &&
        !setpoint.workers.some(({ id }) => id === this.#options.id) &&
        this.#clock.now() > setpoint.startMs
      )
        return
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  #take(message: MasterMessage): void {
    switch (message.type) {
      case 'welcome':
        this.#welcomed = true
        this.#leaseMs = message.leaseMs
        clearTimeout(this.#lease)
        for (let count = 0; count < 4; count++) this.#ping()
        return
      case 'refused':
        this.#channel?.close(`it refuses this worker: ${message.reason}`)
        return
      case 'pong':
        this.#clock.addAnswer({ sentMs: message.sentMs, masterMs: message.masterMs, receivedMs: localNow() })
        this.#run?.host.send({ type: 'clock', offsetMs: this.#clock.offsetMs })
        return
      case 'prepare':
        void this.#prepare(message.runId, message.script)
        return
      case 'hook':
        void this.#runHook(message.runId, message.hook, message.script)
        return
      case 'setpoint':
        this.#follow(message.setpoint)
        return
      case 'stop':
        if (this.#run?.runId === message.runId) void this.#stopRun()
        return
      case 'reset':
        if (this.#run?.runId === message.runId) this.#run.ledger.reset()
    }
  }

  async #prepare(runId: string, script: ScriptReference): Promise<void> {
    if (this.#run !== undefined && this.#run.runId !== runId) await this.#stopRun()
    if (this.#run?.runId === runId || this.#ending) return
    let engineScript: EngineScript
    try {
      engineScript = this.#engineScript(runId, script)
    } catch (error) {
      this.#fail(runId, messageOf(error))
      return
    }
    const host = this.#spare ?? this.#startEngine()
    this.#spare = undefined
    const run: ActiveRun = {
      runId,
      script,
      host,
      setpoint: undefined,
      ledger: new RunLedger(this.#options.maximumSeries),
      state: 'preparing',
    }
    this.#run = run
    host.onEvent((event) => this.#engineEvent(run, event))
    host.onExit((reason) => this.#engineExit(run, reason))
    host.send({ type: 'clock', offsetMs: this.#clock.offsetMs })
    host.send({ type: 'prepare', ...engineScript })
  }

  /** Runs a flow of the script once for the whole run. */
  async #runHook(runId: string, hook: ScriptHook, script: ScriptReference): Promise<void> {
    let result: HookResult
    const host = this.#startEngine()
    this.#hooks.add(host)
    try {
      result = await runHookIn(host, hook, this.#engineScript(runId, script))
    } catch (error) {
      await host.terminate()
      result = { variables: {}, message: messageOf(error) }
    }
    this.#hooks.delete(host)
    const { variables, message } = result
    this.#send({ type: 'hookEnded', runId, hook, variables, message: message?.slice(0, longestMessage) })
  }

  /** This worker's own file of a script. @throws Error for a target that is not allowed, or a script that is not here. */
  #engineScript(runId: string, script: ScriptReference): EngineScript {
    if (this.#options.allowedTargets !== undefined) createTargetPolicy(this.#options.allowedTargets)(script.target)
    const { digest, target, environment, variables } = script
    return { runId, path: this.#options.resolveScript(script.name), digest, target, environment, variables }
  }

  #follow(setpoint: Setpoint): void {
    const run = this.#run
    if (run === undefined || run.runId !== setpoint.runId || run.state === 'stopping' || run.state === 'ended') return
    if (run.setpoint !== undefined && run.setpoint.epoch >= setpoint.epoch) return
    run.setpoint = setpoint
    if (run.state === 'preparing') return
    run.state = 'running'
    run.host.send({ type: 'setpoint', setpoint })
  }

  #engineEvent(run: ActiveRun, event: EngineEvent): void {
    switch (event.type) {
      case 'online':
      case 'hookEnded':
        return
      case 'prepared':
        if (run.state !== 'preparing') return
        run.state = 'ready'
        this.#send({ type: 'prepared', runId: run.runId })
        if (run.setpoint !== undefined) {
          run.state = 'running'
          run.host.send({ type: 'setpoint', setpoint: run.setpoint })
        }
        return
      case 'failed':
        this.#fail(run.runId, event.message, { field: event.field })
        this.#forget(run)
        return
      case 'spans':
        this.#options.onSpans?.(event.deltas)
        return
      case 'report':
        this.#report(run, event)
    }
  }

  #report(run: ActiveRun, event: EngineEvent & { type: 'report' }): void {
    const tally = decodeTally(event.tally, { maximumSeries: this.#options.maximumSeries })
    const sequence = run.ledger.add(tally)
    this.#gauges = {
      users: event.final ? 0 : event.users,
      inFlight: event.inFlight,
      utilization: event.utilization,
      cpuCores: this.#cpu.read(),
      memoryBytes: process.memoryUsage.rss(),
    }
    this.#options.onTally?.(tally, this.#gauges)
    const report: Report = {
      runId: run.runId,
      sequence,
      epoch: event.epoch,
      windowMs: event.windowMs,
      untilMs: event.untilMs,
      tally: event.tally,
      gauges: this.#gauges,
    }
    // What follows the hello is read after it: its snapshot holds everything that was counted before.
    if (this.#channel !== undefined) this.#send({ type: event.final ? 'final' : 'report', report })
    else run.ledger.keepUnsent(event.windowMs, tally)
    if (event.final) run.state = 'ended'
  }

  #engineExit(run: ActiveRun, reason: string): void {
    if (run.state !== 'ended' && run.state !== 'stopping') {
      this.#options.log(`The engine thread ended in a run: ${reason}`)
      this.#fail(run.runId, reason, { isCut: true })
    }
    this.#forget(run)
  }

  /** A run that ended is forgotten only once a master knows how it ended. */
  #forget(run: ActiveRun): void {
    if (this.#run !== run) return
    if (run.state === 'ended' && !this.#welcomed && !this.#ending) return
    this.#release(run)
  }

  #release(run: ActiveRun): void {
    run.state = 'ended'
    this.#run = undefined
    void run.host.terminate()
    if (!this.#ending) this.#spare ??= this.#startEngine()
  }

  async #stopRun(): Promise<void> {
    const run = this.#run
    if (run === undefined) return
    if (run.state === 'ended') {
      this.#release(run)
      return
    }
    if (run.state === 'stopping') return
    run.state = 'stopping'
    await new Promise<void>((resolve) => {
      const deadline = setTimeout(() => void run.host.terminate(), stopDeadlineMs)
      run.host.onExit(() => {
        clearTimeout(deadline)
        resolve()
      })
      run.host.send({ type: 'stop', graceMs: stopGraceMs })
    })
    run.state = 'ended'
    this.#forget(run)
  }

  #snapshot(): RunSnapshot | undefined {
    const run = this.#run
    if (run?.setpoint === undefined) return undefined
    const { runId, script, setpoint, state, ledger } = run
    return { runId, script, setpoint, ended: state === 'ended', ...ledger.handOver() }
  }

  #beginLease(): void {
    if (this.#run === undefined || this.#run.state === 'ended' || this.#ending) return
    clearTimeout(this.#lease)
    this.#options.log(`The master is gone; the load goes on for ${this.#leaseMs / 1000} s at most.`)
    this.#lease = setTimeout(() => {
      this.#options.log('No master came back in time: the load stops.')
      void this.#stopRun()
    }, this.#leaseMs)
    this.#lease.unref()
  }

  #beat(channel: WorkerChannel): void {
    const now = performance.now()
    // What the master said while this process stood still is still to be read.
    if (now - this.#beatAt > 1.5 * heartbeatMs) this.#lastHeardAt += now - this.#beatAt
    this.#beatAt = now
    if (performance.now() - this.#lastHeardAt > silenceMs) channel.close('the master is silent')
    else this.#ping()
  }

  #ping(): void {
    this.#send({ type: 'ping', sentMs: localNow() })
  }

  #fail(
    runId: string,
    message: string,
    more: { readonly field?: string | undefined; readonly isCut?: boolean } = {},
  ): void {
    this.#send({ type: 'failed', runId, message: message.slice(0, longestMessage), ...more })
  }

  #send(message: WorkerMessage): void {
    this.#channel?.send(message)
  }

  #startEngine(): EngineHost {
    const { id, version, httpEngine, maximumSeries, allowedTargets } = this.#options
    return new EngineHost({ workerId: id, version, httpEngine, maximumSeries, allowedOrigins: allowedTargets })
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
