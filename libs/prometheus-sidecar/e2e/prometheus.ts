import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RawSeries, TargetMetadata } from '../test/testing/audit.ts'
import { Child, EndedError, eventually } from './child.ts'
import { metricSum } from './metric-sum.ts'

/** The environment variable PROMETHEUS selects another version. */
export const PROGRAM: string = process.env.PROMETHEUS ?? 'prometheus'

/** Intervals that are shorter than the default timeout. */
const SHORT_INTERVALS = new Set(['1s', '2s'])

/** Why Prometheus is not available, so that tests that need it are skipped; false if it is. */
export const PROMETHEUS_IS_MISSING: string | false =
  spawnSync(PROGRAM, ['--version']).status === 0 ? false : `${PROGRAM} is missing (apt-get install prometheus)`

export interface ScrapeJob {
  readonly job: string
  readonly target: string
  readonly interval: string
  /** Whether classic histograms are converted to native ones with custom buckets (Prometheus 3). */
  readonly convertsHistograms?: boolean
}

export interface PrometheusOptions {
  readonly folder: string
  readonly port: number
  readonly jobs: readonly ScrapeJob[]
  readonly remoteWriteUrl: string
  /** Receivers besides the sidecar. */
  readonly otherUrls?: readonly string[]
  /** Changes to `queue_config`. */
  readonly queue?: Readonly<Record<string, string | number>>
  /** Besides the ones that are always set. */
  readonly externalLabels?: Readonly<Record<string, string>>
  /** Default: the one in PATH. */
  readonly program?: string
  /** Changes to `remote_write`. */
  readonly remoteWrite?: Readonly<Record<string, unknown>>
  /** Whether it is in agent mode: it scrapes and sends, but has no database to query. */
  readonly isAgent?: boolean
  /** How late samples may be for its database to accept them. */
  readonly outOfOrderWindow?: string
  /** How long it waits for its queues when it stops. Default: Prometheus' own, a minute. */
  readonly flushDeadline?: string
  /** Recording and alerting rules, evaluated every 5 s. */
  readonly rules?: readonly Readonly<Record<string, string>>[] | undefined
}

/** Debian's Prometheus, writing to a sidecar from four shards. */
export class Prometheus {
  readonly folder: string
  readonly port: number
  child: Child
  #options: PrometheusOptions

  private constructor(options: PrometheusOptions, child: Child) {
    this.#options = options
    this.folder = options.folder
    this.port = options.port
    this.child = child
  }

