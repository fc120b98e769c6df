import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { get } from 'node:http'
import { createConnection } from 'node:net'
import { fileURLToPath } from 'node:url'

const launcher = fileURLToPath(new URL('../bin/pipeline.js', import.meta.url))
const root = fileURLToPath(new URL('../../..', import.meta.url))

/** `npm start` or `npm run verify` as a child process in a process group of its own. */
export class PipelineRun {
  stdout = ''
  stderr = ''
  readonly child: ChildProcess
  readonly closed: Promise<{ code: number | null; signal: NodeJS.Signals | null }>

  /**
   * @param byNpm - whether npm starts it, as a user does
   * @param env - further variables of its environment
   */
  constructor(
    args: readonly string[],
    { byNpm = false, env: more = {} }: { readonly byNpm?: boolean; readonly env?: NodeJS.ProcessEnv } = {},
  ) {
    const [command = '', ...others] = args
    const env = { ...process.env, ...more }
    this.child = byNpm
      ? spawn('npm', ['run', command, '--', ...others], {
          cwd: root,
          env,
          detached: true,
          stdio: ['ignore', 'pipe', 'pipe'],
        })
      : spawn(process.execPath, [launcher, ...args], { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text
    })
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
    this.closed = once(this.child, 'close').then(([code, signal]) => ({ code, signal }))
  }

  /** Resolves once `condition` is true; fails with the whole output if the run ends first, or after `timeoutMs`. */
  async until(what: string, condition: () => boolean | Promise<boolean>, timeoutMs = 120_000): Promise<void> {
    const deadline = performance.now() + timeoutMs
    while (!(await condition())) {
      if (this.child.exitCode !== null) throw new Error(`ended before ${what}:\n${this.stdout}\n${this.stderr}`)
      if (performance.now() > deadline) throw new Error(`no ${what} in time:\n${this.stdout}\n${this.stderr}`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  /** The processes of the run: its parts by a mark in their environment or command line, npm and the pipeline by their option. */
  processes(portOffset: number): { pid: number; command: string }[] {
    return [...processesWith(`/.pipeline/run-${portOffset}/`), ...processesWith(`--port-offset ${portOffset}`)]
  }
}

/** Every live process whose environment or command line contains `mark`. Reads /proc, so Linux only. */
export function processesWith(mark: string): { pid: number; command: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ')
        const env = readFileSync(`/proc/${name}/environ`, 'utf8')
        return command !== '' && (env.includes(mark) || command.includes(mark)) ? [{ pid: Number(name), command }] : []
      } catch {
        return []
      }
    })
    .filter(({ pid }) => pid !== process.pid)
}

/** Whether something listens at 127.0.0.1:port. */
export function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/** The status of a GET of `url`. Not with fetch, which treats flask-app's 407 as a network error. */
export async function statusOf(url: string): Promise<number> {
  const [response] = await once(get(url), 'response')
  response.resume()
  return response.statusCode
}

/** Whether a program is on PATH. */
export function has(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
