import { readYaml } from '../config/yaml.ts'
import { isJsonObject } from '../model/json-object.ts'
import { type Labels, sameLabels, withoutLabels } from '../model/labels.ts'
import type { Log } from '../model/log.ts'
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
  #generation = 0
  #refreshing: Promise<void> | undefined
  #next: { readonly missing: MissingSeries[]; readonly done: Promise<void> } | undefined
  #lastStartMs = Number.NEGATIVE_INFINITY
  #lastAnswerMs = Number.NaN
  #lastError: string | undefined
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

  /** When Prometheus last answered (Unix milliseconds, NaN: never), and why it did not the last time, if it did not. */
  get health(): { readonly lastAnswerMs: number; readonly lastError: string | undefined; readonly targets: number } {
    let targets = 0
    for (const group of this.#targets.values()) targets += group.length
    return { lastAnswerMs: this.#lastAnswerMs, lastError: this.#lastError, targets }
  }

  find(labels: Labels): KnownTarget | undefined {
    const group = this.#targets.get(keyOf(labels))
    return group?.find((target) => {
      for (const [name, value] of target.labels) {
        const own = labels.get(name)
        if (own !== undefined && own !== value) return false
      }
      return true
    })
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
    }
    if (lacking.size > 0) await this.#fetchMetadata(lacking)
    for (const series of missing) this.#absent.set(absentKey(series), startedMs)
    if (this.#absent.size > 100_000) this.#absent.clear()
  }

  async #fetchTargets(): Promise<void> {
    const [data] = await Promise.all([
      this.#options.ask('api/v1/targets', { state: 'active' }),
      this.#fetchExternalLabels(),
    ])
    const active = isJsonObject(data) && Array.isArray(data.activeTargets) ? data.activeTargets : []
    const nowMs = this.#nowMs()
    for (const item of active) {
      if (!isJsonObject(item)) continue
      const labels = readLabels(item.labels)
      const discoveredLabels = readLabels(item.discoveredLabels)
      if (labels === undefined || discoveredLabels === undefined) continue
      // Relabelling may have changed it.
      if (typeof item.scrapeInterval === 'string') discoveredLabels.set('__scrape_interval__', item.scrapeInterval)
      this.#add(labels, discoveredLabels, nowMs)
    }
    this.#forgetOld(nowMs)
    this.#lastAnswerMs = nowMs
    if (this.#lastError !== undefined) this.#options.log.info({}, 'Prometheus is reachable again.')
    this.#lastError = undefined
  }

  async #fetchExternalLabels(): Promise<void> {
    let data: unknown
    try {
      data = await this.#options.ask('api/v1/status/config')
    } catch (error) {
      if (error instanceof PrometheusApiError && error.status !== undefined) return
      throw error
    }
    const yaml = isJsonObject(data) && typeof data.yaml === 'string' ? data.yaml : ''
    const config = readYaml(yaml).value
    const global = isJsonObject(config) && isJsonObject(config.global) ? config.global : {}
    const labels = readLabels(global.external_labels) ?? new Map()
    if (sameLabels(labels, this.#externalLabels)) return
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

  #add(labels: Labels, discoveredLabels: Labels, seenMs: number, types = new FamilyTypes()): void {
    const key = keyOf(labels)
    const group = this.#targets.get(key) ?? []
    const index = group.findIndex((target) => sameLabels(target.labels, labels))
    const present = group[index]
    if (present !== undefined && sameLabels(present.discoveredLabels, discoveredLabels)) {
      present.seenMs = seenMs
      return
    }
    const target: KnownTarget = { labels, discoveredLabels, seenMs, types: present?.types ?? types }
    if (present === undefined) group.unshift(target)
    else group[index] = target
    this.#targets.set(key, group)
    this.#changed()
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
