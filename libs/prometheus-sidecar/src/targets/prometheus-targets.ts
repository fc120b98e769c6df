import type { Log } from '../log/log.ts'
import { isJsonObject } from '../model/json-object.ts'
import { type Labels, METRIC_NAME, sameLabels, withoutLabels } from '../model/labels/labels.ts'
import { type MetricType, parseMetricType } from '../model/metadata.ts'
import { monotonicNowMs } from '../model/monotonic-clock.ts'
import type { Target } from '../model/target.ts'
import { bestMatch } from './best-match.ts'
import { FamilyTypes } from './family-types.ts'
import { PrometheusApiError } from './prometheus-api.ts'
import { PrometheusConfig, type RequestPrometheus } from './prometheus-config.ts'
import { promqlString } from './promql-string.ts'
import { readLabels } from './read-labels.ts'
import { type MissingSeries, type TargetDirectory, TargetsUnavailableError } from './target-directory.ts'

/** Options of {@link PrometheusTargets}. */
export interface PrometheusTargetsOptions {
  readonly request: RequestPrometheus
  readonly log: Pick<Log, 'warn' | 'info'>
  /** The result of `save` in the last run. */
  readonly saved?: unknown
  readonly nowMs?: () => number
  /** The port that this sidecar receives samples at. */
  readonly receiverPort?: number
  /** Minimum time between fetches for missing series. */
  readonly minRefreshIntervalMs?: number
}

/** How long to keep targets that Prometheus no longer lists: their samples may still arrive. */
const KEEP_MS = 25 * 60 * 60 * 1000
/** How often the times at which targets were last seen are saved; the next run needs them to expire targets. */
const SAVE_EVERY_MS = 60 * 60 * 1000
/** How long to wait before repeating a failed lookup. */
const ABSENT_MS = 30_000
/** If there are more, the metadata of all targets is requested at once. */
const MAX_SINGLE_QUERIES = 8

interface KnownTarget extends Target {
  seenMs: number
  readonly types: FamilyTypes
}

/**
 * The targets and metric types of a Prometheus server, from its API: `/api/v1/targets`, `/api/v1/targets/metadata` and,
 * for `external_labels`, `/api/v1/status/config`. Types are kept per target, so that those of one target are never used
 * for another.
 */
export class PrometheusTargets implements TargetDirectory {
  readonly #options: PrometheusTargetsOptions
  readonly #nowMs: () => number
  readonly #targets = new Map<string, KnownTarget[]>()
  /** When a lookup last found nothing. */
  readonly #absent = new Map<string, number>()
  readonly #config: PrometheusConfig
  #generation = 0
  #refreshing: Promise<void> | undefined
  #next: { readonly missing: MissingSeries[]; readonly done: Promise<void> } | undefined
  #lastStartMs = Number.NEGATIVE_INFINITY
  #lastResponseMs = Number.NaN
  #lastError: string | undefined
  #unsaved = false
  #savedMs = Number.NEGATIVE_INFINITY

