import { parseDuration } from '@node-to-cloud/browser-kit/format/duration'
import { parseTypedNumber } from '@node-to-cloud/browser-kit/format/typed-number'
import type { ChangeRequest, LoadOverride } from '../../../contract/api.ts'

/** What the fields of a load say, as they were typed. */
export interface TypedLoad {
  readonly kind: 'rate' | 'users' | 'script'
  readonly level: string
  readonly spawnRate: string
  readonly durationSeconds: string
}

/** What is wrong with a field. */
export interface FieldProblem {
  readonly field: Exclude<keyof TypedLoad, 'kind'>
  readonly message: string
}

/** Reads a load. Every wrong field is reported, and none is guessed: `2,5` is not a number, nor is `10/s`. */
export function readLoad(typed: TypedLoad): {
  readonly load: LoadOverride
  readonly problems: readonly FieldProblem[]
} {
  const { kind, level, spawnRate, durationSeconds } = typed
  const problems: FieldProblem[] = []
  const read = <Value>(field: FieldProblem['field'], text: string, value: Value | undefined, message: string) => {
    if (text.trim() !== '' && value === undefined)
      problems.push({ field, message: `${message}, not "${text.trim()}".` })
    return value
  }
  const amount = kind === 'script' ? undefined : parseTypedNumber(level)
  if (kind !== 'script' && amount === undefined) {
    const form = kind === 'users' ? '' : ' such as 2.5'
    problems.push({ field: 'level', message: `Enter a number of at least 0${form}, not "${level.trim()}".` })
  }
  const perSecond = parseTypedNumber(spawnRate) || undefined
  const spawn =
    kind === 'users'
      ? read('spawnRate', spawnRate, perSecond, 'Enter a number above 0 such as 2.5, or nothing')
      : undefined
  const seconds = parseDuration(durationSeconds)
  const duration = read('durationSeconds', durationSeconds, seconds, 'Enter a duration such as 90, 5m or 1h30m')
  return {
    load: {
      ...(kind === 'rate' ? { rate: amount } : {}),
      ...(kind === 'users' ? { users: amount } : {}),
      ...(spawn === undefined ? {} : { spawnRate: spawn }),
      ...(duration === undefined ? {} : { durationSeconds: duration }),
    },
    problems,
  }
}

/** Reads a change of the load of a run. */
export function readChange(
  kind: 'rate' | 'users',
  { level, spawnRate }: Pick<TypedLoad, 'level' | 'spawnRate'>,
): { readonly change: ChangeRequest; readonly problems: readonly FieldProblem[] } {
  // A change has a speed in both models, where a start has one for users alone.
  const { load, problems } = readLoad({ kind: 'users', level, spawnRate, durationSeconds: '' })
  return { change: { [kind]: load.users, spawnRate: load.spawnRate }, problems }
}
