import { execFile } from 'node:child_process'

export interface Outcome {
  /** -1 if the program was not found or timed out. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to completion, or kills it after a timeout. */
export function runProgram(
  file: string,
  args: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv; timeoutMs: number },
): Promise<Outcome> {
  const { cwd, env, timeoutMs } = options
  return new Promise((resolve) => {
    execFile(
      file,
      args,
      { cwd, env, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: 10e6 },
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr }),
    )
  })
}
