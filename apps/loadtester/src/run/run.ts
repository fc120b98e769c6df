import { randomUUID } from 'node:crypto'
import type { Bound, RunEvent, RunReport, RunState, TimelinePoint } from '../contract/run-report.ts'
import { type LoadLeg, LoadPlan } from '../load/load-plan.ts'
import type { RunSnapshot } from '../protocol/messages.ts'
import { profileOf, type Setpoint, segmentsOf } from '../protocol/setpoint.ts'
import { createRunReport } from '../report/run-report.ts'
import { RunResults } from '../results/run-results.ts'
import type { ChosenLoad } from '../script/choose-load.ts'
import type { HookVariables } from '../script/hooks.ts'
import type { ScriptReference } from '../script/script-reference.ts'
import { ActiveTime } from './active-time.ts'
import type { Checkpoint } from './checkpoint.ts'

/** What a run is to do. */
export interface RunRequest extends ChosenLoad {
  readonly script: ScriptReference
  readonly bounds: readonly Bound[]
  /** Where several workers behave differently from a single one; reported before the load begins. */
  readonly notices?: readonly string[] | undefined
  /** Artillery's names of the script's endpoints, by those of their series. */
  readonly endpoints?: ReadonlyMap<string, string> | undefined
  /** The percentiles that its statistics have; default: DEFAULT_PERCENTILES. */
  readonly percentiles?: readonly number[] | undefined
  /** A failed request fails the run. */
  readonly failOnErrors?: boolean | undefined
}

/** A worker's place in a run. */
export interface RunWorker {
  readonly id: string
  readonly name: string
  readonly weight: number
  /** Its current users. */
  readonly users: number
}

export interface RunOptions {
  readonly maximumSeries: number
  readonly id?: string
  readonly points?: readonly TimelinePoint[]
}

const LIVE_STATES: readonly RunState[] = ['preparing', 'running', 'paused', 'stopping']
const MAX_EVENTS = 500
const MAX_SETPOINTS = 20

/** One run: its load plan, its epochs and its results. It is independent of connections. */
export class Run {
  readonly id: string
  request: RunRequest
  readonly results: RunResults
  readonly events: RunEvent[] = []
  state: RunState = 'preparing'
  failure: string | undefined
  startedMs = 0
  endedMs: number | undefined
  #plan: LoadPlan | undefined
  #setpoint: Setpoint | undefined
  /** The newest setpoints, the last one included. */
  #setpoints: Setpoint[] = []
  #epoch = 0
  #planned: number | undefined
  #wasReset = false
  readonly #active = new ActiveTime()

  constructor(request: RunRequest, options: RunOptions) {
    this.id = options.id ?? randomUUID()
    this.request = request
    this.results = new RunResults(options)
  }

  /** Recreates a run that another master started from a worker's snapshot, and from the checkpoint if there is one. */
  static adopt(
    { runId, script, setpoint }: RunSnapshot,
    options: { readonly maximumSeries: number; readonly checkpoint: Checkpoint | undefined },
  ): Run {
    const { maximumSeries, checkpoint } = options
    const { model, maximumUsers, segments } = setpoint
    const request = { script, model, profile: profileOf(segments), maximumUsers, bounds: [] }
    const run = new Run(request, { maximumSeries, id: runId, points: checkpoint?.points ?? [] })
    run.startedMs = setpoint.runStartMs
    run.#active.continue(checkpoint?.activeMs ?? setpoint.activeMs, checkpoint?.savedMs ?? setpoint.startMs)
    run.#wasReset = checkpoint?.wasReset ?? false
    run.#followSetpoint(setpoint)
    for (const event of checkpoint?.events ?? []) run.note(event.atMs, event.text)
    run.results.restore(checkpoint?.contributions ?? [])
    return run
  }

  /** Follows a setpoint that is newer than the known one: the earlier master had not sent it to every worker. */
  adoptSetpoint(setpoint: Setpoint): void {
    if (setpoint.epoch > this.#epoch) this.#followSetpoint(setpoint)
  }

  #followSetpoint(setpoint: Setpoint): void {
    const { startMs, firstPosition, segments, paused } = setpoint
    const leg = { startMs, firstPosition, profile: profileOf(segments) }
    this.#plan = LoadPlan.adopt(setpoint.model, leg, paused === undefined ? undefined : profileOf(paused))
    this.#keep(setpoint)
    this.#epoch = setpoint.epoch
    const wasPaused = this.state === 'paused'
    this.state = paused === undefined ? 'running' : 'paused'
    if (paused !== undefined) this.#active.stop(startMs)
    else if (wasPaused) this.#active.start(startMs)
  }

  get setpoint(): Setpoint | undefined {
    return this.#setpoint
  }

  /** The newest setpoints, oldest first: what workers that have not reported for a while may have made. */
  get setpoints(): readonly Setpoint[] {
    return this.#setpoints
  }

  /** Arrivals that were due in the whole load; undefined while that is not known. */
  get planned(): number | undefined {
    return this.#planned
  }

  get isLive(): boolean {
    return LIVE_STATES.includes(this.state)
  }

  /** Its load has begun and has not been ended, though it may be paused. */
  get isUnderLoad(): boolean {
    return this.state === 'running' || this.state === 'paused'
  }

