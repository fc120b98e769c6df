import { logDefault, logGiven } from './debug-log.ts'
import { type Problem, printable, problemText, readText } from './problem.ts'
import type { Environment, ValueSpec, ValuesOf } from './values/value-type.ts'

/** The variables a process reads, by name. */
export type EnvironmentSpec = ValueSpec

/** The values that {@link readEnvironment} returns for a specification. */
export type EnvironmentOf<Spec extends EnvironmentSpec> = ValuesOf<Spec>

/** One variable that can't be used. `value` is `undefined` where it is not set, and masked where it is a secret. */
export interface EnvironmentProblem {
  readonly name: string
  readonly value: string | undefined
  readonly allowed: string
}

/** Every bad variable of an environment, in one error. A main program exits with its `exitCode`, 2. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError'
  readonly code = 'ERR_ENVIRONMENT'
  readonly exitCode = 2
  readonly problems: readonly EnvironmentProblem[]

  constructor(problems: readonly Problem[]) {
    super(`the environment can't be used:\n${problems.map((problem) => `  ${problemText(problem)}`).join('\n')}`)
    this.problems = problems.map(({ name, value, allowed }) => ({ name, value, allowed }))
  }
}

/**
 * Reads the variables of `spec` from `env`. A variable set to the empty string counts as not set, as OpenTelemetry
 * specifies.
 *
 * @throws {EnvironmentError} naming every variable that can't be used, its value and what is allowed
 */
export function readEnvironment<Spec extends EnvironmentSpec>(
  spec: Spec,
  env: Environment = process.env,
): EnvironmentOf<Spec> {
  const problems: Problem[] = []
  const values = readVariables(spec, env, problems)
  if (problems.length > 0) throw new EnvironmentError(problems)
  return values as EnvironmentOf<Spec>
}

/** Like {@link readEnvironment}, but adds invalid variables to `problems`. */
export function readVariables(spec: EnvironmentSpec, env: Environment, problems: Problem[]): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const [name, type] of Object.entries(spec)) {
    const text = env[name]?.trim() ?? ''
    if (text !== '') {
      const shownValue = printable(text, type.secret)
      logGiven(name, shownValue, 'the environment')
      const { value, problem } = readText(type, text, { name, shownValue, joint: '=' })
      if (problem) problems.push(problem)
      values[name] = value
      continue
    }
    if (type.required) problems.push({ name, value: undefined, allowed: type.allowed, joint: '=' })
    values[name] = type.fallbackFrom?.(env) ?? type.fallback
    logDefault(name, values[name], type)
  }
  return values
}
