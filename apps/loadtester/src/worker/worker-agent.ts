import { randomUUID } from 'node:crypto'
import { messageOf } from '@node-to-cloud/command-line'
import type { WorkerState } from '../contract/api.ts'
import { EngineHost } from '../engine/engine-host.ts'
import type { EngineReport, EngineScript } from '../engine/engine-messages.ts'
import type { SpanDeltas } from '../engine/span-deltas.ts'
import type { HttpEngine } from '../flow/engines.ts'
import type { WorkerChannel } from '../protocol/channel.ts'
import {
  type Hello,
  type MasterMessage,
  PROTOCOL_VERSION,
  type Report,
  type WorkerGauges,
} from '../protocol/messages.ts'
import type { Tally } from '../results/tally.ts'
import type { ScriptHook } from '../script/hooks.ts'
import type { ScriptReference } from '../script/script-reference.ts'
import { createTargetPolicy } from '../security/target-policy.ts'
import { HookRuns } from './hook-runs.ts'
import { Lease } from './lease.ts'
import { LogSender } from './log-sender.ts'
import { type AttachmentListener, MasterLink } from './master-link.ts'
import { ProcessMeter } from './process-meter.ts'
import { WorkerRun, type WorkerRunListener } from './worker-run.ts'

export interface WorkerAgentOptions {
  /** Default: a random one. */
  readonly id?: string
  readonly name: string
  readonly version: string
  /** CPU cores that the worker may use. */
  readonly weight: number
  readonly httpEngine: HttpEngine
  readonly maximumSeries: number
  readonly metricsUrl?: string | undefined
  /** The worker's own file of a script. @throws Error if it has none. */
  readonly resolveScript: (name: string) => string
  /** URLs whose origins this worker sends load to; default: any. */
  readonly allowedTargets?: readonly string[] | undefined
  readonly metrics?: WorkerCounts | undefined
  readonly log: (message: string, fields?: object) => void
}

/** Receives everything that a worker counts, for its metrics. */
export interface WorkerCounts {
  add(tally: Tally, gauges: WorkerGauges): void
  addSpans(deltas: SpanDeltas): void
}

/** How long a leaving worker waits for the others to take over its share. */
const HAND_OVER_MS = 500
/** How long the virtual users of a leaving worker may go on. */
const LEAVE_DRAIN_MS = 1000
/** Longest error message that is sent; a master accepts strings of up to 4096 characters. */
const MAX_MESSAGE_LENGTH = 2000

/**
 * A worker: follows a master's setpoints, has an engine thread make its share of the load, and reports. Without a master
 * it continues for as long as its lease, and hands its counts over to the next one.
 */
export class WorkerAgent {
  readonly #id: string
  readonly #options: WorkerAgentOptions
  readonly #link: MasterLink
  readonly #lease = new Lease()
  readonly #meter = new ProcessMeter()
  readonly #output = new LogSender((lines) => this.#link.send({ type: 'log', lines }))
  readonly #hooks = new HookRuns(() => this.#startEngine())
  /** An engine for the next run, started while there is no load. */
  #spare: EngineHost | undefined
  #run: WorkerRun | undefined
  #isLeaving = false