  /** When the load ends by itself. */
  get endMs(): number {
    return this.#plan?.endMs ?? Number.POSITIVE_INFINITY
  }

  levelAt(atMs: number): number {
    return this.isLive ? (this.#plan?.levelAt(atMs) ?? 0) : 0
  }

  begin(workers: readonly RunWorker[], startMs: number): Setpoint {
    this.state = 'running'
    this.startedMs = startMs
    this.#active.start(startMs)
    this.#plan = new LoadPlan(this.request.model, this.request.profile, startMs)
    return this.#newSetpoint(this.#plan.leg, workers)
  }

  /** Shares the load among other workers from a moment on. */
  rebalance(workers: readonly RunWorker[], atMs: number): Setpoint | undefined {
    return this.#plan && this.#newSetpoint(this.#plan.continueAt(atMs), workers)
  }

  setLevel(
    level: number,
    workers: readonly RunWorker[],
    atMs: number,
    changePerSecond: number | undefined,
  ): Setpoint | undefined {
    if (this.#plan === undefined) return undefined
    this.#active.start(atMs)
    this.note(atMs, `load changed to ${level} ${this.request.model === 'open' ? 'arrivals a second' : 'users'}`)
    return this.#newSetpoint(this.#plan.setLevel(level, atMs, changePerSecond), workers)
  }

  pause(workers: readonly RunWorker[], atMs: number): Setpoint | undefined {
    if (this.#plan === undefined || this.state !== 'running') return undefined
    this.#active.stop(atMs)
    this.note(atMs, 'paused')
    return this.#newSetpoint(this.#plan.pause(atMs), workers)
  }

  resume(workers: readonly RunWorker[], atMs: number): Setpoint | undefined {
    if (this.#plan === undefined || this.state !== 'paused') return undefined
    this.#active.start(atMs)
    this.note(atMs, 'resumed')
    return this.#newSetpoint(this.#plan.resume(atMs), workers)
  }

  /** Sets the bounds of a run that another master started. */
  setBounds(bounds: readonly Bound[]): void {
    this.request = { ...this.request, bounds }
  }

  /** Sets the variables of the script's `before` flow. */
  setVariables(variables: HookVariables): void {
    this.request = { ...this.request, script: { ...this.request.script, variables } }
  }

  /** Ends the load; the last reports are still to come. */
  stopLoad(atMs: number): void {
    if (atMs > this.endMs && !this.#wasReset) this.#planned = this.#plan?.arrivalsUntil(this.endMs)
    this.#active.stop(Math.min(atMs, this.endMs))
    this.state = 'stopping'
  }

  finish(atMs: number, failure?: string): void {
    this.results.timeline.settle(Number.POSITIVE_INFINITY)
    if (this.#planned !== undefined) this.results.balance(this.#planned)
    this.endedMs = atMs
    this.failure ??= failure
    this.state = this.failure === undefined ? 'finished' : 'failed'
  }

  /** Restarts all counts at 0. */
  reset(atMs: number): void {
    this.results.reset()
    this.#wasReset = true
    this.#active.reset(atMs)
    this.note(atMs, 'statistics reset')
  }

  note(atMs: number, text: string): void {
    this.events.push({ atMs, text })
    if (this.events.length > MAX_EVENTS) this.events.shift()
  }

  report(atMs: number): RunReport {
    const now = Math.min(atMs, this.endedMs ?? atMs)
    return createRunReport(this, { atMs: now, activeSeconds: this.activeSecondsUntil(now) })
  }

  /** How long the run had been under load at a moment. */
  activeSecondsUntil(atMs: number): number {
    return this.#activeMsUntil(atMs) / 1000
  }

  checkpoint(atMs: number): Checkpoint {
    return {
      runId: this.id,
      startedMs: this.startedMs,
      savedMs: atMs,
      activeMs: this.#activeMsUntil(atMs),
      wasReset: this.#wasReset,
      points: this.results.timeline.points,
      events: this.events,
      contributions: this.results.stored(),
    }
  }

  #activeMsUntil(atMs: number): number {
    return this.#active.until(Math.min(atMs, this.endMs))
  }

  #newSetpoint(leg: LoadLeg, workers: readonly RunWorker[]): Setpoint {
    this.#epoch++
    if (this.isUnderLoad) this.state = this.#plan?.isPaused === true ? 'paused' : 'running'
    const { model, maximumUsers } = this.request
    const { startMs, firstPosition } = leg
    const paused = this.#plan?.pausedRest
    const setpoint = {
      ...{ runId: this.id, epoch: this.#epoch, model, startMs, firstPosition, maximumUsers },
      ...{ runStartMs: this.startedMs, activeMs: this.#activeMsUntil(startMs) },
      segments: segmentsOf(leg.profile),
      paused: paused && segmentsOf(paused),
      workers: workers.map(({ id, weight, users }) => ({ id, weight, users })),
    }
    this.#keep(setpoint)
    return setpoint
  }

  #keep(setpoint: Setpoint): void {
    this.#setpoint = setpoint
    this.#setpoints = [...this.#setpoints.slice(1 - MAX_SETPOINTS), setpoint]
  }
}
