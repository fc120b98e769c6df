import { LoadProfile, type LoadSegment } from '../load/profile.ts'
import { type LoadModel, maximumPlanSeconds } from './phases.ts'
import { ScriptError } from './script-error.ts'

/** What a script's `shape` gives for a second. */
export type ShapeStep = { readonly rate: number } | { readonly users: number } | undefined | null

/**
 * Turns a script's `shape` into a profile: the function is asked for each second from 0 on, until it gives nothing.
 * It is asked beforehand, so that workers can go on by themselves; it can't look at results.
 *
 * @throws ScriptError for a step that is neither a rate nor users, a mix of both, or a shape without end (a day).
 */
export function shapeProfile(shape: (seconds: number) => unknown): {
  readonly model: LoadModel
  readonly profile: LoadProfile
} {
  const segments: LoadSegment[] = []
  let model: LoadModel | undefined
  for (let second = 0; ; second++) {
    if (second > maximumPlanSeconds)
      throw new ScriptError(`shape never ends: it has to give undefined after at most ${maximumPlanSeconds} s`, {
        field: 'shape',
      })
    const step = shape(second)
    if (step === undefined || step === null) break
    const { kind, level } = readStep(step, second)
    model ??= kind
    if (kind !== model)
      throw new ScriptError(`shape(${second}) mixes users with a rate; use one of them`, { field: 'shape' })
    const last = segments.at(-1)
    if (last !== undefined && last.to === level)
      segments[segments.length - 1] = { ...last, durationSeconds: last.durationSeconds + 1 }
    else segments.push({ durationSeconds: 1, from: level, to: level })
  }
  if (model === undefined)
    throw new ScriptError('shape(0) gives nothing; it has to give { rate } or { users }', { field: 'shape' })
  return { model, profile: new LoadProfile(segments) }
}

function readStep(step: unknown, second: number): { kind: LoadModel; level: number } {
  const { rate, users } = step as { rate?: unknown; users?: unknown }
  const level = rate ?? users
  if (typeof level !== 'number' || !Number.isFinite(level) || level < 0) {
    throw new ScriptError(
      `shape(${second}) must give { rate } or { users } with a number of at least 0, not ${JSON.stringify(step)}`,
      { field: 'shape' },
    )
  }
  return { kind: rate === undefined ? 'closed' : 'open', level }
}
