import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import type { Command, Part } from '../parts/parts.ts'
import { groupIsAlive, signalGroup } from './process-group.ts'
import { RotatingLog } from './rotating-log.ts'

/** How many of a part's last lines are kept for error messages. */
const KEPT_LINES = 8

const GROUP_POLL_MS = 20

/** The load of one machine needs no large young generation, and several processes share its memory. */
const NODE_FLAGS = ['--max-semi-space-size=2']

/** Starts `"$@"`, and ends it when stdin does: for programs that are not Node's. */
const GUARD = `
exec 3<&0
"$@" </dev/null 3<&- &
part=$!
trap 'kill -TERM $part' TERM INT
{ read -r _ <&3; kill -TERM $part; sleep 3; kill -KILL 0; } >/dev/null 2>&1 &
guard=$!
wait $part
code=$?
while kill -0 $part 2>/dev/null; do wait $part; code=$?; done
kill -KILL $guard 2>/dev/null
exit $code
`

/** A running part: a process group of its own, whose output goes to a log file. */
export class PartProcess {
  readonly #child: ChildProcess
  readonly #closed: Promise<void>
  readonly #lastLines: string[] = []
  #ending: string | undefined

  /**
   * @param root - the folder in which it runs
   * @param logFile - the file for its output, in an existing folder
   */
  constructor({ command, env }: Part, { root, logFile }: Readonly<Record<'root' | 'logFile', string>>) {
    const [program, args] = commandLineOf(command)
    this.#child = spawn(program, args, {
      cwd: root,
      env: { ...process.env, ...env, NO_COLOR: '1', FORCE_COLOR: '0' },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    })
    // It never reads; its end of the pipe closes when this process is gone.
    this.#child.stdin?.on('error', () => undefined)
    const log = new RotatingLog(logFile)
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.#log(log, line))
    }
    this.#closed = new Promise((resolve) => {
      const end = (ending: string) => {
        this.#ending ??= ending
        log.close()
        resolve()
      }
      this.#child.once('exit', (code, signal) => {
        this.#ending = signal === null ? `exit code ${code}` : signal
      })
      this.#child.once('close', () => end('closed'))
      this.#child.once('error', (error) => end(error.message))
    })
  }

  /** How the process ended: `exit code 1`, `SIGKILL`; undefined while it runs. */
  get ending(): string | undefined {
    return this.#ending
  }

  /** The last lines that the part printed, oldest first. */
  get lastLines(): readonly string[] {
    return this.#lastLines
  }

  /** Whether any process of the part still runs. */
  get isAlive(): boolean {
    return this.#child.pid !== undefined && groupIsAlive(this.#child.pid)
  }

  /** Ends the part: SIGTERM, and after `deadlineMs` SIGKILL for what is left of it. Resolves when it is gone. */
  async stop(deadlineMs: number): Promise<void> {
    if (this.#ending === undefined) this.#child.kill('SIGTERM')
    const deadline = performance.now() + deadlineMs
    while (this.isAlive && performance.now() < deadline) {
      // No one ends processes that the part has left behind.
      if (this.#ending !== undefined) this.kill()
      await sleep(GROUP_POLL_MS)
    }
    this.kill()
    await this.#closed
    while (this.isAlive && performance.now() < deadline + 1_000) await sleep(GROUP_POLL_MS)
  }

  /** Kills every process of the part at once. */
  kill(): void {
    if (this.#child.pid !== undefined) signalGroup(this.#child.pid, 'SIGKILL')
  }

  #log(log: RotatingLog, colored: string): void {
    const line = stripVTControlCharacters(colored)
    log.write(`${line}\n`)
    if (line.trim() === '') return
    this.#lastLines.push(line)
    if (this.#lastLines.length > KEPT_LINES) this.#lastLines.shift()
  }
}

function commandLineOf(command: Command): readonly [program: string, args: readonly string[]] {
  if ('program' in command) return ['/bin/sh', ['-c', GUARD, 'guard', command.program, ...command.args]]
  const preload = new URL('./end-with-parent.ts', import.meta.url).href
  return [process.execPath, [...NODE_FLAGS, `--import=${preload}`, command.launcher, ...command.args]]
}
