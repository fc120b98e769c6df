import type { LoadOverride } from '../contract/api.ts'
import type { LoadModel } from '../contract/run-report.ts'
import { LoadProfile } from '../load/profile.ts'
import type { LoadScript } from './script.ts'
import { shapeProfile } from './shape.ts'

/** The load of a run. */
export interface ChosenLoad {
  readonly model: LoadModel
  readonly profile: LoadProfile
  /** The limit of concurrent virtual users, whatever the profile says. */
  readonly maximumUsers: number
}

/**
 * The limit of concurrent virtual users. In the open model it keeps users from piling up behind a slow target; in the
 * closed model somebody asked for them.
 */
export const MAX_USERS = { open: 50_000, closed: 1_000_000 } as const

/**
 * Chooses the load of a run: the given rate or users, else the script's `shape`, else its phases.
 *
 * @param options.keepsDuration a given rate, or users, last as long as the script's phases; default: without end.
 *
 * @throws ScriptError for a `shape` that can't be used.
 */
export function chooseLoad(
  script: LoadScript,
  override: LoadOverride,
  options: { readonly keepsDuration?: boolean | undefined } = {},
): ChosenLoad {
  const { rate, users, durationSeconds } = override
  if (rate !== undefined || users !== undefined) {
    const scriptSeconds = options.keepsDuration === true ? script.plan?.profile.durationSeconds : undefined
    const lasting = durationSeconds ?? scriptSeconds ?? Number.POSITIVE_INFINITY
    const profile = profileOf(rate ?? users ?? 0, override.spawnRate, lasting)
    if (rate === undefined) return loadOf('closed', profile)
    const scriptLimit = script.plan.profile.maximumUsersAt(0) ?? Number.POSITIVE_INFINITY
    return { ...loadOf('open', profile), maximumUsers: Math.min(scriptLimit, MAX_USERS.open) }
  }
  const planned = script.shape !== undefined ? shapeProfile(script.shape) : script.plan
  const profile = durationSeconds === undefined ? planned.profile : planned.profile.lasting(durationSeconds)
  return loadOf(planned.model, profile)
}

function loadOf(model: LoadModel, profile: LoadProfile): ChosenLoad {
  return { model, profile, maximumUsers: MAX_USERS[model] }
}

function profileOf(level: number, spawnRate: number | undefined, durationSeconds: number): LoadProfile {
  const rampSeconds = spawnRate === undefined ? 0 : level / spawnRate
  const ramp = { durationSeconds: rampSeconds, from: 0, to: level }
  const flat = { durationSeconds: Number.POSITIVE_INFINITY, from: level, to: level }
  return new LoadProfile(rampSeconds > 1 ? [ramp, flat] : [flat]).lasting(durationSeconds)
}
