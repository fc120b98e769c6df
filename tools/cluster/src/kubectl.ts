import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** kubectl exited with an error, or is not installed. A main program exits with its `exitCode`, 1. */
export class KubectlError extends Error {
  override readonly name = 'KubectlError'
  readonly code = 'ERR_KUBECTL'
  readonly exitCode = 1
  readonly stderr: string

  constructor(args: readonly string[], stderr: string) {
    super(`kubectl ${args.join(' ')}: ${stderr.trim()}`)
    this.stderr = stderr
  }
}

/** What kubectl printed. */
export interface KubectlOutput {
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  /** Written to standard input. */
  readonly input?: string
  readonly timeoutMs?: number
}

const DEFAULT_TIMEOUT_MS = 120_000

/** Calls kubectl, always with one context and one namespace. */
export class Kubectl {
  readonly context: string
  readonly namespace: string

  constructor(context: string, namespace: string) {
    this.context = context
    this.namespace = namespace
  }

  /**
   * Runs kubectl.
   *
   * @throws KubectlError when it exits with another code than 0, or takes too long
   */
  async run(args: readonly string[], options: RunOptions = {}): Promise<KubectlOutput> {
    const child = this.start(args, options.input)
    const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? DEFAULT_TIMEOUT_MS)
    let [stdout, stderr] = ['', '']
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const [code, signal] = await once(child, 'close')
      .catch((error: Error) => {
        throw new KubectlError(args, error.message)
      })
      .finally(() => clearTimeout(timer))
    if (code !== 0) throw new KubectlError(args, stderr || `ended by ${signal ?? `exit code ${code}`}`)
    return { stdout, stderr }
  }

  /** Runs kubectl and parses its output as JSON, which the caller knows the type of. */
  async json<T>(...args: readonly string[]): Promise<T> {
    return JSON.parse((await this.run([...args, '--output=json'])).stdout)
  }

  /** Starts kubectl. The caller ends it. */
  start(args: readonly string[], input?: string): ChildProcess {
    const all = ['--context', this.context, '--namespace', this.namespace, ...args]
    const child = spawn('kubectl', all, { stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] })
    child.stdin?.end(input)
    return child
  }
}
