import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { stripVTControlCharacters } from 'node:util'
import { FailedProjects } from './failed-projects.ts'
import { Totals } from './totals.ts'

/** The outcome of a run of nx. */
export interface NxRun {
  /** 1 where a signal ended it. */
  readonly exitCode: number
  readonly isKilled: boolean
  readonly totals: Totals
  readonly failedProjects: readonly string[]
}

/** How nx is run. */
export interface NxRunOptions {
  /** Whether the output keeps its colours. */
  readonly isColored: boolean
  /** Aborted, it ends nx by SIGTERM. */
  readonly signal: AbortSignal
}

/**
 * Has nx run a target of many projects, prints what it prints, and counts.
 *
 * @param target such as `test`
 * @param args further options of `nx run-many`
 */
export async function runNx(target: string, args: readonly string[], options: NxRunOptions): Promise<NxRun> {
  const { isColored, signal } = options
  const { NO_COLOR: _, ...env } = process.env
  const nxFile = createRequire(import.meta.url).resolve('nx/bin/nx.js')
  const nx = spawn(
    process.execPath,
    [nxFile, 'run-many', `--target=${target}`, '--parallel=2', '--outputStyle=static', ...args],
    {
      env: isColored ? { ...env, FORCE_COLOR: '1' } : { ...env, NO_COLOR: '1', FORCE_COLOR: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const kill = () => nx.kill()
  signal.addEventListener('abort', kill)
  const totals = new Totals()
  const failed = new FailedProjects(target)
  for (const [stream, output] of [
    [nx.stdout, process.stdout],
    [nx.stderr, process.stderr],
  ] as const) {
    createInterface({ input: stream }).on('line', (line) => {
      const plain = stripVTControlCharacters(line)
      totals.add(plain)
      failed.add(plain)
      output.write(`${isColored ? line : plain}\n`)
    })
  }
  const [code]: (number | null)[] = await once(nx, 'close')
  signal.removeEventListener('abort', kill)
  return { exitCode: code ?? 1, isKilled: code === null, totals, failedProjects: failed.names }
}
