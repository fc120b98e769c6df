import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'

/** How a service is started. */
export interface ServiceProcessOptions {
  /** The module that runs. */
  readonly module: string
  readonly args?: readonly string[]
  /** Conditions of package exports; default: this repository's sources instead of the build. */
  readonly conditions?: readonly string[]
  readonly nodeArgs?: readonly string[]
  /** The number of descriptors that the process may have; needs `prlimit`. */
  readonly descriptors?: number
  /** The file to which standard output goes instead of {@link ServiceProcess.stdout}; it is appended to. */
  readonly logFile?: string
  /** Only this many first characters of standard output are kept; default: all. */
  readonly maxStdout?: number
  /** Added to an environment that has only PATH and HOME; ports are 0 unless given. */
  readonly env?: Readonly<Record<string, string>>
}

/** One line of a service's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly message?: string; readonly severity?: string }

/** How a service exited. */
export interface ServiceExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

const DEADLINE_MS = 30_000
const PRINTED_LINES = 20

/** A service in a process of its own, for tests of externally visible behavior. End it with `await using`. */
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

  /** The pids of its child processes that are still running, the oldest first; none once it has exited. Linux only. */
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

  /** The lines of the log so far; lines that are not JSON are omitted. */
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

  /** Waits until `probe` returns anything but `undefined` and `false`, while the process is running. */
  async until<T>(what: string, probe: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
    const deadline = performance.now() + DEADLINE_MS
    for (;;) {
      const wasRunning = this.#isRunning
      const value = await probe()
      if (value !== undefined && value !== false) return value
      if (!wasRunning) throw new Error(`the process ended before ${what}\n${this.#lastOutput()}`)
      if (performance.now() > deadline) throw new Error(`timed out waiting for ${what}\n${this.#lastOutput()}`)
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

  /** The base URL of metrics and health, once it is logged. */
  async metricsUrl(): Promise<string> {
    const { url } = await this.untilLog(/^Metrics are at /)
    return new URL('/', String(url)).origin
  }

  /** The URL of a cluster's service, once it is logged. */
  async serviceUrl(): Promise<string> {
    return String((await this.untilLog(/^The service is at /)).url)
  }

  /** Waits until `/readyz` says 200. */
  async untilReady(): Promise<void> {
    const origin = await this.metricsUrl()
    await this.until('/readyz says 200', async () => (await fetch(`${origin}/readyz`)).ok)
  }

  /** Scrapes once. */
  async scrape(accept = 'text/plain'): Promise<string> {
    const response = await fetch(`${await this.metricsUrl()}/metrics`, { headers: { accept } })
    return response.text()
  }

  /** Kills the process if it is still running. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isRunning) this.#child.kill('SIGKILL')
    await this.exit
  }
}

/** Reads the value of one series of an exposition; `undefined` if it does not exist. */
export function readSeries(exposition: string, series: string): number | undefined {
  const line = exposition.split('\n').find((text) => text.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length + 1).split(' ')[0])
}
