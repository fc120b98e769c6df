import type { LoadModel } from '../script/phases.ts'
import { LoadProfile, type LoadSegment } from './profile.ts'

/** A load from a moment on, as a setpoint carries it. */
export interface LoadLeg {
  /** On the fleet's clock, in ms. */
  readonly startMs: number
  /** Open model: arrivals that were due before. */
  readonly firstPosition: number
  readonly profile: LoadProfile
}

const endless = Number.POSITIVE_INFINITY

/**
 * The load of a run over its life: the planned profile, and what people change of it while it runs. It keeps the
 * position (arrivals due so far, with the fraction) over every change.
 */
export class LoadPlan {
  readonly model: LoadModel
  #leg: LoadLeg
  /** What is left to do after a pause. */
  #paused: LoadProfile | undefined

  constructor(model: LoadModel, profile: LoadProfile, startMs: number) {
    this.model = model
    this.#leg = { startMs, firstPosition: 0, profile }
  }

  /**
   * Takes up the load of a run that another master began.
   *
   * @param paused what is left to do after the pause that the run is in, if it is.
   */
  static resume(model: LoadModel, leg: LoadLeg, paused?: LoadProfile): LoadPlan {
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

  /** In a pause: what is left to do after it. */
  get pausedRest(): LoadProfile | undefined {
    return this.#paused
  }

  /** Arrivals a second, or users, that are asked for at a moment; before the newest leg, what it begins with. */
  levelAt(atMs: number): number {
    return this.#leg.profile.levelAt(Math.max(0, (atMs - this.#leg.startMs) / 1000))
  }

  /** Arrivals that were due by a moment, with the fraction of the next one; 0 in the closed model. */
  positionAt(atMs: number): number {
    if (this.model === 'closed') return 0
    return this.#leg.firstPosition + this.#leg.profile.areaAt((atMs - this.#leg.startMs) / 1000)
  }

  /** When the load ends; `Infinity` when only a stop ends it. */
  get endMs(): number {
    return this.#leg.startMs + this.#leg.profile.durationSeconds * 1000
  }

  /** Goes on with the same load from a moment on: the begin of another epoch. */
  continueAt(atMs: number): LoadLeg {
    if (atMs <= this.#leg.startMs) return this.#leg
    return this.#begin(atMs, this.#rest(atMs))
  }

  /**
   * Asks for another level for the rest of the plan's time; resumes a paused run.
   *
   * @param changePerSecond how fast the level moves there; default: at once.
   */
  setLevel(level: number, atMs: number, changePerSecond = endless): LoadLeg {
    const rest = this.#paused ?? this.#rest(atMs)
    const from = this.levelAt(atMs)
    this.#paused = undefined
    const lastSeconds = rest.durationSeconds > 0 ? rest.durationSeconds : endless
    const rampSeconds = Math.min(lastSeconds, Math.abs(level - from) / changePerSecond)
    const reached = from + Math.sign(level - from) * Math.min(Math.abs(level - from), rampSeconds * changePerSecond)
    const kept = { mode: rest.modeAt(0), ...(this.model === 'open' && boundOf(rest)) }
    const ramp: LoadSegment = { durationSeconds: rampSeconds, from, to: reached, ...kept }
    const flat: LoadSegment = { durationSeconds: lastSeconds - rampSeconds, from: level, to: level, ...kept }
    if (!(rampSeconds > 0)) return this.#begin(atMs, new LoadProfile([flat]))
    return this.#begin(atMs, new LoadProfile(rampSeconds < lastSeconds ? [ramp, flat] : [ramp]))
  }

  /** Makes no load until {@link resume}. */
  pause(atMs: number): LoadLeg {
    if (this.#paused !== undefined) return this.#leg
    this.#paused = this.#rest(atMs)
    return this.#begin(atMs, LoadProfile.constant(0))
  }

  /** Goes on where {@link pause} stopped. */
  unpause(atMs: number): LoadLeg {
    if (this.#paused === undefined) return this.#leg
    const rest = this.#paused
    this.#paused = undefined
    return this.#begin(atMs, rest)
  }

  #rest(atMs: number): LoadProfile {
    return this.#leg.profile.after((atMs - this.#leg.startMs) / 1000)
  }

  #begin(startMs: number, profile: LoadProfile): LoadLeg {
    this.#leg = { startMs, firstPosition: this.positionAt(startMs), profile }
    return this.#leg
  }
}

/** The bound on virtual users that a profile begins with, as a part of a segment. */
function boundOf(profile: LoadProfile): Pick<LoadSegment, 'maximumUsers'> {
  const maximumUsers = profile.maximumUsersAt(0)
  return Number.isFinite(maximumUsers) ? { maximumUsers } : {}
}
