import { type ChildProcess, spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

/** kubectl is missing, can't reach the cluster, or was refused. */
export class KubectlError extends Error {
  readonly code = 'ERR_KUBECTL'
}

export interface KubectlTarget {
  /** Default: kubectl's current one. */
  readonly context?: string | undefined
  readonly namespace?: string | undefined
}

/** Calls kubectl, for one context and namespace. */
export class Kubectl {
  readonly #options: readonly string[]

  constructor({ context, namespace }: KubectlTarget) {
    this.#options = [
      ...(context === undefined ? [] : ['--context', context]),
      ...(namespace === undefined ? [] : ['--namespace', namespace]),
    ]
  }

  /**
   * What kubectl prints.
   *
   * @param input for its standard input.
   * @throws KubectlError with kubectl's own message.
   */
  async call(args: readonly string[], input?: unknown): Promise<string> {
    const child = this.stream(args)
    child.stdin?.on('error', () => {})
    child.stdin?.end(input === undefined ? '' : JSON.stringify(input))
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    try {
      const [code, stdout, stderr] = await Promise.all([ended, readAll(child.stdout), readAll(child.stderr)])
      if (code === 0) return stdout
      throw new KubectlError(`kubectl ${args.join(' ')}: ${stderr.trim() || `exit code ${code}`}`)
    } catch (error) {
      if (error instanceof KubectlError) throw error
      throw new KubectlError("kubectl is not installed, or can't be run", { cause: error })
    }
  }

  /** kubectl's output, parsed as JSON. */
  async json(args: readonly string[], input?: unknown): Promise<unknown> {
    return JSON.parse(await this.call([...args, '--output=json'], input))
  }

  /** Starts kubectl; its output is read as it comes. */
  stream(args: readonly string[]): ChildProcess {
    return spawn('kubectl', [...this.#options, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  }
}

function readAll(stream: NodeJS.ReadableStream | null): Promise<string> {
  return stream === null ? Promise.resolve('') : text(stream)
}
