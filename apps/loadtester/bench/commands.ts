import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { locustProgram } from '@node-to-cloud/bench'

/** Node, running sources. */
export const node = [process.execPath, '--conditions=@node-to-cloud/source'] as const

/** A program and its arguments. */
export type Command = readonly [string, ...string[]]

/** A file of this folder. */
export function benchFile(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url))
}

/** The command line of the load tester. */
export function loadtester(...args: readonly string[]): Command {
  return [...node, fileURLToPath(new URL('../src/main.ts', import.meta.url)), ...args]
}

/** Locust's command line with the users of `locustfile.py`; undefined where it can't be installed. */
export function locust(...args: readonly string[]): Command | undefined {
  const program = locustProgram()
  return program === undefined ? undefined : [program, '-f', benchFile('locustfile.py'), '--loglevel', 'ERROR', ...args]
}

/** wrk's command line; undefined where it is not installed. */
export function wrk(...args: readonly string[]): Command | undefined {
  const command: Command = ['wrk', ...args]
  return spawnSync(command[0], ['--version']).error === undefined ? command : undefined
}

export function seconds(duration: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, duration * 1000))
}

/** Waits until a condition holds, a minute at most. */
export async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 60_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`It did not happen within a minute: ${what}`)
    await seconds(0.05)
  }
}
