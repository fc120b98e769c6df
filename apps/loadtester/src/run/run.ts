import { randomUUID } from 'node:crypto'
import type { HookVariables } from '../flow/script-hook.ts'
import { type LoadLeg, LoadPlan } from '../load/load-plan.ts'
import { LoadProfile } from '../load/profile.ts'
import type { RunSnapshot, ScriptReference, Setpoint } from '../protocol/messages.ts'
import { fromSegmentData, toSegmentData } from '../protocol/messages.ts'
import { createMetricReader } from '../report/artillery-metrics.ts'
import { type Bound, checkBounds } from '../report/ensure.ts'
import { type RunEvent, type RunReport, type RunState, rowOf } from '../report/run-report.ts'
import { RunResults } from '../results/run-results.ts'
import { lagBoundMs, type TimelinePoint } from '../results/timeline.ts'
import type { LoadModel } from '../script/phases.ts'

/** What a run is to do. */
export interface RunRequest {
  readonly script: ScriptReference
  readonly model: LoadModel
  readonly profile: LoadProfile
  /** At most so many virtual users at once over the fleet. */
  readonly maximumUsers: number
  readonly bounds: readonly Bound[]
}

/** A worker's place in a run. */
export interface RunWorker {
  readonly id: string
  readonly name: string
  readonly weight: number
  readonly users: number
}

function profileOf(segments: Setpoint['segments']): LoadProfile {
  return new LoadProfile(segments.map(fromSegmentData))
}

const maximumEvents = 500
/** Share of a run's seconds from which on the whole run counts as bound by the generator. */
const boundShare = 0.1

