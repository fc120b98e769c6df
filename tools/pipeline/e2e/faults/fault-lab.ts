import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultName } from './faults.ts'

/** How long a process stands still, and how long it runs until it does so again. */
export interface Stutter {
  readonly stoppedMs: number
  readonly runningMs: number
}

/** Lets processes of a pipeline go wrong, from outside (signals) and from inside (`receive-faults.ts`). */
export class FaultLab {
  readonly #folder = mkdtempSync(join(tmpdir(), 'faults-'))
  readonly #faulty = new Set<number>()
  readonly #stutters: Promise<void>[] = []
  readonly #abort = new AbortController()

  /** For the processes that faults are to happen in. */
  get env(): Readonly<Record<string, string>> {
    const preload = new URL('./receive-faults.ts', import.meta.url).href
    return { FAULTS_DIR: this.#folder, NODE_OPTIONS: `--import=${preload}` }
  }

  /** Begins these faults in a process, and ends its others. */
  have(pid: number, ...faults: readonly FaultName[]): void {
    this.#faulty.add(pid)
    writeFileSync(join(this.#folder, String(pid)), JSON.stringify(faults))
    signal(pid, 'SIGUSR2')
  }

  /** Stops a process again and again until {@link end}. `pidOf` finds it again each time, since it may be replaced. */
  stutter(pidOf: () => number | undefined, { stoppedMs, runningMs }: Stutter): void {
    const run = async (): Promise<void> => {
      while (!this.#abort.signal.aborted) {
        const pid = pidOf()
        if (pid !== undefined) signal(pid, 'SIGSTOP')
        await this.#wait(stoppedMs)
        if (pid !== undefined) signal(pid, 'SIGCONT')
        await this.#wait(runningMs)
      }
    }
    this.#stutters.push(run())
  }

  /** Does something again and again until {@link end}. */
  repeat(act: () => void, everyMs: number): void {
    const run = async (): Promise<void> => {
      while (!this.#abort.signal.aborted) {
        act()
        await this.#wait(everyMs)
      }
    }
    this.#stutters.push(run())
  }

  /** Ends all faults. */
  async end(): Promise<void> {
    this.#abort.abort()
    await Promise.all(this.#stutters)
    for (const pid of this.#faulty) this.have(pid)
    this.#faulty.clear()
  }

  /** Removes what is on the disk. */
  async close(): Promise<void> {
    await this.end()
    rmSync(this.#folder, { recursive: true })
  }

  async #wait(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#abort.signal }).catch(() => undefined)
  }
}

/** A process that has ended meanwhile is not an error. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
