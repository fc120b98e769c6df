import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Report, reportOf } from './arrival/report.ts'
import { readStoredSpans } from './arrival/stored-spans.ts'
import { consoleToken } from './console-token.ts'
import { EXPECTED_OTLP_TYPES, EXPECTED_TYPES, TRACED_SERVICES } from './expected-types.ts'
import { HealthWatch } from './health.ts'
import { IDENTITY } from './identity.ts'
import type { PipelineOptions } from './options.ts'
import { takenPorts } from './parts/free-ports.ts'
import { type Part, partsOf, scrapeTargets, tokenFileOf } from './parts/parts.ts'
import { portsOf } from './parts/ports.ts'
import { scrapeConfig } from './parts/scrape-config.ts'
import { PartProcess } from './process/part-process.ts'
import { readStoredTypes } from './stored-types.ts'

/** A part could not be started, or ended while it was needed. The message names it and says what to do. */
export class PartError extends Error {
  readonly code = 'ERR_PART'
  override readonly name = 'PartError'
}

/** How long the parts may take to answer for the first time. */
const START_DEADLINE_MS = 60_000

/** How long a part may take to stop before it is killed. */
const STOP_DEADLINE_MS = 3_000

/** The time between two checks of the parts and of what is stored. */
const POLL_MS = 1_000

/** What is known about a running pipeline at one moment. */
export interface Progress {
  /** The parts that have not answered yet. */
  readonly starting: readonly Part[]
  /** What is stored; undefined until the emulator answers. */
  readonly report: Report | undefined
  readonly seconds: number
}

/** The whole pipeline on this machine, from start to stop. The caller must {@link Pipeline.stop} it. */
export class Pipeline {
  readonly parts: readonly Part[]
  /** The folder with the logs of the parts. */
  readonly logsDir: string
  readonly #options: PipelineOptions
  readonly #stateDir: string
  readonly #loadtesterDir: string
  readonly #root: string
  readonly #processes = new Map<string, PartProcess>()

