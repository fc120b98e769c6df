import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { freePort } from '@node-to-cloud/bench'
import { asExternal } from '../test/testing/as-external.ts'
import { type Audit, audit, storedKey, type TargetMetadata, WITHOUT_RAW_SERIES } from '../test/testing/audit.ts'
import type { SeededRandom } from '../test/testing/seeded-random.ts'
import { eventually } from './child.ts'
import { Emulator } from './emulator.ts'
import { Exporter } from './exporter.ts'
import { Prometheus, type PrometheusOptions, type ScrapeJob } from './prometheus.ts'
import { Sidecar, type SidecarOptions } from './sidecar.ts'

export interface StackOptions {
  readonly random: SeededRandom
  /** Scraped besides the exporter, whose job is `exporter`, every 6 s. */
  readonly jobs?: readonly ScrapeJob[]
  readonly rules?: readonly Readonly<Record<string, string>>[]
  readonly sidecar?: Partial<SidecarOptions>
  readonly prometheus?: Partial<
    Pick<PrometheusOptions, 'program' | 'remoteWrite' | 'queue' | 'isAgent' | 'outOfOrderWindow' | 'flushDeadline'>
  >
}

/** A late scrape is soon followed by one on time: both should be stored. */
const EMULATOR_FLAGS = ['--quota.sampling-period=0']

/** A real Prometheus, a sidecar and a cloud-emulator, which are stopped after the test. */
export class Stack {
  readonly emulator: Emulator
  readonly sidecar: Sidecar
  readonly prometheus: Prometheus
  readonly exporter: Exporter
  readonly #jobs: readonly ScrapeJob[]
  /** Metadata of targets that Prometheus no longer has. */
  #formerMetadata: readonly TargetMetadata[] = []

  private constructor(
    parts: { emulator: Emulator; sidecar: Sidecar; prometheus: Prometheus; exporter: Exporter },
    jobs: readonly ScrapeJob[],
  ) {
    this.emulator = parts.emulator
    this.sidecar = parts.sidecar
    this.prometheus = parts.prometheus
    this.exporter = parts.exporter
    this.#jobs = jobs
  }

  static async start(context: TestContext, options: StackOptions): Promise<Stack> {
    const folder = await mkdtemp(join(tmpdir(), 'sidecar-e2e-'))
    const cleanUps = [() => rm(folder, { recursive: true, force: true }) as Promise<unknown>]
    context.after(async () => {
      for (const cleanUp of cleanUps.reverse()) await cleanUp()
    })
    const emulator = await Emulator.start(EMULATOR_FLAGS)
    cleanUps.push(() => emulator.child.stop('SIGKILL'))
    const { exporter, target } = await Exporter.start(options.random)
    cleanUps.push(async () => {
      exporter.server.close()
      exporter.server.closeAllConnections()
    })
    const prometheusPort = await freePort()
    const sidecar = await Sidecar.start({
      grpcAddress: emulator.grpcAddress,
      prometheusUrl: `http://127.0.0.1:${prometheusPort}`,
      stateFile: join(folder, 'state'),
      ...options.sidecar,
    })
    cleanUps.push(() => sidecar.child.stop('SIGKILL'))
    const jobs = [{ job: 'exporter', target, interval: '6s' }, ...(options.jobs ?? [])]
    const prometheus = await Prometheus.start({
      folder,
      port: prometheusPort,
      jobs,
      remoteWriteUrl: `${sidecar.url}/api/v1/write`,
      rules: options.rules,
      ...options.prometheus,
    })
    cleanUps.push(() => prometheus.child.stop('SIGKILL'))
    return new Stack({ emulator, sidecar, prometheus, exporter }, jobs)
  }

  /**
   * Waits until more than `points` points are stored. Then nothing is accepted, and it waits until more than `samples`
   * samples have piled up in Prometheus, which does not send them once it is killed or changes its queues.
   */
  async pileUp({ points, samples }: { readonly points: number; readonly samples: number }): Promise<void> {
    await eventually('points are stored', async () => (await this.emulator.summary()).points > points)
    await this.emulator.fault({ code: 'UNAVAILABLE', durationSeconds: 600 })
    const scraped = async () =>
      (await this.prometheus.rawSeries()).reduce((sum, series) => sum + series.samples.length, 0)
    const before = await scraped()
    await eventually('more is scraped', async () => (await scraped()) > before + samples)
  }

  /** Restarts Prometheus after it ended, without the target of a job. */
  async restartPrometheusWithout(job: string, metadata: readonly TargetMetadata[]): Promise<void> {
    this.#formerMetadata = metadata
    await this.prometheus.restart(this.#jobs.filter((other) => other.job !== job))
  }

  /**
   * Waits until each convertible sample now in Prometheus' database is stored, or was refused by a fault; then all
   * stored points must be right. Returns the last audit.
   */
  async verifyAll(what: string, { withinMs } = { withinMs: 150_000 }): Promise<Audit> {
    const untilMs = Date.now()
    let found: Audit | undefined
    let missing: string[] = []
    await eventually(
      `all samples are stored ${what}`,
      async () => {
        const refused = new Set(
          asExternal(await this.emulator.injectedRefusals()).map((point) => `${storedKey(point)} @ ${point.endMs}`),
        )
        found = audit(
          await this.prometheus.rawSeries(),
          [...(await this.prometheus.metadata()), ...this.#formerMetadata],
          asExternal(await this.emulator.stored()),
          {
            untilMs,
            jobs: this.#jobs.map(({ job }) => job),
          },
        )
        missing = found.missing.filter((entry) => !refused.has(entry))
        // After a restart, Prometheus does not know the types of metrics until it has scraped them again.
        const isUnknown = found.wrong.some((problem) => problem.endsWith(WITHOUT_RAW_SERIES))
        return missing.length === 0 && !isUnknown
      },
      {
        withinMs,
        everyMs: 2_000,
        detail: () =>
          `${missing.length} of ${found?.expected} are missing:\n${missing.slice(0, 20).join('\n')}\n${found?.wrong.slice(0, 20).join('\n')}\n${this.sidecar.output.slice(-3000)}`,
      },
    )
    assert.ok(found !== undefined)
    assert.deepEqual(found.wrong.slice(0, 20), [])
    return found
  }
}
