import { messageOf } from '@node-to-cloud/command-line'
import { debug } from '../debug-log.ts'
import { ExponentialRecorder, type ExponentialSource } from './exponential-recorder.ts'
import {
  type ClientMetric,
  createdName,
  type ExponentialSeries,
  type MetricFamily,
  type MetricType,
  toFamily,
} from './family.ts'
import { StartTimes } from './start-times.ts'

/** How long a `collect` function may take; a cluster's scrape waits for a second. */
const COLLECT_TIMEOUT_MS = 500

/** The part of a registry that is used; registries of every version of prom-client have it. */
export interface CollectableRegistry {
  getMetricsAsArray(): readonly unknown[]
  getMetricsAsJSON(): Promise<unknown>
  getSingleMetric(name: string): unknown
}

/** A registered metric; the client's own type lacks its type. */
interface RegisteredMetric {
  readonly name: string
  readonly type: MetricType
  reset?(): void
}

/** The collection of one metric. */
interface MetricState {
  /** The last result. */
  family: MetricFamily | undefined
  running: Promise<void> | undefined
  /** The running collection has exceeded the timeout. */
  isLate: boolean
  isFailing: boolean
  resets: number
  readonly startTimes: StartTimes
  /** When it was last collected, in seconds since 1970. */
  readAt: number
}

/** Called when the collection of a metric starts to fail. */
export type CollectFailureListener = (metricName: string, reason: string) => void

/**
 * Collects the metrics of a registry, with its default labels and the start times of totals. A `collect` function that
 * throws, or does not settle in time, affects only its own metric, which keeps its last values until the function works
 * again.
 */
export class RegistryCollector {
  /** The number of failed collections by metric. */
  readonly failures = new Map<string, number>()
  readonly #recorders = new WeakMap<object, ExponentialSource>()
  #recordsExponentially = false
  /** How often the default labels were changed. */
  #relabels = 0
  readonly #registry: CollectableRegistry
  readonly #timeoutMs: number
  readonly #states = new WeakMap<RegisteredMetric, MetricState>()
  #onFailure: CollectFailureListener | undefined
  /** When the latest collection started, in seconds since 1970. */
  #collectedAt = Math.round(performance.timeOrigin) / 1000

  static readonly #collectors = new WeakMap<CollectableRegistry, RegistryCollector>()

  constructor(registry: CollectableRegistry, timeoutMs: number = COLLECT_TIMEOUT_MS) {
    this.#registry = registry
    this.#timeoutMs = timeoutMs
    const labelled: CollectableRegistry & { setDefaultLabels?(labels: object): void } = registry
    const setDefaultLabels = labelled.setDefaultLabels?.bind(registry)
    if (setDefaultLabels === undefined) return
    labelled.setDefaultLabels = (labels) => {
      setDefaultLabels(labels)
      this.#relabels++
    }
  }

  /** The collector of a registry, shared by all who collect it. */
  static of(registry: CollectableRegistry): RegistryCollector {
    let collector = RegistryCollector.#collectors.get(registry)
    if (collector === undefined) {
      collector = new RegistryCollector(registry)
      RegistryCollector.#collectors.set(registry, collector)
    }
    return collector
  }

  onFailure(listener: CollectFailureListener): void {
    this.#onFailure = listener
  }

