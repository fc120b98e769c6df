import type { Registry } from './client.ts'

/** The types of a metric family that the client makes. */
export type MetricType = 'counter' | 'gauge' | 'histogram' | 'summary'

/** How the gauges of several processes become one: a counter, a histogram and a summary always sum. */
export type Aggregator = 'sum' | 'max' | 'min' | 'average' | 'first' | 'omit'

/** An example of what was counted, in OpenMetrics' words: a label set, the observed value and its time. */
export interface Exemplar {
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
  readonly timestampSeconds: number
}

/** One sample: its full name (with `_bucket`, `_sum`, `_count`), its label set and value. Counters have no `_total` here. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
  readonly exemplar?: Exemplar
}

/** One metric family, independent of the exposition format: the name of a counter stands without `_total`. */
export interface MetricFamily {
  readonly name: string
  readonly help: string
  readonly type: MetricType
  readonly aggregator: Aggregator
  readonly samples: readonly Sample[]
}

/** What the client's JSON holds; its own types leave exemplars and the names of histogram samples out. */
interface ClientMetric {
  readonly name: string
  readonly help: string
  readonly type: MetricType
  readonly aggregator?: Aggregator
  readonly values?: readonly ClientValue[]
}

interface ClientValue {
  readonly value: number
  readonly labels?: Readonly<Record<string, string | number>>
  readonly metricName?: string
  readonly exemplar?: {
    readonly labelSet: Readonly<Record<string, string | number>>
    readonly value: number
    readonly timestamp: number
  } | null
}

/** Collects every family of `registry`; the `collect` functions of its metrics run. */
export async function collectFamilies(registry: Registry): Promise<MetricFamily[]> {
  // Its declared type says nothing of `values` that have exemplars and names of their own, as a histogram's do.
  const metrics = (await registry.getMetricsAsJSON()) as unknown as ClientMetric[]
  return metrics.map(toFamily)
}

/** Collects the families of `registry` that only grow: all but the gauges, whose `collect` functions don't run. */
export async function collectTotals(registry: Registry): Promise<MetricFamily[]> {
  // It is declared to give descriptions of metrics; it gives the metrics, which is what a registry holds.
  const metrics = registry.getMetricsAsArray() as unknown as RegisteredMetric[]
  const totals = await Promise.all(metrics.filter(({ type }) => type !== 'gauge').map((metric) => metric.get()))
  return totals.map(toFamily)
}

/** A metric in a registry; the client's own type leaves its type and `get` out. */
interface RegisteredMetric {
  readonly type: MetricType
  get(): Promise<ClientMetric>
}

function toFamily(metric: ClientMetric): MetricFamily {
  const name = metric.type === 'counter' ? counterBaseName(metric.name) : metric.name
  return {
    name,
    help: metric.help,
    type: metric.type,
    aggregator: metric.aggregator ?? 'sum',
    samples: (metric.values ?? []).map((value) => toSample(value, name)),
  }
}

function toSample(value: ClientValue, familyName: string): Sample {
  const sample: Sample = { name: value.metricName ?? familyName, labels: value.labels ?? {}, value: value.value }
  if (value.exemplar === undefined || value.exemplar === null) return sample
  const { labelSet, value: observed, timestamp } = value.exemplar
  return { ...sample, exemplar: { labels: labelSet, value: observed, timestampSeconds: timestamp } }
}

/** A counter's name without `_total`: the name of its family in OpenMetrics. */
export function counterBaseName(name: string): string {
  return name.endsWith('_total') ? name.slice(0, -'_total'.length) : name
}