  constructor(options: PrometheusTargetsOptions) {
    this.#options = options
    this.#nowMs = options.nowMs ?? monotonicNowMs
    const { request, receiverPort, log } = options
    this.#config = new PrometheusConfig({
      request,
      receiverPort,
      nowMs: this.#nowMs,
      log,
      onChange: () => this.#changed(),
    })
    if (options.saved !== undefined) this.#load(options.saved)
  }

  get generation(): number {
    return this.#generation
  }

  /** `external_labels` in Prometheus' configuration, which every series that it sends has. */
  get externalLabels(): Labels {
    return this.#config.externalLabels
  }

  /** The external labels of the last hour that were replaced, newest first. */
  get formerExternalLabels(): readonly Labels[] {
    return this.#config.formerExternalLabels
  }

  /** Whether remote_write sends a series as it is; the labels include the external ones. */
  sends(labels: Labels): boolean {
    return this.#config.sends(labels)
  }

  checkConfig(): Promise<void> {
    return this.#config.check()
  }

  /** When Prometheus last answered (Unix milliseconds, NaN: never), and the error of the last request, if it failed. */
  get health(): { readonly lastResponseMs: number; readonly lastError: string | undefined; readonly targets: number } {
    let targets = 0
    for (const group of this.#targets.values()) targets += group.length
    return { lastResponseMs: this.#lastResponseMs, lastError: this.#lastError, targets }
  }

  find(labels: Labels): KnownTarget | undefined {
    return bestMatch(this.#targets.get(keyOf(labels)) ?? [], labels) ?? this.#findHonoring(labels)
  }

  /**
   * The target of a series with a job or an instance label of its own, which only a job with `honor_labels` permits:
   * the one target of those jobs that has such a metric. Undefined if several have it and match equally.
   */
  #findHonoring(labels: Labels): KnownTarget | undefined {
    if (this.#config.honoringJobs.size === 0) return undefined
    const candidates = this.#honoringTargets().filter(({ types }) => hasMetric(types, labels.get(METRIC_NAME) ?? ''))
    return bestMatch(candidates, labels, { ownJobAndInstance: true })
  }

  #honoringTargets(): KnownTarget[] {
    return [...this.#targets.values()]
      .flat()
      .filter(({ discoveredLabels }) => this.#config.honoringJobs.has(discoveredLabels.get('job') ?? ''))
  }

  typeOf(target: Target | undefined, family: string): MetricType | undefined {
    return target === undefined ? undefined : this.#known(target)?.types.get(family)
  }

  async refresh(missing: readonly MissingSeries[]): Promise<void> {
    const nowMs = this.#nowMs()
    const due = missing.filter((series) => !(nowMs - (this.#absent.get(absentKey(series)) ?? Number.NaN) < ABSENT_MS))
    if (due.length === 0) return
    if (this.#next === undefined) {
      const collected: MissingSeries[] = []
      this.#next = { missing: collected, done: this.#fetchSoon(collected) }
    }
    const { missing: collected, done } = this.#next
    for (const series of due) collected.push(series)
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

  /** The state for the next run, as JSON, if it changed since the last call or was last saved an hour ago. */
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
    return { externalLabels: Object.fromEntries(this.#config.externalLabels), targets }
  }

  /**
   * Waits for the fetch in flight and for the minimum time between fetches, then fetches for all callers since then.
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
    const untyped = new Set<KnownTarget>()
    for (const { labels, target } of missing) {
      const known =
        target === undefined ? this.find(withoutLabels(labels, this.#config.externalLabels)) : this.#known(target)
      if (known !== undefined) untyped.add(known)
      else for (const honoring of this.#honoringTargets()) untyped.add(honoring)
    }
    if (untyped.size > 0) await this.#fetchMetadata(untyped)
    for (const series of missing) this.#absent.set(absentKey(series), startedMs)
    if (this.#absent.size > 100_000) this.#absent.clear()
  }

  async #fetchTargets(): Promise<void> {
    const [data] = await Promise.all([
      this.#options.request('api/v1/targets', { state: 'active' }),
      this.#config.fetch(),
    ])
    const active = isJsonObject(data) && Array.isArray(data.activeTargets) ? data.activeTargets : []
    const nowMs = this.#nowMs()
    const listed = active.map(readTarget).filter((target) => target !== undefined)
    // If two targets have the same labels, the known one stays, so that nothing is planned again.
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
    this.#lastResponseMs = nowMs
    if (this.#lastError !== undefined) this.#options.log.info({}, 'Prometheus is reachable again.')
    this.#lastError = undefined
  }

  async #fetchMetadata(targets: ReadonlySet<KnownTarget> | undefined): Promise<void> {
    const queries =
      targets === undefined || targets.size > MAX_SINGLE_QUERIES
        ? [{}]
        : [...targets].map(({ labels }) => ({
            match_target: `{job=${promqlString(labels.get('job') ?? '')},instance=${promqlString(labels.get('instance') ?? '')}}`,
          }))
    const answers = await Promise.all(queries.map((query) => this.#requestMetadata(query)))
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
   * Empty if Prometheus has no matching metadata, as for a target that was never scraped: it reports that as an error.
   */
  async #requestMetadata(query: Readonly<Record<string, string>>): Promise<readonly unknown[]> {
    try {
      const data = await this.#options.request('api/v1/targets/metadata', query)
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
    this.#config.restore(readLabels(saved.externalLabels) ?? new Map())
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

const PART_SUFFIX = /_(?:bucket|count|sum|total|created|info)$/

function hasMetric(types: FamilyTypes, name: string): boolean {
  return types.get(name) !== undefined || types.get(name.replace(PART_SUFFIX, '')) !== undefined
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
