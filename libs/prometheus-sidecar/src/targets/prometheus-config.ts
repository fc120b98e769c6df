import { readYaml } from '../config/yaml.ts'
import type { Log } from '../log/log.ts'
import { isJsonObject, type JsonObject } from '../model/json-object.ts'
import { type Labels, sameLabels } from '../model/labels/labels.ts'
import { PrometheusApiError } from './prometheus-api.ts'
import { readLabels } from './read-labels.ts'
import { type RelabelRule, readRelabelRules, relabel } from './relabel.ts'
import { remoteWritesTo, withholdsNativeHistograms } from './remote-writes.ts'

/** Requests `api/v1/…` and returns its `data`. Throws a `PrometheusApiError`. */
export type RequestPrometheus = (path: string, query?: Readonly<Record<string, string>>) => Promise<unknown>

/** Options of {@link PrometheusConfig}. */
export interface PrometheusConfigOptions {
  readonly request: RequestPrometheus
  readonly nowMs: () => number
  /** The port that this sidecar receives samples at. */
  readonly receiverPort?: number | undefined
  /** Called when external labels or the jobs with `honor_labels` have changed. */
  readonly onChange: () => void
  readonly log: Pick<Log, 'warn'>
}

const CHECK_INTERVAL_MS = 1_000
/** How long to wait before requesting the configuration again after a failure. */
const RETRY_AFTER_MS = 30_000
/** How long samples with former external labels may arrive. */
const KEEP_FORMER_MS = 60 * 60 * 1000
const MAX_FORMER = 4
const NO_FORMER: readonly Labels[] = []

/** The part of Prometheus' configuration that its targets' series depend on, from `/api/v1/status/config`. */
export class PrometheusConfig {
  readonly #options: PrometheusConfigOptions
  #yaml: string | undefined
  #externalLabels: Labels = new Map()
  readonly #former: { readonly labels: Labels; readonly untilMs: number }[] = []
  #honoringJobs: ReadonlySet<string> = new Set()
  /** The `write_relabel_configs` of each `remote_write` that may be the one to this sidecar. */
  #writeRules: readonly (readonly RelabelRule[])[] = []
  #checkedMs = Number.NEGATIVE_INFINITY
  #checking: Promise<void> | undefined
  /** Whether it continues from the last run. */
  #isRestored = false

  constructor(options: PrometheusConfigOptions) {
    this.#options = options
  }

  /** `external_labels`, which every series that Prometheus sends has. */
  get externalLabels(): Labels {
    return this.#externalLabels
  }

  /** The external labels of the last hour that were replaced, newest first. */
  get formerExternalLabels(): readonly Labels[] {
    if (this.#former.length === 0) return NO_FORMER
    const nowMs = this.#options.nowMs()
    return this.#former.filter(({ untilMs }) => nowMs < untilMs).map(({ labels }) => labels)
  }

  /** Names of the jobs with `honor_labels`. */
  get honoringJobs(): ReadonlySet<string> {
    return this.#honoringJobs
  }

  /**
   * Whether remote_write sends a series as it is; the labels include the external ones. `write_relabel_configs` may
   * drop it, or send it with other labels.
   */
  sends(labels: Labels): boolean {
    if (this.#writeRules.length === 0) return true
    return this.#writeRules.some((rules) => {
      const sent = relabel(labels, rules)
      return sent !== undefined && sameLabels(sent, labels)
    })
  }

  /** Continues with the external labels of the last run. */
  restore(externalLabels: Labels): void {
    this.#externalLabels = externalLabels
    this.#isRestored = true
  }

  /** Fetches the configuration, at most once a second. Does not reject if Prometheus does not answer. */
  async check(): Promise<void> {
    const nowMs = this.#options.nowMs()
    if (this.#checking === undefined && nowMs < this.#checkedMs + CHECK_INTERVAL_MS) return
    this.#checking ??= this.fetch()
      .catch((error: unknown) => {
        if (!(error instanceof PrometheusApiError)) throw error
        // It does not answer at the moment: don't let new series wait for it again and again.
        this.#checkedMs = nowMs + RETRY_AFTER_MS - CHECK_INTERVAL_MS
      })
      .finally(() => {
        this.#checking = undefined
      })
    await this.#checking
  }

  /** Fetches the configuration. Rejects with a `PrometheusApiError` if there is no response. */
  async fetch(): Promise<void> {
    this.#checkedMs = this.#options.nowMs()
    let data: unknown
    try {
      data = await this.#options.request('api/v1/status/config')
    } catch (error) {
      if (error instanceof PrometheusApiError && error.status !== undefined) return
      throw error
    }
    const yaml = isJsonObject(data) && typeof data.yaml === 'string' ? data.yaml : ''
    if (yaml === this.#yaml) return
    const isFirst = this.#yaml === undefined && !this.#isRestored
    this.#yaml = yaml
    const { value } = readYaml(yaml)
    const config = isJsonObject(value) ? value : {}
    const writes = remoteWritesTo(config, this.#options.receiverPort)
    this.#writeRules = writeRules(writes)
    if (withholdsNativeHistograms(config, writes)) {
      this.#options.log.warn(
        {},
        'Prometheus scrapes native histograms but does not send them: set send_native_histograms: true in its remote_write.',
      )
    }
    const global = isJsonObject(config.global) ? config.global : {}
    const labels = readLabels(global.external_labels) ?? new Map()
    const jobs = honoringJobs(config.scrape_configs)
    const sameJobs = jobs.size === this.#honoringJobs.size && [...jobs].every((job) => this.#honoringJobs.has(job))
    if (sameJobs && sameLabels(labels, this.#externalLabels)) return
    this.#honoringJobs = jobs
    if (!isFirst && !sameLabels(labels, this.#externalLabels)) {
      this.#former.unshift({ labels: this.#externalLabels, untilMs: this.#options.nowMs() + KEEP_FORMER_MS })
      this.#former.length = Math.min(this.#former.length, MAX_FORMER)
    }
    this.#externalLabels = labels
    this.#options.onChange()
  }
}

function honoringJobs(scrapeConfigs: unknown): Set<string> {
  const jobs = new Set<string>()
  for (const job of Array.isArray(scrapeConfigs) ? scrapeConfigs : []) {
    if (isJsonObject(job) && job.honor_labels === 'true' && typeof job.job_name === 'string') jobs.add(job.job_name)
  }
  return jobs
}

/** Empty if one can't be understood. */
function writeRules(remoteWrites: readonly JsonObject[]): readonly (readonly RelabelRule[])[] {
  const rules = remoteWrites.map(({ write_relabel_configs: configs }) => readRelabelRules(configs))
  return rules.every((one) => one !== undefined) ? rules : []
}