  /** @param root - the workspace's root; state and logs go to its folder `.pipeline` */
  constructor(root: string, options: PipelineOptions) {
    this.#root = root
    this.#options = options
    this.#stateDir = join(root, '.pipeline', options.portOffset === 0 ? 'run' : `run-${options.portOffset}`)
    this.logsDir = join(this.#stateDir, 'logs')
    this.#loadtesterDir = join(root, '.pipeline', 'loadtester')
    this.parts = partsOf(options, { stateDir: this.#stateDir, loadtesterDir: this.#loadtesterDir })
  }

  /**
   * Writes the configuration of every part and starts them all.
   *
   * @throws {PartError} where a part's port is in use, or Prometheus was asked for and is not installed
   */
  async start(): Promise<void> {
    const [taken, ...others] = await takenPorts(this.parts)
    if (taken) {
      const ports = [taken, ...others].map(({ part, port, message }) => `${part}: port ${port}: ${message}`)
      throw new PartError(`${ports.join('\n')}\nStop that process, or move all ports: -- --port-offset 10000`)
    }
    if (this.#options.prometheus) requirePrometheus()
    consoleToken(tokenFileOf(this.#loadtesterDir))
    this.#writeFiles()
    for (const part of this.parts) {
      const logFile = join(this.logsDir, `${part.name}.log`)
      this.#processes.set(part.name, new PartProcess(part, { root: this.#root, logFile }))
    }
  }

  /**
   * Yields what is known about once a second, until the caller stops iterating.
   *
   * @throws {PartError} naming the part that did not start in time, or ended
   */
  async *progress(signal: AbortSignal): AsyncGenerator<Progress> {
    const health = new HealthWatch(this.parts)
    const begin = performance.now()
    let touched = false
    let report: Report | undefined
    while (!signal.aborted) {
      await health.check()
      if (signal.aborted) return
      if (!touched && health.starting.every(({ name }) => name !== 'flask-app')) {
        touched = true
        this.#requestOnce()
      }
      const seconds = Math.round((performance.now() - begin) / 100) / 10
      this.#throwIfGone(health, seconds * 1000)
      // Once everything has arrived, only the health of the parts matters.
      if (!report?.ok && health.starting.every(({ name }) => name !== 'cloud-emulator')) {
        report = (await this.#read(seconds).catch(() => undefined)) ?? report
      }
      yield { starting: health.starting, report, seconds }
      await sleep(POLL_MS, undefined, { signal }).catch(() => undefined)
    }
  }

  /** The URL to open a part in a browser, with the token where one is needed. */
  addressOf(part: Part): string {
    if (part.name !== 'loadtester') return part.url
    return `${part.url}?token=${consoleToken(tokenFileOf(this.#loadtesterDir))}`
  }

  /**
   * Stops every part, and kills what has not ended in time.
   *
   * @returns the parts of which a process is left all the same
   */
  async stop(): Promise<readonly string[]> {
    // The emulator is last: the others send it their last points and spans, and would wait for it.
    const [emulator, ...others] = this.#processes.values()
    await Promise.all(others.map((process) => process.stop(STOP_DEADLINE_MS)))
    await emulator?.stop(STOP_DEADLINE_MS)
    return [...this.#processes].filter(([, process]) => process.isAlive).map(([name]) => name)
  }

  /** Kills every part at once. */
  kill(): void {
    for (const process of this.#processes.values()) process.kill()
  }

  /** So that the first scrape finds every series of flask-app, which the load may reach later. */
  #requestOnce(): void {
    get(`http://127.0.0.1:${portsOf(this.#options.portOffset).flaskApp}/`, (response) => response.resume()).on(
      'error',
      () => undefined,
    )
  }

  async #read(seconds: number): Promise<Report> {
    const emulatorUrl = `http://127.0.0.1:${portsOf(this.#options.portOffset).emulatorHttp}`
    const expected = this.#options.otlp ? EXPECTED_OTLP_TYPES : EXPECTED_TYPES
    const [types, spans] = await Promise.all([
      readStoredTypes(emulatorUrl, IDENTITY.projectId, new Set(expected.map(({ type }) => type))),
      readStoredSpans(emulatorUrl, IDENTITY.projectId),
    ])
    return reportOf(
      { types, spans: spans.byService, rejected: spans.rejected },
      { types: expected, services: TRACED_SERVICES },
      { seconds, platform: process.platform },
    )
  }

  #throwIfGone(health: HealthWatch, elapsedMs: number): void {
    for (const part of this.parts) {
      const ending = this.#processes.get(part.name)?.ending
      if (ending !== undefined) throw this.#partError(part, `ended: ${ending}`)
    }
    const [gone] = health.gone
    if (gone) throw this.#partError(gone, `has stopped answering at ${gone.healthUrl}`)
    const [late] = health.starting
    if (late && elapsedMs > START_DEADLINE_MS) {
      throw this.#partError(late, `has not answered at ${late.healthUrl} for ${START_DEADLINE_MS / 1000} s`)
    }
  }

  #partError(part: Part, what: string): PartError {
    const lastLines = (this.#processes.get(part.name)?.lastLines ?? []).map((line) => `  ${line}`)
    const log = join(this.logsDir, `${part.name}.log`)
    return new PartError(
      [
        `${part.name} ${what}.`,
        ...(lastLines.length > 0 ? ['Its last lines:', ...lastLines] : []),
        `The whole log: ${log}`,
      ].join('\n'),
    )
  }

  #writeFiles(): void {
    rmSync(this.#stateDir, { recursive: true, force: true })
    mkdirSync(this.logsDir, { recursive: true })
    const ports = portsOf(this.#options.portOffset)
    const targets = scrapeTargets(this.#options)
    writeFileSync(join(this.#stateDir, 'scrape.yml'), scrapeConfig(targets))
    writeFileSync(
      join(this.#stateDir, 'prometheus.yml'),
      scrapeConfig(targets, `http://127.0.0.1:${ports.sidecar}/api/v1/write`),
    )
    this.#run('libs/cloud-emulator/bin/cloud-emulator.js', 'tls', '--tls-dir', join(this.#stateDir, 'tls'))
    if (this.#options.otlp) {
      const program = ['--conditions=@node-to-cloud/source', 'deploy/src/dashboards/main.ts']
      this.#run(...program, '--otlp', '--out', join(this.#stateDir, 'otlp'))
    }
  }

  /** Runs a program of this repository with Node to its end. */
  #run(...args: readonly string[]): void {
    execFileSync(process.execPath, args, { cwd: this.#root, stdio: ['ignore', 'ignore', 'inherit'] })
  }
}

function requirePrometheus(): void {
  try {
    execFileSync('prometheus', ['--version'], { stdio: 'ignore' })
  } catch (cause) {
    throw new PartError(
      'prometheus is not on PATH. Install it (Debian and Ubuntu: apt-get install prometheus), or omit --prometheus.',
      { cause },
    )
  }
}
