import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'

/** How a service is started. */
export interface ServiceProcessOptions {
  /** The module that runs. */
  readonly module: string
  readonly args?: readonly string[]
  /** Conditions of package exports; default: this repository's sources instead of what is built. */
  readonly conditions?: readonly string[]
  readonly nodeArgs?: readonly string[]
  /** The number of descriptors that the process may have; needs `prlimit`. */
  readonly descriptors?: number
  /** The file that standard output goes to instead of {@link ServiceProcess.stdout}; it is appended to. */
  readonly logFile?: string
  /** Of a longer standard output only so many first characters are kept; default: all. */
  readonly maxStdout?: number
  /** Added to an environment that has nothing but PATH and HOME; ports are 0 unless they are given. */
  readonly env?: Readonly<Record<string, string>>
}

/** One line of a service's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly message?: string; readonly severity?: string }

/** How a service ended. */
export interface ServiceExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

const DEADLINE_MS = 30_000
const PRINTED_LINES = 20

/** A service in a process of its own, for tests of what can be seen from outside. End it with `await using`. */
export class ServiceProcess {
  stdout = ''
  stderr = ''
  readonly exit: Promise<ServiceExit>
  readonly #child: ChildProcess
  readonly #logFile: string | undefined
  #isRunning = true

  constructor(options: ServiceProcessOptions) {
    const { PATH = '', HOME = '' } = process.env
    const conditions = options.conditions ?? ['@node-to-cloud/source']
    const { descriptors, logFile, maxStdout = Number.POSITIVE_INFINITY } = options
    this.#logFile = logFile
    const output = logFile === undefined ? 'pipe' : openSync(logFile, 'a')
    this.#child = spawn(
      descriptors === undefined ? process.execPath : 'prlimit',
      [
        ...(descriptors === undefined ? [] : [`--nofile=${descriptors}:${descriptors}`, process.execPath]),
        ...conditions.map((condition) => `--conditions=${condition}`),
        ...(options.nodeArgs ?? []),
        options.module,
        ...(options.args ?? []),
      ],
      {
        env: {
          PATH,
          HOME,
          CLOUDSDK_CONFIG: '/nonexistent',
          PORT: '0',
          METRICS_PORT: '0',
          WORKERS: '2',
          ...options.env,
        },
        stdio: ['ignore', output, 'pipe'],
      },
    )
    if (typeof output === 'number') closeSync(output)
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      if (this.stdout.length < maxStdout) this.stdout += text
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
    this.exit = once(this.#child, 'close').then(([code, signal]) => {
      this.#isRunning = false
      return { code, signal }
    })
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the process did not start')
    return this.#child.pid
  }

  /** The pids of the processes that it has started and that still run, the oldest first; none once it has ended. Linux only. */
  get children(): readonly number[] {
    try {
      const pids = readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8')
      return pids.split(' ').filter(Boolean).map(Number)
    } catch {
      return []
    }
  }

  get isRunning(): boolean {
    return this.#isRunning
  }

  /** The lines of the log so far; lines that are not JSON are left out. */
  get log(): readonly LogLine[] {
    return this.#output.split('\n').flatMap((line) => {
      try {
        return line.startsWith('{') ? [JSON.parse(line) as LogLine] : []
      } catch {
        return []
      }
    })
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Waits until `probe` gives something else than `undefined` and `false`, while the process runs. */
  async until<T>(what: string, probe: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
    const deadline = performance.now() + DEADLINE_MS
    for (;;) {
      const wasRunning = this.#isRunning
      const value = await probe()
      if (value !== undefined && value !== false) return value
      if (!wasRunning) throw new Error(`the process ended before ${what}\n${this.#lastOutput()}`)
      if (performance.now() > deadline) throw new Error(`waited in vain for ${what}\n${this.#lastOutput()}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  get #output(): string {
    return this.#logFile === undefined ? this.stdout : readFileSync(this.#logFile, 'utf8')
  }

  #lastOutput(): string {
    return [...this.#output.split('\n').slice(-PRINTED_LINES), ...this.stderr.split('\n').slice(-PRINTED_LINES)].join(
      '\n',
    )
  }

  /** Waits for a line of the log whose message matches. */
  untilLog(message: RegExp): Promise<LogLine> {
    return this.until(`a log line like ${message}`, () => this.log.find((line) => message.test(line.message ?? '')))
  }

  /** The base URL of metrics and health, once the log tells it. */
  async metricsUrl(): Promise<string> {
    const { url } = await this.untilLog(/^Metrics are at /)
    return new URL('/', String(url)).origin
  }

  /** The URL of a cluster's service, once the log tells it. */
  async serviceUrl(): Promise<string> {
    return String((await this.untilLog(/^The service is at /)).url)
  }

  /** Waits until `/readyz` says 200. */
  async untilReady(): Promise<void> {
    const origin = await this.metricsUrl()
    await this.until('/readyz says 200', async () => (await fetch(`${origin}/readyz`)).ok)
  }

  /** One scrape. */
  async scrape(accept = 'text/plain'): Promise<string> {
    const response = await fetch(`${await this.metricsUrl()}/metrics`, { headers: { accept } })
    return response.text()
  }

  /** Ends the process at once if it still runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isRunning) this.#child.kill('SIGKILL')
    await this.exit
  }
}

/** Reads the value of one series of an exposition; `undefined` where it is not there. */
export function readSeries(exposition: string, series: string): number | undefined {
  const line = exposition.split('\n').find((text) => text.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length + 1).split(' ')[0])
}
