import { LoadProfile } from '../load/profile.ts'
import type { LoadModel } from './phases.ts'
import type { LoadScript } from './script.ts'
import { ScriptError } from './script-error.ts'
import { shapeProfile } from './shape.ts'

/** What is asked for instead of a script's own phases. */
export interface LoadOverride {
  /** Arrivals a second (open model). */
  readonly rate?: number | undefined
  /** Users at once (closed model). */
  readonly users?: number | undefined
  /** Users that begin a second, until there are as many as asked for; default: all at once. */
  readonly spawnRate?: number | undefined
  /** How long the load lasts; default: as the script says, else until it is stopped. */
  readonly durationSeconds?: number | undefined
}

/** A load to begin. */
export interface ChosenLoad {
  readonly model: LoadModel
  readonly profile: LoadProfile
  /** At most so many virtual users at once, whatever the profile says. */
  readonly maximumUsers: number
}

/**
 * How many virtual users may run at once: of the open model, where a target that answers slowly would let them pile up
 * without end, and of the closed model, where somebody asked for them.
 */
export const maximumUsersOf = { open: 50_000, closed: 1_000_000 } as const

/**
 * Chooses the load of a run: a rate or users if given, else the script's `shape`, else its phases.
 *
 * @throws ScriptError when there is none of them.
 */
export function chooseLoad(script: LoadScript, override: LoadOverride): ChosenLoad {
  const { rate, users, durationSeconds } = override
  if (rate !== undefined || users !== undefined) {
    const profile = profileOf(rate ?? users ?? 0, override.spawnRate, durationSeconds ?? Number.POSITIVE_INFINITY)
    if (rate === undefined) return loadOf('closed', profile)
    // The script's bound on virtual users holds for a rate that somebody asks for, too.
    const bound = script.plan?.profile.maximumUsersAt(0) ?? Number.POSITIVE_INFINITY
    return { ...loadOf('open', profile), maximumUsers: Math.min(bound, maximumUsersOf.open) }
  }
  const planned = script.shape !== undefined ? shapeProfile(script.shape) : script.plan
  if (planned === undefined) {
    throw new ScriptError(`${script.name} has no config.phases: add them, or say how much load: a rate or users`, {
      field: 'config.phases',
    })
  }
  const profile = durationSeconds === undefined ? planned.profile : cut(planned.profile, durationSeconds)
  return loadOf(planned.model, profile)
}

function loadOf(model: LoadModel, profile: LoadProfile): ChosenLoad {
  return { model, profile, maximumUsers: maximumUsersOf[model] }
}

function profileOf(level: number, spawnRate: number | undefined, durationSeconds: number): LoadProfile {
  const rampSeconds = spawnRate === undefined || spawnRate <= 0 ? 0 : level / spawnRate
  if (rampSeconds <= 1) return new LoadProfile([{ durationSeconds, from: level, to: level }])
  const ramp = { durationSeconds: rampSeconds, from: 0, to: level }
  if (rampSeconds >= durationSeconds) return cut(new LoadProfile([ramp]), durationSeconds)
  return new LoadProfile([ramp, { durationSeconds: durationSeconds - rampSeconds, from: level, to: level }])
}

/** A profile made to last so long: cut, or its last level kept on. */
function cut(profile: LoadProfile, durationSeconds: number): LoadProfile {
  const segments = []
  let left = durationSeconds
  for (const segment of profile.segments) {
    if (left <= 0) break
    if (segment.durationSeconds <= left) {
      segments.push(segment)
    } else {
      const to = segment.from + ((segment.to - segment.from) * left) / segment.durationSeconds
      segments.push({ ...segment, durationSeconds: left, to: segment.from === segment.to ? segment.to : to })
    }
    left -= segment.durationSeconds
  }
  const last = segments.at(-1)
  if (left > 0 && last !== undefined) segments.push({ ...last, durationSeconds: left, from: last.to })
  return new LoadProfile(segments)
}
