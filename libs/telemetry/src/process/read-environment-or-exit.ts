import { basename } from 'node:path'
import {
  EnvironmentError,
  type EnvironmentOf,
  type EnvironmentSpec,
  readEnvironment,
} from '@node-to-cloud/command-line'

/**
 * Reads the environment as `readEnvironment` does, for the top level of a program: if a variable can't be used, the
 * process exits with 2 and one message that names every bad variable, its value and what is allowed.
 */
export function readEnvironmentOrExit<Spec extends EnvironmentSpec>(spec: Spec): EnvironmentOf<Spec> {
  try {
    return readEnvironment(spec)
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error
    process.stderr.write(`${basename(process.argv[1] ?? 'node')}: ${error.message}\n`)
    process.exit(2)
  }
}
