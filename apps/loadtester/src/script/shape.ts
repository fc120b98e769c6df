import type { LoadModel } from '../contract/run-report.ts'
import { LoadProfile, type LoadSegment } from '../load/profile.ts'
import { MAX_PLAN_SECONDS, type PlannedLoad } from './phases.ts'
import { ScriptError } from './script-error.ts'

/**
 * Turns a script's `shape` into a profile. The function is called in advance, for each second from 0 until it returns
 * nothing, so that workers need no master to follow it; it can't depend on results.
 *
 * @throws ScriptError for a step that is neither a rate nor users, for a mix of both, and for a shape longer than a day.
 */
export function shapeProfile(shape: (seconds: number) => unknown): Pick<PlannedLoad, 'model' | 'profile'> {
  const segments: LoadSegment[] = []
  let model: LoadModel | undefined
  for (let second = 0; ; second++) {
    if (second > MAX_PLAN_SECONDS)
      throw ScriptError.at('shape', `never ends: it must return undefined after at most ${MAX_PLAN_SECONDS} s`)
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
    throw new ScriptError('shape(0) returns nothing; it must return { rate } or { users }', { field: 'shape' })
  return { model, profile: new LoadProfile(segments) }
}

function readStep(step: unknown, second: number): { readonly kind: LoadModel; readonly level: number } {
  const { rate, users } = step as { rate?: unknown; users?: unknown }
  const level = rate ?? users
  if (typeof level !== 'number' || !Number.isFinite(level) || level < 0) {
    throw new ScriptError(
      `shape(${second}) must return { rate } or { users } with a number of at least 0, not ${JSON.stringify(step)}`,
      { field: 'shape' },
    )
  }
  return { kind: rate === undefined ? 'closed' : 'open', level }
}