  /**
   * Also records the client's histograms in exponential buckets from now on, including those that are registered later.
   */
  recordExponentially(): void {
    if (this.#recordsExponentially) return
    this.#recordsExponentially = true
    const watch = (metric: object) => this.#recorders.set(metric, ExponentialRecorder.watch(metric))
    // Declared as descriptions of metrics; in fact these are the registered metrics.
    for (const metric of this.#registry.getMetricsAsArray() as RegisteredMetric[])
      if (metric.type === 'histogram') watch(metric)
    const registry: CollectableRegistry & { registerMetric?(metric: object): void } = this.#registry
    const register = registry.registerMetric?.bind(registry)
    if (register === undefined) return
    registry.registerMetric = (metric) => {
      register(metric)
      // It is under construction, and has no type yet.
      if (!isSource(metric)) watch(metric)
    }
  }

  /** Collects all metrics. */
  families(): Promise<MetricFamily[]> {
    return this.#collect(() => true)
  }

  /** Collects all metrics except gauges, whose `collect` functions are not called. */
  totals(): Promise<MetricFamily[]> {
    return this.#collect(({ type }) => type !== 'gauge')
  }

  async #collect(isWanted: (metric: RegisteredMetric) => boolean): Promise<MetricFamily[]> {
    // Declared as descriptions of metrics; in fact these are the registered metrics.
    const metrics = (this.#registry.getMetricsAsArray() as RegisteredMetric[]).filter(isWanted)
    const now = Date.now() / 1000
    const states = metrics.map((metric) => this.#begin(metric, now))
    this.#collectedAt = now
    await this.#untilSettled(states)
    for (const [index, state] of states.entries()) {
      const name = metrics[index]?.name ?? ''
      if (state.running === undefined) continue
      state.isLate = true
      this.#fail(name, state, `its collect function has not settled within ${this.#timeoutMs} ms`)
    }
    return states.flatMap(({ family }) => family ?? [])
  }

  #begin(metric: RegisteredMetric, now: number): MetricState {
    let state = this.#states.get(metric)
    if (state === undefined) {
      state = {
        family: undefined,
        running: undefined,
        isLate: false,
        isFailing: false,
        resets: 0,
        startTimes: new StartTimes(),
        readAt: this.#collectedAt,
      }
      this.#states.set(metric, state)
      if (metric.type === 'histogram' || metric.type === 'summary') countResets(metric, state)
    }
    state.running ??= this.#read(metric, state, now)
    return state
  }

  async #read(metric: RegisteredMetric, state: MetricState, now: number): Promise<void> {
    const { resets } = state
    const relabels = this.#relabels
    try {
      // As if it were alone in the registry, whose default labels it gets.
      const view: CollectableRegistry = Object.create(this.#registry, { getMetricsAsArray: { value: () => [metric] } })
      // The declared type lacks the exemplars and names of a histogram's values.
      const [json] = (await view.getMetricsAsJSON()) as [ClientMetric]
      const family = toFamily(json)
      const sameName = `${family.name}_total`
      if (family.type === 'counter' && json.name !== sameName && this.#registry.getSingleMetric(sameName) !== undefined)
        throw new Error(`its samples would have the name of the metric ${sameName}`)
      // A metric of this name would be mistaken for the start times.
      const hasStartTimes = this.#registry.getSingleMetric(createdName(family)) === undefined
      const whole = hasStartTimes ? state.startTimes.addTo(family, state.readAt) : family
      const exponential = metric.type === 'histogram' ? await this.#exponentialOf(metric) : undefined
      state.family = {
        ...whole,
        ...(resets > 0 && { resets }),
        ...(relabels > 0 && { relabels }),
        ...(exponential && { exponential }),
      }
      state.readAt = now
      state.isFailing = false
    } catch (error) {
      this.#fail(metric.name, state, messageOf(error))
    } finally {
      state.running = undefined
      state.isLate = false
    }
  }

  /** The recorded exponential histograms, with the registry's default labels. */
  async #exponentialOf(metric: RegisteredMetric): Promise<ExponentialSeries[] | undefined> {
    const source = isSource(metric) ? metric : this.#recorders.get(metric)
    const sets = source && [...source.exponentialSets()]
    if (sets === undefined || sets.length === 0) return undefined
    const points = sets.map(({ histogram }) => histogram.toPoint())
    const values = sets.map(({ labels }) => ({ labels: { ...labels }, value: 0 }))
    const labelled = { name: metric.name, get: async () => ({ name: metric.name, help: '', type: 'gauge', values }) }
    const view: CollectableRegistry = Object.create(this.#registry, { getMetricsAsArray: { value: () => [labelled] } })
    const [json] = (await view.getMetricsAsJSON()) as [ClientMetric]
    return points.map((point, index) => ({ labels: json.values?.[index]?.labels ?? {}, point }))
  }

  /** Waits for the running collections, except those that are already late. */
  async #untilSettled(states: readonly MetricState[]): Promise<void> {
    const { promise: timeout, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, this.#timeoutMs)
    const running = states.flatMap(({ running, isLate }) => (running === undefined || isLate ? [] : [running]))
    await Promise.race([Promise.all(running), timeout])
    clearTimeout(timer)
  }

  #fail(name: string, state: MetricState, reason: string): void {
    this.failures.set(name, (this.failures.get(name) ?? 0) + 1)
    if (state.isFailing) return
    state.isFailing = true
    debug('%s is not collected: %s', name, reason)
    this.#onFailure?.(name, reason)
  }
}

/**
 * Counts the resets of a histogram or summary. Otherwise a sum that has fallen because of negative observations could
 * not be told apart from a reset. A `collect` function may reset its metric in order to set it again.
 */
function countResets(metric: RegisteredMetric, state: MetricState): void {
  const reset = metric.reset?.bind(metric)
  if (reset === undefined) return
  metric.reset = () => {
    if (state.running === undefined) {
      state.resets++
      state.startTimes.forget()
    }
    reset()
  }
}

function isSource(metric: object): metric is ExponentialSource {
  return 'exponentialSets' in metric
}

/** Collects every family of `registry`; the `collect` functions of its metrics are called. */
export function collectFamilies(registry: CollectableRegistry): Promise<MetricFamily[]> {
  return RegistryCollector.of(registry).families()
}