  static async start(options: PrometheusOptions): Promise<Prometheus> {
    await configure(options)
    const child = await launch(options)
    return new Prometheus(options, child)
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** Restarts it after it ended, with the same jobs unless others are given. */
  async restart(jobs?: readonly ScrapeJob[]): Promise<void> {
    if (jobs !== undefined) await configure({ ...this.#options, jobs })
    this.child = await launch(this.#options)
  }

  /** Stops it as an operator would, and starts another version on the same database. */
  async change(program: string, remoteWrite: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await this.child.stop('SIGTERM', 60_000)
    this.#options = { ...this.#options, program, remoteWrite }
    await configure(this.#options)
    this.child = await launch(this.#options)
  }

  /** Reloads its configuration with a changed `queue_config`, which makes it restart its remote_write queues. */
  async reload(
    queue: Readonly<Record<string, string | number>>,
    externalLabels: Readonly<Record<string, string>> = this.#options.externalLabels ?? {},
  ): Promise<void> {
    this.#options = { ...this.#options, externalLabels }
    await configure({ ...this.#options, queue })
    this.child.process.kill('SIGHUP')
  }

  /** Reloads its configuration with other receivers, and waits until they are in use. */
  async writeTo([remoteWriteUrl = '', ...otherUrls]: readonly string[]): Promise<void> {
    await configure({ ...this.#options, remoteWriteUrl, otherUrls })
    this.child.process.kill('SIGHUP')
    const used = async () => [...(await this.#configuration()).matchAll(/\/api\/v1\/write/g)].length
    await eventually('the receivers are in use', async () => (await used()) === 1 + otherUrls.length, {
      withinMs: 120_000,
    })
  }

  /** Whether its configuration contains a string. */
  async uses(text: string): Promise<boolean> {
    return (await this.#configuration()).includes(text)
  }

  async #configuration(): Promise<string> {
    return (await this.#get<{ yaml: string }>('/api/v1/status/config')).yaml
  }

  /** All raw samples in its database. */
  async rawSeries(): Promise<RawSeries[]> {
    const query = new URLSearchParams({ query: '{__name__=~".+"}[2h]', time: `${Date.now() / 1000}` })
    const { result } = await this.#get<{
      result: { metric: Record<string, string>; values?: [number, string][] }[]
    }>(`/api/v1/query?${query}`)
    return result.map(({ metric, values = [] }) => ({
      labels: metric,
      samples: values.map(([seconds, value]) => [Math.round(seconds * 1000), Number(value)] as const),
    }))
  }

  /** Timestamps and counts of the native histograms of a series, oldest first. */
  async rawHistograms(selector: string): Promise<(readonly [timestampMs: number, count: number])[]> {
    const query = new URLSearchParams({ query: `${selector}[2h]`, time: `${Date.now() / 1000}` })
    const { result } = await this.#get<{ result: { histograms?: [number, { count: string }][] }[] }>(
      `/api/v1/query?${query}`,
    )
    return result.flatMap(({ histograms = [] }) =>
      histograms.map(([seconds, { count }]) => [Math.round(seconds * 1000), Number(count)] as const),
    )
  }

  /** The sum of a metric's series on its own /metrics. */
  metric(name: string): Promise<number> {
    return metricSum(this.url, name)
  }

  metadata(): Promise<TargetMetadata[]> {
    return this.#get('/api/v1/targets/metadata')
  }

  async #get<Data>(path: string): Promise<Data> {
    const response = await fetch(`${this.url}${path}`)
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`)
    return ((await response.json()) as { data: Data }).data
  }
}

async function configure(options: PrometheusOptions): Promise<void> {
  const groups = [{ name: 'rules', interval: '5s', rules: options.rules ?? [] }]
  await writeFile(join(options.folder, 'rules.yml'), JSON.stringify({ groups }))
  const config = {
    global: { external_labels: { cluster_of_test: 'e2e', ...options.externalLabels } },
    ...(options.isAgent === true ? {} : { rule_files: ['rules.yml'] }),
    ...(options.outOfOrderWindow === undefined
      ? {}
      : { storage: { tsdb: { out_of_order_time_window: options.outOfOrderWindow } } }),
    scrape_configs: options.jobs.map(({ job, target, interval, convertsHistograms }) => ({
      job_name: job,
      scrape_interval: interval,
      scrape_timeout: SHORT_INTERVALS.has(interval) ? interval : '4s',
      static_configs: [{ targets: [target] }],
      ...(convertsHistograms === true ? { convert_classic_histograms_to_nhcb: true } : {}),
    })),
    remote_write: [options.remoteWriteUrl, ...(options.otherUrls ?? [])].map((url) => ({
      url,
      send_exemplars: true,
      ...options.remoteWrite,
      queue_config: {
        min_shards: 4,
        max_shards: 4,
        capacity: 1000,
        max_samples_per_send: 60,
        batch_send_deadline: '1s',
        min_backoff: '100ms',
        max_backoff: '1s',
        ...options.queue,
      },
    })),
  }
  await writeFile(join(options.folder, 'prometheus.yml'), JSON.stringify(config))
}

/** Prometheus 3 has a flag for what was a feature of version 2. */
function agentFlag(program: string): string {
  const { stdout, stderr } = spawnSync(program, ['--help'], { encoding: 'utf8' })
  return /--\[no-\]agent\b/.test(stdout + stderr) ? '--agent' : '--enable-feature=agent'
}

async function launch(options: PrometheusOptions): Promise<Child> {
  const { folder, port, program = PROGRAM, isAgent = false, flushDeadline } = options
  const mode = isAgent
    ? [`--storage.agent.path=${folder}/data`, agentFlag(program)]
    : [`--storage.tsdb.path=${folder}/data`, '--enable-feature=exemplar-storage']
  const { child } = await Child.start(
    'prometheus',
    [
      program,
      `--config.file=${folder}/prometheus.yml`,
      ...mode,
      ...(flushDeadline === undefined ? [] : [`--storage.remote.flush-deadline=${flushDeadline}`]),
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ],
    { ready: /^/ },
  )
  await eventually(
    'Prometheus is ready',
    async () => {
      if (child.exited) throw new EndedError(`Prometheus ended: ${child.output}`)
      return (await fetch(`http://127.0.0.1:${port}/-/ready`)).ok
    },
    { detail: () => child.output.slice(-4000) },
  )
  return child
}
