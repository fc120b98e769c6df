import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, type WriteStream } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { stripVTControlCharacters } from 'node:util'
import type { Part } from './parts.ts'

/** How long the parts may take to stop before they are killed. */
const STOP_DEADLINE_MS = 9_000

/** What nx prints when a continuous task ends on its own. */
const EXITED_LINE = /^Task "([^:"]+):local[^"]*" is continuous but exited with code (\d+)/

/** How many of a part's last lines are kept for error messages. */
const KEPT_LINES = 8

/**
 * The continuous `local` targets of all parts, run by nx: it starts them side by side and stops them with SIGTERM.
 * The output of each part goes to a file of its own.
 */
export class NxRun {
  readonly #child: ChildProcess
  readonly #ended: Promise<void>
  readonly #logs = new Map<string, WriteStream>()
  readonly #last = new Map<string, string[]>()
  readonly #exited = new Map<string, number>()
  #hasEnded = false

  /**
   * @param target - the nx target that depends on the targets `local` of `parts`
   * @param root - the workspace's root
   * @param envDir - contains `<part>.env`, which the part's target reads
   * @param nxDir - nx's workspace data for this run
   * @param logsDir - an existing folder for `<part>.log` and `nx.log`
   */
  constructor(
    parts: readonly Part[],
    {
      target,
      root,
      envDir,
      nxDir,
      logsDir,
    }: Readonly<Record<'target' | 'root' | 'envDir' | 'nxDir' | 'logsDir', string>>,
  ) {
    const nx = createRequire(join(root, 'package.json')).resolve('nx/bin/nx.js')
    this.#child = spawn(
      process.execPath,
      [nx, 'run', target, `--parallel=${parts.length + 1}`, '--outputStyle=stream'],
      { cwd: root, env: nxEnvironment(envDir, nxDir), stdio: ['ignore', 'pipe', 'pipe'], detached: true },
    )
    for (const part of [...parts.map(({ name }) => name), 'nx']) {
      this.#logs.set(part, createWriteStream(join(logsDir, `${part}.log`)))
    }
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.#log(line))
    }
    this.#ended = new Promise((resolve) => {
      const end = () => {
        this.#hasEnded = true
        for (const log of this.#logs.values()) log.end()
        resolve()
      }
      this.#child.once('close', end)
      this.#child.once('error', end)
    })
  }

  /** Whether nx, and with it every part, has ended. */
  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** The exit code of a part that ended on its own, as nx reported it. */
  exitCode(part: string): number | undefined {
    return this.#exited.get(part)
  }

  /** The last lines that a part printed, oldest first. */
  lastLines(part: string): readonly string[] {
    return this.#last.get(part) ?? []
  }

  /** Stops every part: SIGTERM first, SIGKILL for what is left at the deadline. Resolves when all of them are gone. */
  async stop(): Promise<void> {
    if (this.#hasEnded) return
    this.#signal('SIGTERM')
    const deadline = setTimeout(() => this.kill(), STOP_DEADLINE_MS)
    await this.#ended
    clearTimeout(deadline)
  }

  /** Kills nx and every part at once. */
  kill(): void {
    if (this.#child.pid === undefined) return
    try {
      process.kill(-this.#child.pid, 'SIGKILL')
    } catch {
      // The group is gone already.
    }
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill(signal)
  }

  #log(colored: string): void {
    const line = stripVTControlCharacters(colored)
    const colon = line.indexOf(': ')
    const part = colon > 0 && this.#logs.has(line.slice(0, colon)) ? line.slice(0, colon) : 'nx'
    const text = part === 'nx' ? line : line.slice(colon + 2)
    this.#logs.get(part)?.write(`${text}\n`)
    const [, project, code] = EXITED_LINE.exec(line) ?? []
    if (project !== undefined) this.#exited.set(project, Number(code))
    if (text.trim() === '') return
    const last = this.#last.get(part) ?? []
    last.push(text)
    if (last.length > KEPT_LINES) last.shift()
    this.#last.set(part, last)
  }
}

function nxEnvironment(envDir: string, nxDir: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PIPELINE_ENV: envDir,
    // nx waits for a continuous task that another nx runs with the same workspace data, so each pipeline has its own.
    NX_WORKSPACE_DATA_DIRECTORY: nxDir,
    NX_TUI: 'false',
    NX_DAEMON: 'false',
    NO_COLOR: '1',
    FORCE_COLOR: '0',
  }
}
