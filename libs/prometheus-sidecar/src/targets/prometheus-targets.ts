import { readYaml } from '../config/yaml.ts'
import type { Log } from '../log/log.ts'
import { isJsonObject } from '../model/json-object.ts'
import { type Labels, METRIC_NAME, sameLabels, withoutLabels } from '../model/labels/labels.ts'
import { type MetricType, parseMetricType } from '../model/metadata.ts'
import { monotonicNowMs } from '../model/monotonic-clock.ts'
import type { Target } from '../model/target.ts'
import { FamilyTypes } from './family-types.ts'
import { PrometheusApiError } from './prometheus-api.ts'
import { type MissingSeries, type TargetDirectory, TargetsUnavailableError } from './target-directory.ts'

/** Requests `api/v1/…` and returns its `data`. Throws a `PrometheusApiError`. */
export type AskPrometheus = (path: string, query?: Readonly<Record<string, string>>) => Promise<unknown>

export interface PrometheusTargetsOptions {
  readonly ask: AskPrometheus
  readonly log: Pick<Log, 'warn' | 'info'>
  /** What `save` returned in the last run. */
  readonly saved?: unknown
  readonly nowMs?: () => number
  /** Least time between fetches for missing series. */
  readonly minRefreshIntervalMs?: number
}

/** How long targets are kept that Prometheus no longer lists: their samples may still come. */
const KEEP_MS = 25 * 60 * 60 * 1000
/** How often the times at which targets were last seen are saved; the next run keeps targets by them. */
const SAVE_EVERY_MS = 60 * 60 * 1000
/** How long what was not found is not asked for again. */
const ABSENT_MS = 30_000
/** With more, the metadata of all targets are requested at once. */
const MAX_SINGLE_QUERIES = 8
const CHECK_CONFIG_EVERY_MS = 1_000
/** How long samples with former external labels may come. */
const KEEP_FORMER_MS = 60 * 60 * 1000
const MAX_FORMER = 4
const NO_FORMER: readonly Labels[] = []

interface KnownTarget extends Target {
  seenMs: number
  readonly types: FamilyTypes
}

/**
 * The targets and metric types of a Prometheus, from its API: `/api/v1/targets`, `/api/v1/targets/metadata` and, for
 * `external_labels`, `/api/v1/status/config`. Types are kept by target, so that those of one target are never used for
 * another.
 */
export class PrometheusTargets implements TargetDirectory {
  readonly #options: PrometheusTargetsOptions
  readonly #nowMs: () => number
  readonly #targets = new Map<string, KnownTarget[]>()
  /** When what was not found was asked for. */
  readonly #absent = new Map<string, number>()
  #externalLabels: Labels = new Map()
  readonly #former: { readonly labels: Labels; readonly untilMs: number }[] = []
  #configYaml: string | undefined
  #checkedMs = Number.NEGATIVE_INFINITY
  #checking: Promise<void> | undefined
  /** Names of the jobs with `honor_labels`. */
  #honoringJobs: ReadonlySet<string> = new Set()
  #generation = 0
  #refreshing: Promise<void> | undefined
  #next: { readonly missing: MissingSeries[]; readonly done: Promise<void> } | undefined
  #lastStartMs = Number.NEGATIVE_INFINITY
  #lastAnswerMs = Number.NaN
  #lastError: string | undefined
  /** Whether it goes on from the last run. */
  #isLoaded = false
  #unsaved = false
  #savedMs = Number.NEGATIVE_INFINITY

  constructor(options: PrometheusTargetsOptions) {
    this.#options = options
    this.#nowMs = options.nowMs ?? monotonicNowMs
    if (options.saved !== undefined) this.#load(options.saved)
  }

  get generation(): number {
    return this.#generation
  }

  /** `external_labels` in Prometheus' configuration, which are on each series that it sends. */
  get externalLabels(): Labels {
    return this.#externalLabels
  }

