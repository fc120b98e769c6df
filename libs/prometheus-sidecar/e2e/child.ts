import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** The root of the repository. */
export const ROOT: string = fileURLToPath(new URL('../../..', import.meta.url))

/** The command that runs a TypeScript program of the repository. */
export const NODE: readonly string[] = [process.execPath, '--conditions=@node-to-cloud/source']

export interface ChildOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Starting resolves with the first match in the output. */
  readonly ready: RegExp
  readonly readyWithinMs?: number
}

/** A process under test, and its output. */
export class Child {
  readonly process: ChildProcess
  readonly name: string
  output = ''
  #exit: Promise<number | NodeJS.Signals>

  private constructor(name: string, child: ChildProcess) {
    this.name = name
    this.process = child
    this.#exit = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals)
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output = (this.output + chunk.toString()).slice(-2_000_000)
      })
    }
  }

  /** Starts a program and waits until it is ready. Also returns the match. */
  static async start(
    name: string,
    [command, ...args]: readonly string[],
    options: ChildOptions,
  ): Promise<{ child: Child; match: RegExpExecArray }> {
    const child = new Child(
      name,
      spawn(command ?? '', args, {
        cwd: ROOT,
        env: { ...process.env, ...options.env },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    )
    const match = await eventually(
      `${name} is ready`,
      async () => {
        if (child.process.exitCode !== null)
          throw new EndedError(`${name} ended with ${child.process.exitCode}:\n${child.output}`)
        return options.ready.exec(child.output) ?? undefined
      },
      { withinMs: options.readyWithinMs ?? 180_000, detail: () => child.output.slice(-4000) },
    )
    return { child, match }
  }

  get exited(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null
  }

  /** Sends a signal and waits until the process exits. Returns the exit code or signal. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', withinMs = 30_000): Promise<number | NodeJS.Signals> {
    if (!this.exited) this.process.kill(signal)
    const timer = setTimeout(() => this.process.kill('SIGKILL'), withinMs)
    try {
      return await this.#exit
    } finally {
      clearTimeout(timer)
    }
  }

  /** Waits until the process exits by itself. */
  exit(): Promise<number | NodeJS.Signals> {
    return this.#exit
  }
}

/** What was awaited can no longer happen. */
export class EndedError extends Error {}

/**
 * Repeats until there is a result other than undefined or false. Fails after `withinMs` with the last error or detail,
 * or immediately with an `EndedError`.
 */
export async function eventually<Answer>(
  what: string,
  ask: () => Promise<Answer | undefined | false>,
  options: { withinMs?: number; everyMs?: number; detail?: () => string } = {},
): Promise<Answer> {
  const deadline = Date.now() + (options.withinMs ?? 60_000)
  let lastError: unknown
  for (;;) {
    try {
      const answer = await ask()
      if (answer !== undefined && answer !== false) return answer
      lastError = undefined
    } catch (error) {
      if (error instanceof EndedError) throw error
      lastError = error
    }
    if (Date.now() > deadline) {
      throw new Error(`not within ${options.withinMs ?? 60_000} ms: ${what}\n${options.detail?.() ?? ''}`, {
        cause: lastError,
      })
    }
    await new Promise((resolve) => setTimeout(resolve, options.everyMs ?? 100))
  }
}
