import type { LoadModel } from '../contract/run-report.ts'
import { type ArrivalMode, LoadProfile, type LoadSegment } from '../load/profile.ts'
import { parseDurationSeconds } from './duration.ts'
import { asRecord, show } from './plain-object.ts'
import { ScriptError } from './script-error.ts'

/** The load that a script's `phases` describe. */
export interface PlannedLoad {
  readonly model: LoadModel
  readonly profile: LoadProfile
  /** Name of each phase, and when it starts, in seconds. */
  readonly phases: readonly { readonly name: string; readonly startSeconds: number }[]
}

/** The longest load that a script may plan: a day. */
export const MAX_PLAN_SECONDS = 86_400

/**
 * Reads Artillery's phases: `arrivalRate` with `rampTo`, `arrivalCount`, `pause`, `duration`, `maxVusers`, `mode`; and
 * `users` with `rampTo` for the closed model.
 *
 * @param defaultMode `config.mode`, for phases with `arrivalRate` that have no `mode`.
 * @throws ScriptError naming the phase's field.
 */
export function planPhases(phases: unknown, defaultMode?: unknown): PlannedLoad {
  const configMode = readMode(defaultMode, 'config.mode') ?? 'uniform'
  if (!Array.isArray(phases) || phases.length === 0)
    throw ScriptError.at('config.phases', 'must be a list with at least one phase')
  const segments: LoadSegment[] = []
  const starts: { name: string; startSeconds: number }[] = []
  const models = new Set<LoadModel>()
  let time = 0
  for (const [index, value] of phases.entries()) {
    const field = `config.phases[${index}]`
    const phase = asRecord(value)
    if (phase === undefined)
      throw ScriptError.at(field, `must be a phase such as { duration: 60, arrivalRate: 5 }, not ${show(value)}`)
    const { model, segment } = planPhase(phase, field, configMode)
    if (model !== undefined) models.add(model)
    starts.push({ name: typeof phase.name === 'string' ? phase.name : `phase ${index + 1}`, startSeconds: time })
    segments.push(segment)
    time += segment.durationSeconds
  }
  if (models.size > 1)
    throw ScriptError.at('config.phases', 'mixes users (closed model) with arrivals (open model); use one of them')
  if (time > MAX_PLAN_SECONDS)
    throw ScriptError.at('config.phases', `last ${time} s in total; at most ${MAX_PLAN_SECONDS} s (a day) are allowed`)
  return { model: models.has('closed') ? 'closed' : 'open', profile: new LoadProfile(segments), phases: starts }
}

interface PlannedPhase {
  readonly segment: LoadSegment
  /** Undefined for a pause, which fits both models. */
  readonly model: LoadModel | undefined
}

function planPhase(phase: Record<string, unknown>, field: string, configMode: ArrivalMode): PlannedPhase {
  const ownMode = readMode(phase.mode, `${field}.mode`)
  if (ownMode === 'poisson' && (phase.arrivalRate === undefined || phase.arrivalCount !== undefined)) {
    throw new ScriptError(`${field}.mode: "poisson" goes with arrivalRate only`, { field: `${field}.mode` })
  }
  if (phase.pause !== undefined) {
    const durationSeconds = readDuration(phase.pause, `${field}.pause`)
    return { segment: { durationSeconds, from: 0, to: 0 }, model: undefined }
  }
  const durationSeconds = readDuration(phase.duration, `${field}.duration`)
  const limit = phase.maxVusers === undefined ? {} : { maximumUsers: readLevel(phase.maxVusers, `${field}.maxVusers`) }
  if (phase.arrivalCount !== undefined) {
    const count = readLevel(phase.arrivalCount, `${field}.arrivalCount`)
    if (durationSeconds === 0) throw ScriptError.at(`${field}.duration`, 'must be above 0')
    const rate = count / durationSeconds
    return { segment: { durationSeconds, from: rate, to: rate, ...limit }, model: 'open' }
  }
  const key = phase.users === undefined ? 'arrivalRate' : 'users'
  if (phase[key] === undefined && phase.rampTo === undefined)
    throw ScriptError.at(field, 'needs one of arrivalRate, arrivalCount, users or pause')
  const from = phase[key] === undefined ? 0 : readLevel(phase[key], `${field}.${key}`)
  const to = phase.rampTo === undefined ? from : readLevel(phase.rampTo, `${field}.rampTo`)
  if (key === 'users') return { segment: { durationSeconds, from, to, ...limit }, model: 'closed' }
  return { segment: { durationSeconds, from, to, mode: ownMode ?? configMode, ...limit }, model: 'open' }
}

function readMode(value: unknown, field: string): ArrivalMode | undefined {
  if (value === undefined || value === null) return undefined
  if (value === 'uniform' || value === 'poisson') return value
  throw ScriptError.at(field, `must be "uniform" or "poisson", not ${show(value)}`)
}

function readDuration(value: unknown, field: string): number {
  const seconds = parseDurationSeconds(value)
  if (seconds === undefined)
    throw ScriptError.at(field, `must be a number of seconds or a duration such as "2m", not ${show(value)}`)
  return seconds
}

function readLevel(value: unknown, field: string): number {
  const level = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof level !== 'number' || !Number.isFinite(level) || level < 0)
    throw ScriptError.at(field, `must be a number of at least 0, not ${show(value)}`)
  return level
}
