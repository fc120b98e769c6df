import type { LoadModel } from '../contract/api-types.ts'
import { type ArrivalMode, LoadProfile, type LoadSegment } from '../load/profile.ts'
import { parseDurationSeconds } from './duration.ts'
import { ScriptError } from './script-error.ts'

export type { LoadModel } from '../contract/api-types.ts'

/** The load that a script's `phases` ask for. */
export interface PlannedLoad {
  readonly model: LoadModel
  readonly profile: LoadProfile
  /** Name and start of each phase, in seconds. */
  readonly phases: readonly { readonly name: string; readonly startSeconds: number }[]
}

/** No script may plan more than a day. */
export const maximumPlanSeconds = 86_400

/**
 * Reads Artillery's phases: `arrivalRate` with `rampTo`, `arrivalCount`, `pause`, `duration`, `maxVusers`, `mode`, and
 * for the closed model `users` with `rampTo`.
 *
 * @param defaultMode `config.mode`: how phases with `arrivalRate` that have no `mode` spread their arrivals.
 * @throws ScriptError that names the phase's field.
 */
export function planPhases(phases: unknown, defaultMode?: unknown): PlannedLoad {
  const configMode = readMode(defaultMode, 'config.mode') ?? 'uniform'
  if (!Array.isArray(phases) || phases.length === 0) {
    throw new ScriptError('config.phases must be a list with at least one phase', { field: 'config.phases' })
  }
  const segments: LoadSegment[] = []
  const starts: { name: string; startSeconds: number }[] = []
  const models = new Set<LoadModel>()
  let time = 0
  for (const [index, phase] of phases.entries()) {
    const field = `config.phases[${index}]`
    if (typeof phase !== 'object' || phase === null || Array.isArray(phase)) {
      throw new ScriptError(
        `${field} must be a phase such as { duration: 60, arrivalRate: 5 }, not ${JSON.stringify(phase)}`,
        { field },
      )
    }
    const planned = planPhase(phase as Record<string, unknown>, field, configMode)
    if (planned.model !== undefined) models.add(planned.model)
    starts.push({ name: planned.name ?? `phase ${index + 1}`, startSeconds: time })
    segments.push(planned.segment)
    time += planned.segment.durationSeconds
  }
  if (models.size > 1) {
    throw new ScriptError('config.phases mixes users (closed model) with arrivals (open model); use one of them', {
      field: 'config.phases',
    })
  }
  if (time > maximumPlanSeconds) {
    throw new ScriptError(`config.phases last ${time} s in all; at most ${maximumPlanSeconds} s (a day) are allowed`, {
      field: 'config.phases',
    })
  }
  return {
    model: models.has('closed') ? 'closed' : 'open',
    profile: new LoadProfile(segments),
    phases: starts,
  }
}

interface PlannedPhase {
  readonly segment: LoadSegment
  readonly model: LoadModel | undefined
  readonly name: string | undefined
}

function planPhase(phase: Record<string, unknown>, field: string, configMode: ArrivalMode): PlannedPhase {
  const name = typeof phase.name === 'string' ? phase.name : undefined
  const ownMode = readMode(phase.mode, `${field}.mode`)
  if (ownMode === 'poisson' && (phase.arrivalRate === undefined || phase.arrivalCount !== undefined)) {
    throw new ScriptError(`${field}.mode: "poisson" goes with arrivalRate only`, { field: `${field}.mode` })
  }
  if (phase.pause !== undefined) {
    const durationSeconds = readDuration(phase.pause, `${field}.pause`)
    return { segment: { durationSeconds, from: 0, to: 0 }, model: undefined, name }
  }
  const durationSeconds = readDuration(phase.duration, `${field}.duration`)
  // Arrivals beyond it are skipped and counted.
  const bound = phase.maxVusers === undefined ? {} : { maximumUsers: readLevel(phase.maxVusers, `${field}.maxVusers`) }
  if (phase.arrivalCount !== undefined) {
    const count = readLevel(phase.arrivalCount, `${field}.arrivalCount`)
    if (durationSeconds === 0)
      throw new ScriptError(`${field}.duration must be above 0`, { field: `${field}.duration` })
    const rate = count / durationSeconds
    return { segment: { durationSeconds, from: rate, to: rate, ...bound }, model: 'open', name }
  }
  const closed = phase.users !== undefined
  const key = closed ? 'users' : 'arrivalRate'
  if (phase[key] === undefined && phase.rampTo === undefined) {
    throw new ScriptError(`${field} needs one of arrivalRate, arrivalCount, users or pause`, { field })
  }
  const from = phase[key] === undefined ? 0 : readLevel(phase[key], `${field}.${key}`)
  const to = phase.rampTo === undefined ? from : readLevel(phase.rampTo, `${field}.rampTo`)
  if (closed) return { segment: { durationSeconds, from, to, ...bound }, model: 'closed', name }
  const mode = ownMode ?? configMode
  return { segment: { durationSeconds, from, to, mode, ...bound }, model: 'open', name }
}

function readMode(value: unknown, field: string): ArrivalMode | undefined {
  if (value === undefined || value === null) return undefined
  if (value === 'uniform' || value === 'poisson') return value
  throw new ScriptError(`${field} must be "uniform" or "poisson", not ${show(value)}`, { field })
}

function readDuration(value: unknown, field: string): number {
  const seconds = parseDurationSeconds(value)
  if (seconds === undefined) {
    throw new ScriptError(`${field} must be a number of seconds or text such as "2m", not ${show(value)}`, { field })
  }
  return seconds
}

function readLevel(value: unknown, field: string): number {
  const level = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof level !== 'number' || !Number.isFinite(level) || level < 0) {
    throw new ScriptError(`${field} must be a number of at least 0, not ${show(value)}`, { field })
  }
  return level
}

function show(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value))
}
