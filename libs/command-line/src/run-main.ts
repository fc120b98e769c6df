import { listenProblem } from './listen-error.ts'
import { messageOf } from './message-of.ts'

/**
 * Runs the main function of a program. What it throws ends the process with one message on stderr: with the error's own
 * `exitCode` (2 for a `UsageError` or `EnvironmentError`) and its message where it has one, else with 1 and the whole
 * stack.
 */
export function runMain(programName: string, main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    const exitCode = exitCodeOf(error)
    const text = exitCode === undefined ? stackOf(error) : textOf(error)
    process.stderr.write(`${programName}: ${text}\n`)
    process.exit(exitCode ?? 1)
  })
}

function exitCodeOf(error: unknown): number | undefined {
  if (error instanceof Error && 'exitCode' in error && typeof error.exitCode === 'number') return error.exitCode
  if (isListenError(error)) return 1
  return undefined
}

/** The system's own errors of `listen` name address and port; a stack adds nothing. */
function isListenError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'listen'
}

function textOf(error: unknown): string {
  const problem = isListenError(error) ? listenProblem(error) : undefined
  return problem === undefined ? messageOf(error) : `${messageOf(error)}: ${problem}`
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
