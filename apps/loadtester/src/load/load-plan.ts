import type { LoadModel } from '../contract/run-report.ts'
import { ROUNDING_ERROR } from './arrivals.ts'
import { LoadProfile, type LoadSegment } from './profile.ts'

/** A load from a moment on. */
export interface LoadLeg {
  /** On the fleet's clock, in ms. */
  readonly startMs: number
  /** Open model: arrivals that were due before `startMs`, with the fraction of the next one. */
  readonly firstPosition: number
  readonly profile: LoadProfile
}

/**
 * The load of a run: the planned profile, and every change made while it runs. The position (arrivals due so far) is
 * kept across changes.
 */
export class LoadPlan {
  readonly model: LoadModel
  #leg: LoadLeg
  /** While paused: the rest of the load. */
  #paused: LoadProfile | undefined

  constructor(model: LoadModel, profile: LoadProfile, startMs: number) {
    this.model = model
    this.#leg = { startMs, firstPosition: 0, profile }
  }

  /**
   * Continues the load of a run that another master started.
   *
   * @param paused the rest of the load, if the run is paused.
   */
  static adopt(model: LoadModel, leg: LoadLeg, paused?: LoadProfile): LoadPlan {
    const plan = new LoadPlan(model, leg.profile, leg.startMs)
    plan.#leg = leg
    plan.#paused = paused
    return plan
  }

  get leg(): LoadLeg {
    return this.#leg
  }

  get isPaused(): boolean {
    return this.#paused !== undefined
  }

  /** While paused: the rest of the load. */
  get pausedRest(): LoadProfile | undefined {
    return this.#paused
  }

  /** The target level at a moment; before the newest leg, the level it starts with. */
  levelAt(atMs: number): number {
    return this.#leg.profile.levelAt(Math.max(0, (atMs - this.#leg.startMs) / 1000))
  }

  /** Arrivals due by a moment, with the fraction of the next one; 0 in the closed model. */
  positionAt(atMs: number): number {
    if (this.model === 'closed') return 0
    return this.#leg.firstPosition + this.#leg.profile.areaAt((atMs - this.#leg.startMs) / 1000)
  }

  /** Uniform arrivals due before a moment; undefined in the closed model, and if the newest leg has Poisson arrivals. */
  arrivalsUntil(atMs: number): number | undefined {
    if (this.model === 'closed' || this.#leg.profile.segments.some(({ mode }) => mode === 'poisson')) return undefined
    return Math.max(0, Math.ceil(this.positionAt(atMs) - ROUNDING_ERROR))
  }

  /** When the load ends; `Infinity` if only a stop ends it. */
  get endMs(): number {
    return this.#leg.startMs + this.#leg.profile.durationSeconds * 1000
  }

  /** Starts another leg of the same load, for a changed fleet. */
  continueAt(atMs: number): LoadLeg {
    if (atMs <= this.#leg.startMs) return this.#leg
    return this.#startLeg(atMs, this.#rest(atMs))
  }

  /**
   * Sets the level for the rest of the load, and resumes it if it was paused.
   *
   * @param changePerSecond how fast to move to the level; default: at once.
   */
  setLevel(level: number, atMs: number, changePerSecond = Number.POSITIVE_INFINITY): LoadLeg {
    const rest = this.#paused ?? this.#rest(atMs)
    const from = this.levelAt(atMs)
    this.#paused = undefined
    const lastSeconds = rest.durationSeconds > 0 ? rest.durationSeconds : Number.POSITIVE_INFINITY
    const rampSeconds = Math.min(lastSeconds, Math.abs(level - from) / changePerSecond)
    const reached = from + Math.sign(level - from) * Math.min(Math.abs(level - from), rampSeconds * changePerSecond)
    const kept = { mode: rest.modeAt(0), ...(this.model === 'open' && usersLimitOf(rest)) }
    const ramp: LoadSegment = { durationSeconds: rampSeconds, from, to: reached, ...kept }
    const flat: LoadSegment = { durationSeconds: lastSeconds - rampSeconds, from: level, to: level, ...kept }
    if (!(rampSeconds > 0)) return this.#startLeg(atMs, new LoadProfile([flat]))
    return this.#startLeg(atMs, new LoadProfile(rampSeconds < lastSeconds ? [ramp, flat] : [ramp]))
  }

  /** Stops the load until {@link resume}. */
  pause(atMs: number): LoadLeg {
    if (this.#paused !== undefined) return this.#leg
    this.#paused = this.#rest(atMs)
    return this.#startLeg(atMs, LoadProfile.constant(0))
  }

  /** Continues where {@link pause} stopped. */
  resume(atMs: number): LoadLeg {
    if (this.#paused === undefined) return this.#leg
    const rest = this.#paused
    this.#paused = undefined
    return this.#startLeg(atMs, rest)
  }

  #rest(atMs: number): LoadProfile {
    return this.#leg.profile.after((atMs - this.#leg.startMs) / 1000)
  }

  #startLeg(startMs: number, profile: LoadProfile): LoadLeg {
    this.#leg = { startMs, firstPosition: this.positionAt(startMs), profile }
    return this.#leg
  }
}

function usersLimitOf(profile: LoadProfile): Pick<LoadSegment, 'maximumUsers'> {
  const maximumUsers = profile.maximumUsersAt(0)
  return Number.isFinite(maximumUsers) ? { maximumUsers } : {}
}