  constructor(options: WorkerAgentOptions) {
    this.#id = options.id ?? randomUUID()
    this.#options = options
    this.#link = new MasterLink({
      hello: () => this.#hello(),
      onMessage: (message) => this.#take(message),
      onClosed: () => this.#continueAlone(),
    })
    this.#spare = this.#startEngine()
  }

  get state(): WorkerState {
    const state = this.#run?.state
    return state === undefined || state === 'ended' ? 'idle' : state
  }

  /** Whether a master has accepted the worker. */
  get isConnected(): boolean {
    return this.#link.isWelcome
  }

  /** Follows the master on this channel from now on. */
  attach(channel: WorkerChannel, listener?: AttachmentListener): void {
    this.#link.attach(channel, listener)
  }

  /** No master answers at its address, so none can have given this worker's share to others. */
  masterIsGone(): void {
    this.#run?.goOn()
  }

  /** Ends the worker: it announces that it leaves, continues until others have its share, stops, and reports the rest. */
  async leave(): Promise<void> {
    this.#isLeaving = true
    this.#lease.end()
    this.#link.send({ type: 'leaving' })
    await this.#handOver()
    await this.#stopRun(LEAVE_DRAIN_MS)
    await this.#hooks.terminate()
    this.#output.flush()
    this.#link.close('the worker leaves')
    await this.#spare?.terminate()
  }

  /** Waits, for a short while, until a setpoint without this worker is in effect. */
  async #handOver(): Promise<void> {
    const deadline = performance.now() + HAND_OVER_MS
    while (this.#link.isWelcome && this.#run?.state === 'running' && performance.now() < deadline) {
      const { setpoint } = this.#run
      const isReleased = setpoint?.workers.every(({ id }) => id !== this.#id) === true
      if (isReleased && this.#link.clock.now() > setpoint.startMs) return
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  #hello(): Hello {
    const { version, name, weight, metricsUrl } = this.#options
    const snapshot = this.#run?.snapshot()
    return { type: 'hello', protocol: PROTOCOL_VERSION, version, id: this.#id, name, weight, metricsUrl, snapshot }
  }

  #take(message: MasterMessage): void {
    switch (message.type) {
      case 'welcome':
        this.#lease.durationMs = message.leaseMs
        this.#lease.end()
        return
      case 'refused':
        return
      case 'pong':
        this.#run?.setClock(this.#link.clock.offsetMs, message.sentMs)
        return
      case 'prepare':
        void this.#prepare(message.runId, message.script)
        return
      case 'hook':
        void this.#runHook(message.runId, message.hook, message.script)
        return
      case 'setpoint':
        this.#run?.follow(message.setpoint)
        return
      case 'fence':
        this.#fence(message)
        return
      case 'goOn':
        if (this.#run?.id === message.runId) this.#run.goOn()
        return
      case 'unfence':
        if (this.#run?.id === message.runId) this.#run.unfence()
        return
      case 'stop':
        if (this.#run?.id === message.runId) void this.#stopRun()
        return
      case 'reset':
        if (this.#run?.id === message.runId) this.#run.ledger.reset()
    }
  }

  #fence({ number, startMs, setpoint }: MasterMessage & { type: 'fence' }): void {
    const run = this.#run?.id === setpoint.runId ? this.#run : undefined
    run?.follow(setpoint)
    if (run?.fence(number, startMs) !== true) this.#link.send({ type: 'fenced', number, untilMs: startMs })
  }

  async #prepare(runId: string, reference: ScriptReference): Promise<void> {
    if (this.#run !== undefined && this.#run.id !== runId) await this.#stopRun()
    if (this.#run?.id === runId && this.#run.state === 'ready') this.#link.send({ type: 'prepared', runId })
    if (this.#run?.id === runId || this.#isLeaving) return
    try {
      const script = this.#engineScript(runId, reference)
      const host = this.#spare ?? this.#startEngine()
      this.#spare = undefined
      const { maximumSeries } = this.#options
      const clockOffsetMs = this.#link.clock.offsetMs
      this.#run = new WorkerRun({ reference, script, host, maximumSeries, clockOffsetMs, listener: this.#runListener })
    } catch (error) {
      this.#sendFailed(runId, { message: messageOf(error) })
    }
  }

  async #runHook(runId: string, hook: ScriptHook, reference: ScriptReference): Promise<void> {
    const { variables, message } = await this.#hooks.run(hook, () => this.#engineScript(runId, reference))
    this.#link.send({ type: 'hookEnded', runId, hook, variables, message: message?.slice(0, MAX_MESSAGE_LENGTH) })
  }

  /** @throws Error if the target is not allowed, or this worker does not have the script. */
  #engineScript(runId: string, reference: ScriptReference): EngineScript {
    const { name, digest, target, environment, settings, variables } = reference
    const { allowedTargets, resolveScript } = this.#options
    if (allowedTargets !== undefined) createTargetPolicy(allowedTargets)(target)
    return { runId, path: resolveScript(name), digest, target, environment, settings, variables }
  }

  readonly #runListener: WorkerRunListener = {
    prepared: (run) => this.#link.send({ type: 'prepared', runId: run.id }),
    failed: (run, problem) => {
      if (problem.isCut === true) this.#log(`The engine thread ended during a run: ${problem.message}`)
      this.#sendFailed(run.id, problem)
    },
    reported: (run, sequence, report) => this.#report(run, sequence, report),
    suspended: () => this.#link.ping(),
    fenced: (number, untilMs) => this.#link.send({ type: 'fenced', number, untilMs }),
    spans: (deltas) => this.#options.metrics?.addSpans(deltas),
    ended: (run) => this.#forget(run),
  }

  #report(
    run: WorkerRun,
    sequence: number,
    { final, users, scenarios, inFlight, utilization, ...rest }: EngineReport,
  ): void {
    const { epoch, windowMs, untilMs, tally } = rest
    const gauges: WorkerGauges = {
      users: final ? 0 : users,
      ...{ inFlight, utilization, scenarios: final ? [] : scenarios },
      ...this.#meter.read(),
    }
    this.#options.metrics?.add(tally, gauges)
    const report: Report = { runId: run.id, sequence, epoch, windowMs, untilMs, tally, gauges }
    if (this.#link.isOpen) this.#link.send({ type: final ? 'final' : 'report', report })
    else run.ledger.keepUnsent(windowMs, tally)
  }

  /** Forgets a run that is over, once a master knows how it ended. */
  #forget(run: WorkerRun): void {
    if (this.#run !== run) return
    if (run.state === 'ended' && !this.#link.isWelcome && !this.#isLeaving) return
    run.terminate()
    this.#run = undefined
    if (!this.#isLeaving) this.#spare ??= this.#startEngine()
  }

  async #stopRun(drainMs = 0): Promise<void> {
    const run = this.#run
    if (run === undefined) return
    await run.stop(drainMs)
    this.#forget(run)
  }

  #continueAlone(): void {
    if (this.#run === undefined || this.#run.state === 'ended' || this.#isLeaving) return
    // A master that has only lost the connection shares the load among the others now.
    this.#run.wait()
    this.#log(`The master is gone; the load continues for up to ${this.#lease.durationMs / 1000} s.`)
    this.#lease.start(() => {
      this.#log('No master came back in time; the load stops.')
      void this.#stopRun()
    })
  }

  #sendFailed(
    runId: string,
    problem: { readonly message: string; readonly field?: string | undefined; readonly isCut?: boolean },
  ): void {
    const { message, field, isCut } = problem
    this.#link.send({ type: 'failed', runId, message: message.slice(0, MAX_MESSAGE_LENGTH), field, isCut })
  }

  #startEngine(): EngineHost {
    const { version, httpEngine, maximumSeries, allowedTargets: allowedOrigins } = this.#options
    const options = { workerId: this.#id, version, httpEngine, maximumSeries, allowedOrigins }
    return new EngineHost(options, (text) => this.#output.add(text))
  }

  #log(message: string): void {
    this.#options.log(message)
    this.#output.add(message)
  }
}