  /** What they were in the last hour, newest first. */
  get formerExternalLabels(): readonly Labels[] {
    if (this.#former.length === 0) return NO_FORMER
    const nowMs = this.#nowMs()
    return this.#former.filter(({ untilMs }) => nowMs < untilMs).map(({ labels }) => labels)
  }

  async checkConfig(): Promise<void> {
    const nowMs = this.#nowMs()
    if (this.#checking === undefined && nowMs < this.#checkedMs + CHECK_CONFIG_EVERY_MS) return
    this.#checking ??= this.#fetchConfig()
      .catch((error: unknown) => {
        if (!(error instanceof PrometheusApiError)) throw error
        // It does not answer now: new series shall not wait for it again and again.
        this.#checkedMs = nowMs + ABSENT_MS
      })
      .finally(() => {
        this.#checking = undefined
      })
    await this.#checking
  }

  /** When Prometheus last answered (Unix milliseconds, NaN: never), and why it did not the last time, if it did not. */
  get health(): { readonly lastAnswerMs: number; readonly lastError: string | undefined; readonly targets: number } {
    let targets = 0
    for (const group of this.#targets.values()) targets += group.length
    return { lastAnswerMs: this.#lastAnswerMs, lastError: this.#lastError, targets }
  }

  find(labels: Labels): KnownTarget | undefined {
    return bestMatch(this.#targets.get(keyOf(labels)) ?? [], labels) ?? this.#findHonoring(labels)
  }

  /**
   * The target of a series with a job or an instance of its own, which only a job with `honor_labels` lets it have: the
   * one of those jobs that has such a metric. Undefined if several have it and match equally.
   */
  #findHonoring(labels: Labels): KnownTarget | undefined {
    if (this.#honoringJobs.size === 0) return undefined
    const candidates = this.#honoringTargets().filter(({ types }) => hasMetric(types, labels.get(METRIC_NAME) ?? ''))
    return bestMatch(candidates, labels, { ownJobAndInstance: true })
  }

  #honoringTargets(): KnownTarget[] {
    return [...this.#targets.values()]
      .flat()
      .filter(({ discoveredLabels }) => this.#honoringJobs.has(discoveredLabels.get('job') ?? ''))
  }

  typeOf(target: Target | undefined, family: string): MetricType | undefined {
    return target === undefined ? undefined : this.#known(target)?.types.get(family)
  }

  async refresh(missing: readonly MissingSeries[]): Promise<void> {
    const nowMs = this.#nowMs()
    const worthAsking = missing.filter(
      (series) => !(nowMs - (this.#absent.get(absentKey(series)) ?? Number.NaN) < ABSENT_MS),
    )
    if (worthAsking.length === 0) return
    if (this.#next === undefined) {
      const collected: MissingSeries[] = []
      this.#next = { missing: collected, done: this.#fetchSoon(collected) }
    }
    const { missing: collected, done } = this.#next
    for (const series of worthAsking) collected.push(series)
    await done
  }

  /** Fetches everything again. Returns whether Prometheus answered. */
  async refreshAll(options: { readonly metadata: boolean }): Promise<boolean> {
    try {
      await this.#fetchTargets()
      if (options.metadata) await this.#fetchMetadata(undefined)
      return true
    } catch (error) {
      if (!(error instanceof PrometheusApiError)) throw error
      this.#noteError(error)
      return false
    }
  }

  /** What the next run needs, as JSON, if it changed since the last call or is an hour old. */
  save(): unknown {
    const nowMs = this.#nowMs()
    if (!this.#unsaved && nowMs < this.#savedMs + SAVE_EVERY_MS) return undefined
    this.#unsaved = false
    this.#savedMs = nowMs
    const targets = [...this.#targets.values()].flat().map(({ labels, discoveredLabels, seenMs, types }) => ({
      labels: Object.fromEntries(labels),
      discoveredLabels: Object.fromEntries(discoveredLabels),
      seenMs,
      types: Object.fromEntries(types.entries()),
    }))
    return { externalLabels: Object.fromEntries(this.#externalLabels), targets }
  }

  /**
   * Waits for the fetch in flight and for the least time between fetches, then fetches for everyone who has asked
   * meanwhile.
   */
  async #fetchSoon(missing: readonly MissingSeries[]): Promise<void> {
    await this.#refreshing?.catch(() => {})
    const waitMs = this.#lastStartMs + (this.#options.minRefreshIntervalMs ?? 1_000) - this.#nowMs()
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
    this.#next = undefined
    this.#lastStartMs = this.#nowMs()
    this.#refreshing = this.#fetch(missing)
    try {
      await this.#refreshing
    } catch (error) {
      if (!(error instanceof PrometheusApiError)) throw error
      this.#noteError(error)
      throw new TargetsUnavailableError(error.message, { cause: error })
    }
  }

  async #fetch(missing: readonly MissingSeries[]): Promise<void> {
    const startedMs = this.#nowMs()
    if (missing.some(({ target }) => target === undefined)) await this.#fetchTargets()
    const lacking = new Set<KnownTarget>()
    for (const { labels, target } of missing) {
      const known = target === undefined ? this.find(withoutLabels(labels, this.#externalLabels)) : this.#known(target)
      if (known !== undefined) lacking.add(known)
      else for (const honoring of this.#honoringTargets()) lacking.add(honoring)
    }
    if (lacking.size > 0) await this.#fetchMetadata(lacking)
    for (const series of missing) this.#absent.set(absentKey(series), startedMs)
    if (this.#absent.size > 100_000) this.#absent.clear()
  }

  async #fetchTargets(): Promise<void> {
    const [data] = await Promise.all([this.#options.ask('api/v1/targets', { state: 'active' }), this.#fetchConfig()])
    const active = isJsonObject(data) && Array.isArray(data.activeTargets) ? data.activeTargets : []
    const nowMs = this.#nowMs()
    const listed = active.map(readTarget).filter((target) => target !== undefined)
    // Where two targets have the same labels, the one that is known already stays, so that nothing is planned again.
    const isKnown = ({ labels, discoveredLabels }: Target) => {
      const present = this.#exact(labels)
      return present !== undefined && sameLabels(present.discoveredLabels, discoveredLabels)
    }
    const taken = new Set<KnownTarget>()
    for (const { labels, discoveredLabels } of [...listed.filter(isKnown), ...listed]) {
      const present = this.#exact(labels)
      if (present !== undefined && taken.has(present)) continue
      taken.add(this.#add(labels, discoveredLabels, nowMs))
    }
    this.#forgetOld(nowMs)
    this.#lastAnswerMs = nowMs
    if (this.#lastError !== undefined) this.#options.log.info({}, 'Prometheus is reachable again.')
    this.#lastError = undefined
  }

  /** `external_labels`, and which jobs honor labels. */
  async #fetchConfig(): Promise<void> {
    this.#checkedMs = this.#nowMs()
    let data: unknown
    try {
      data = await this.#options.ask('api/v1/status/config')
    } catch (error) {
      if (error instanceof PrometheusApiError && error.status !== undefined) return
      throw error
    }
    const yaml = isJsonObject(data) && typeof data.yaml === 'string' ? data.yaml : ''
    if (yaml === this.#configYaml) return
    const isFirst = this.#configYaml === undefined && !this.#isLoaded
    this.#configYaml = yaml
    const config = readYaml(yaml).value
    const global = isJsonObject(config) && isJsonObject(config.global) ? config.global : {}
    const labels = readLabels(global.external_labels) ?? new Map()
    const jobs = isJsonObject(config) ? honoringJobs(config.scrape_configs) : new Set<string>()
    const sameJobs = jobs.size === this.#honoringJobs.size && [...jobs].every((job) => this.#honoringJobs.has(job))
    if (sameJobs && sameLabels(labels, this.#externalLabels)) return
    this.#honoringJobs = jobs
    if (!isFirst && !sameLabels(labels, this.#externalLabels)) {
      this.#former.unshift({ labels: this.#externalLabels, untilMs: this.#nowMs() + KEEP_FORMER_MS })
      this.#former.length = Math.min(this.#former.length, MAX_FORMER)
    }
    this.#externalLabels = labels
    this.#changed()
  }

  async #fetchMetadata(targets: ReadonlySet<KnownTarget> | undefined): Promise<void> {
    const queries =
      targets === undefined || targets.size > MAX_SINGLE_QUERIES
        ? [{}]
        : [...targets].map(({ labels }) => ({
            match_target: `{job=${quote(labels.get('job'))},instance=${quote(labels.get('instance'))}}`,
          }))
    const answers = await Promise.all(queries.map((query) => this.#askMetadata(query)))
    let changed = false
    for (const item of answers.flat()) {
      if (!isJsonObject(item) || typeof item.metric !== 'string' || typeof item.type !== 'string') continue
      const labels = readLabels(item.target)
      const type = parseMetricType(item.type)
      const target = labels === undefined ? undefined : this.#exact(labels)
      if (target !== undefined && type !== undefined && target.types.learn(item.metric, type)) changed = true
    }
    if (changed) this.#changed()
  }

  /**
   * Empty if Prometheus has no matching metadata, as for a target that was never scraped: it answers that with an
   * error.
   */
  async #askMetadata(query: Readonly<Record<string, string>>): Promise<readonly unknown[]> {
    try {
      const data = await this.#options.ask('api/v1/targets/metadata', query)
      return Array.isArray(data) ? data : []
    } catch (error) {
      if (error instanceof PrometheusApiError && error.errorType === 'not_found') return []
      throw error
    }
  }

  #add(labels: Labels, discoveredLabels: Labels, seenMs: number, types = new FamilyTypes()): KnownTarget {
    const key = keyOf(labels)
    const group = this.#targets.get(key) ?? []
    const index = group.findIndex((target) => sameLabels(target.labels, labels))
    const present = group[index]
    if (present !== undefined && sameLabels(present.discoveredLabels, discoveredLabels)) {
      present.seenMs = seenMs
      return present
    }
    const target: KnownTarget = { labels, discoveredLabels, seenMs, types: present?.types ?? types }
    if (present === undefined) group.unshift(target)
    else group[index] = target
    this.#targets.set(key, group)
    this.#changed()
    return target
  }

  #forgetOld(nowMs: number): void {
    for (const [key, group] of this.#targets) {
      const kept = group.filter(({ seenMs }) => nowMs - seenMs <= KEEP_MS)
      if (kept.length === 0) this.#targets.delete(key)
      else if (kept.length < group.length) this.#targets.set(key, kept)
    }
  }

  #known(target: Target): KnownTarget | undefined {
    return this.#targets.get(keyOf(target.labels))?.find((known) => known === target)
  }

  #exact(labels: Labels): KnownTarget | undefined {
    return this.#targets.get(keyOf(labels))?.find((target) => sameLabels(target.labels, labels))
  }

  #changed(): void {
    this.#generation += 1
    this.#unsaved = true
  }

  #noteError(error: PrometheusApiError): void {
    if (this.#lastError === undefined) {
      this.#options.log.warn({ error: error.message }, 'Prometheus’ targets could not be fetched.')
    }
    this.#lastError = error.message
  }

  #load(saved: unknown): void {
    if (!isJsonObject(saved) || !Array.isArray(saved.targets)) return
    this.#externalLabels = readLabels(saved.externalLabels) ?? new Map()
    this.#isLoaded = true
    for (const item of saved.targets) {
      if (!isJsonObject(item) || typeof item.seenMs !== 'number') continue
      const labels = readLabels(item.labels)
      const discoveredLabels = readLabels(item.discoveredLabels)
      if (labels === undefined || discoveredLabels === undefined) continue
      const types = new FamilyTypes()
      for (const [family, name] of readLabels(item.types) ?? []) {
        const type = parseMetricType(name)
        if (type !== undefined) types.learn(family, type)
      }
      this.#add(labels, discoveredLabels, item.seenMs, types)
    }
    this.#unsaved = false
  }
}

/**
 * The target with the most labels of a series, of those the one with the fewest that the series lacks (relabelling may
 * have removed them), and of those the one that was listed last. None of a target's labels may have another value. Undefined if two match equally.
 */
function bestMatch(
  targets: readonly KnownTarget[],
  labels: Labels,
  { ownJobAndInstance = false }: { readonly ownJobAndInstance?: boolean } = {},
): KnownTarget | undefined {
  let best: { readonly target: KnownTarget; readonly equal: number; readonly absent: number } | undefined
  let isUnique = true
  for (const target of targets) {
    let equal = 0
    let absent = 0
    let differs = false
    for (const [name, value] of target.labels) {
      const own = labels.get(name)
      if (own === value) equal += 1
      else if (own === undefined) absent += 1
      else if (!ownJobAndInstance || (name !== 'job' && name !== 'instance')) differs = true
    }
    if (differs) continue
    const order =
      best === undefined ? 1 : equal - best.equal || best.absent - absent || target.seenMs - best.target.seenMs
    if (order > 0) best = { target, equal, absent }
    if (order >= 0) isUnique = order > 0
  }
  return isUnique ? best?.target : undefined
}

const PART_SUFFIX = /_(?:bucket|count|sum|total|created|info)$/

function hasMetric(types: FamilyTypes, name: string): boolean {
  return types.get(name) !== undefined || types.get(name.replace(PART_SUFFIX, '')) !== undefined
}

function honoringJobs(scrapeConfigs: unknown): Set<string> {
  const jobs = new Set<string>()
  for (const job of Array.isArray(scrapeConfigs) ? scrapeConfigs : []) {
    if (isJsonObject(job) && job.honor_labels === 'true' && typeof job.job_name === 'string') jobs.add(job.job_name)
  }
  return jobs
}

function readTarget(item: unknown): Target | undefined {
  if (!isJsonObject(item)) return undefined
  const labels = readLabels(item.labels)
  const discoveredLabels = readLabels(item.discoveredLabels)
  if (labels === undefined || discoveredLabels === undefined) return undefined
  // Relabelling may have changed it.
  if (typeof item.scrapeInterval === 'string') discoveredLabels.set('__scrape_interval__', item.scrapeInterval)
  return { labels, discoveredLabels }
}

function keyOf(labels: Labels): string {
  return `${labels.get('job') ?? ''}\u{ff}${labels.get('instance') ?? ''}`
}

function absentKey({ labels, target }: MissingSeries): string {
  return target === undefined ? keyOf(labels) : `${keyOf(labels)}\u{ff}${labels.get('__name__')}`
}

function readLabels(value: unknown): Map<string, string> | undefined {
  if (!isJsonObject(value)) return undefined
  return new Map(Object.entries(value).map(([name, text]) => [name, String(text ?? '')]))
}

function quote(value = ''): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
}