/** One run: its plan, its epochs, its results. Knows nothing of connections. */
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
  #epoch = 0
  /** Time with a load, up to the last change between load and pause. */
  #activeMs = 0
  #activeSinceMs: number | undefined

  constructor(
    request: RunRequest,
    options: { readonly maximumSeries: number; readonly id?: string; readonly points?: readonly TimelinePoint[] },
  ) {
    this.id = options.id ?? randomUUID()
    this.request = request
    this.results = new RunResults(options)
  }

  /** Rebuilds a run from what one of its workers knows. */
  static adopt(
    snapshot: RunSnapshot,
    options: {
      readonly maximumSeries: number
      readonly points?: readonly TimelinePoint[]
      readonly startedMs?: number | undefined
      /** Time with a load until a moment, where that was kept. */
      readonly active?: { readonly untilMs: number; readonly activeMs: number } | undefined
    },
  ): Run {
    const { setpoint } = snapshot
    const profile = profileOf(setpoint.segments)
    const request: RunRequest = {
      script: snapshot.script,
      model: setpoint.model,
      profile,
      maximumUsers: setpoint.maximumUsers,
      bounds: [],
    }
    const run = new Run(request, { ...options, id: snapshot.runId })
    run.startedMs = options.startedMs ?? setpoint.startMs
    run.#activeMs = options.active?.activeMs ?? 0
    run.#activeSinceMs = options.active?.untilMs ?? run.startedMs
    run.#takeUp(setpoint)
    return run
  }

  /** Takes a newer setpoint up than what is known of a run that was taken over: the master before had sent it to some workers only. */
  hearOf(setpoint: Setpoint): void {
    if (setpoint.epoch > this.#epoch) this.#takeUp(setpoint)
  }

  #takeUp(setpoint: Setpoint): void {
    const { startMs, firstPosition, segments, paused } = setpoint
    const leg = { startMs, firstPosition, profile: profileOf(segments) }
    this.#plan = LoadPlan.resume(setpoint.model, leg, paused === undefined ? undefined : profileOf(paused))
    this.#setpoint = setpoint
    this.#epoch = setpoint.epoch
    this.state = paused === undefined ? 'running' : 'paused'
    if (paused === undefined) this.#activeSinceMs ??= startMs
    else if (this.#activeSinceMs !== undefined) this.#setActive(false, Math.max(this.#activeSinceMs, startMs))
  }

  get setpoint(): Setpoint | undefined {
    return this.#setpoint
  }

  get isLive(): boolean {
    return (
      this.state === 'preparing' || this.state === 'running' || this.state === 'paused' || this.state === 'stopping'
    )
  }

  /** When the load ends by itself. */
  get endMs(): number {
    return this.#plan?.endMs ?? Number.POSITIVE_INFINITY
  }

  levelAt(atMs: number): number {
    return this.isLive ? (this.#plan?.levelAt(atMs) ?? 0) : 0
  }

  /** Begins the load. */
  begin(workers: readonly RunWorker[], startMs: number): Setpoint {
    this.state = 'running'
    this.startedMs = startMs
    this.#activeSinceMs = startMs
    this.#plan = new LoadPlan(this.request.model, this.request.profile, startMs)
    return this.#distribute(this.#plan.leg, workers)
  }

  /** Shares the same load among other workers from a moment on. */
  rebalance(workers: readonly RunWorker[], atMs: number): Setpoint | undefined {
    return this.#plan === undefined ? undefined : this.#distribute(this.#plan.continueAt(atMs), workers)
  }

  setLevel(
    level: number,
    workers: readonly RunWorker[],
    atMs: number,
    options: { readonly changePerSecond?: number | undefined } = {},
  ): Setpoint | undefined {
    if (this.#plan === undefined) return undefined
    this.#setActive(true, atMs)
    this.note(atMs, `${level} ${this.request.model === 'open' ? 'arrivals a second' : 'users'} from here on`)
    return this.#distribute(this.#plan.setLevel(level, atMs, options.changePerSecond), workers)
  }

  pause(workers: readonly RunWorker[], atMs: number): Setpoint | undefined {
    if (this.#plan === undefined || this.state !== 'running') return undefined
    this.#setActive(false, atMs)
    this.note(atMs, 'paused')
    return this.#distribute(this.#plan.pause(atMs), workers)
  }

  resume(workers: readonly RunWorker[], atMs: number): Setpoint | undefined {
    if (this.#plan === undefined || this.state !== 'paused') return undefined
    this.#setActive(true, atMs)
    this.note(atMs, 'resumed')
    return this.#distribute(this.#plan.unpause(atMs), workers)
  }

  /** Sets the bounds of a run that was taken over. */
  setBounds(bounds: readonly Bound[]): void {
    this.request = { ...this.request, bounds }
  }

  /** Sets what the script's `before` flow left. */
  setVariables(variables: HookVariables): void {
    this.request = { ...this.request, script: { ...this.request.script, variables } }
  }

  /** Notes when the load ends. */
  stopLoad(atMs: number): void {
    if (this.#activeSinceMs !== undefined) this.#setActive(false, Math.min(atMs, this.endMs))
    this.state = 'stopping'
  }

  finish(atMs: number, failure?: string): void {
    this.results.timeline.settle(Number.POSITIVE_INFINITY)
    this.endedMs = atMs
    this.failure ??= failure
    this.state = this.failure === undefined ? 'finished' : 'failed'
  }

  /** How long there was a load until a moment. */
  activeMsUntil(atMs: number): number {
    const sinceMs = this.#activeSinceMs
    return this.#activeMs + (sinceMs === undefined ? 0 : Math.max(0, Math.min(atMs, this.endMs) - sinceMs))
  }

  /** Counts anew from a moment on. */
  reset(atMs: number): void {
    this.results.reset()
    this.#activeMs = 0
    if (this.#activeSinceMs !== undefined) this.#activeSinceMs = atMs
    this.note(atMs, 'statistics reset')
  }

  note(atMs: number, text: string): void {
    this.events.push({ atMs, text })
    if (this.events.length > maximumEvents) this.events.shift()
  }

  /** All that is known of the run at a moment. */
  report(atMs: number): RunReport {
    const { total: tally, timeline, unaccounted, unfinished } = this.results
    const total = tally.total()
    const now = Math.min(atMs, this.endedMs ?? atMs)
    const seconds = this.activeMsUntil(now) / 1000
    const bounds = checkBounds(this.request.bounds, createMetricReader(tally))
    const lagMs = tally.lag.quantiles()
    const boundPoints = timeline.points.filter((point) => point.generatorBound).length
    return {
      id: this.id,
      state: this.state,
      script: this.request.script.name,
      digest: this.request.script.digest,
      target: this.request.script.target,
      model: this.request.model,
      startedMs: this.startedMs,
      endedMs: this.endedMs,
      durationSeconds: this.startedMs === 0 ? 0 : Math.max(0, (now - this.startedMs) / 1000),
      level: this.levelAt(now),
      requests: total.requests,
      failures: total.failures,
      arrivals: tally.arrivals,
      skipped: tally.usersSkipped,
      unaccounted,
      unfinished,
      achievedRate: seconds > 0 ? tally.arrivals / seconds : 0,
      latencyMs: total.latency.quantiles(),
      intendedLatencyMs: tally.intended.quantiles(),
      lagMs,
      generatorBound: lagMs.p99 > lagBoundMs || (boundPoints > 1 && boundPoints >= timeline.points.length * boundShare),
      ok: this.failure === undefined && bounds.every((bound) => bound.ok || !bound.strict),
      failure: this.failure,
      total: rowOf(total, seconds),
      series: [...tally.series.values()].map((series) => rowOf(series, seconds)),
      failureRows: [...tally.series.values()].flatMap(({ method, name, errors }) =>
        [...errors].map(([error, count]) => ({ method, name, error, count })),
      ),
      errors: [...tally.errors],
      counters: [...tally.counters],
      histograms: [...tally.histograms].map(([name, sketch]) => [name, sketch.quantiles()] as const),
      bounds,
      workers: this.results.shares,
      events: [...this.events],
      timeline: [...timeline.points],
    }
  }

  #setActive(active: boolean, atMs: number): void {
    if (this.#activeSinceMs !== undefined) this.#activeMs += Math.max(0, atMs - this.#activeSinceMs)
    this.#activeSinceMs = active ? atMs : undefined
  }

  #distribute(leg: LoadLeg, workers: readonly RunWorker[]): Setpoint {
    this.#epoch++
    if (this.state === 'running' || this.state === 'paused')
      this.state = this.#plan?.isPaused === true ? 'paused' : 'running'
    this.#setpoint = {
      runId: this.id,
      epoch: this.#epoch,
      model: this.request.model,
      startMs: leg.startMs,
      firstPosition: leg.firstPosition,
      segments: leg.profile.segments.map(toSegmentData),
      paused: this.#plan?.pausedRest?.segments.map(toSegmentData),
      workers: workers.map(({ id, weight, users }) => ({ id, weight, users })),
      maximumUsers: this.request.maximumUsers,
    }
    return this.#setpoint
  }
}
