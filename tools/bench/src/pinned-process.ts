import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** The clock ticks per second of /proc/PID/stat; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100

/** Which processors a measurement uses: the process under test gets one of its own where there are two. */
export const processors = { underTest: 0, load: Math.min(1, availableParallelism() - 1) } as const

/** A child process that runs on one processor, and the CPU time of it and all its descendants. Linux only. */
export class PinnedProcess {
  readonly child: ChildProcess
  #stderr = ''

  /**
   * @param command - the program and its arguments
   * @param options.processor - the only processor it may run on; its children inherit this
   * @param options.env - added to this process' environment
   */
  constructor(
    command: readonly [string, ...string[]],
    options: { readonly processor: number; readonly env?: Readonly<Record<string, string>>; readonly cwd?: string },
  ) {
    this.child = spawn('taskset', ['-c', String(options.processor), ...command], {
      env: { ...process.env, ...options.env },
      cwd: options.cwd,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = `${this.#stderr}${text}`.slice(-4_000)
    })
  }

  /** The CPU time in seconds, user and system, of the process and its live descendants. */
  cpuSeconds(): number {
    const { pid } = this.child
    if (pid === undefined) return 0
    return descendantsOf(pid).reduce((sum, each) => sum + cpuSecondsOf(each), 0)
  }

  /** Resolves once `url` answers 2xx; throws with the process' last output if it ends first, or after 30 s. */
  async answers(url: string): Promise<void> {
    const deadline = performance.now() + 30_000
    for (;;) {
      if (this.child.exitCode !== null) throw new Error(`${this.child.spawnargs.join(' ')} ended:\n${this.#stderr}`)
      const ok = await fetch(url).then(
        async (response) => {
          await response.arrayBuffer()
          return response.ok
        },
        () => false,
      )
      if (ok) return
      if (performance.now() > deadline) throw new Error(`${url} does not answer:\n${this.#stderr}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  /** Stops it with SIGTERM, and after 10 s with SIGKILL. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    const exited = once(this.child, 'exit')
    this.child.kill('SIGTERM')
    const kill = setTimeout(() => this.child.kill('SIGKILL'), 10_000)
    await exited
    clearTimeout(kill)
  }
}

function descendantsOf(root: number): number[] {
  const children = new Map<number, number[]>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const parent = statOf(Number(name))?.parent
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)])
  }
  const found = [root]
  for (const pid of found) found.push(...(children.get(pid) ?? []))
  return found
}

function cpuSecondsOf(pid: number): number {
  return (statOf(pid)?.cpuTicks ?? 0) / TICKS_PER_SECOND
}

/** Reads proc(5)'s /proc/PID/stat: field 4 is the parent, 14 and 15 are user and system time. */
function statOf(pid: number): { parent: number; cpuTicks: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { parent: Number(fields[1]), cpuTicks: Number(fields[11]) + Number(fields[12]) }
  } catch {
    return undefined
  }
}
