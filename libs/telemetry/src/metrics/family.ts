import type { Registry } from './client.ts'

/** The metric types of the client. */
export type MetricType = 'counter' | 'gauge' | 'histogram' | 'summary'

/** How the gauges of several processes are merged; counters, histograms and summaries are always summed. */
export type Aggregator = 'sum' | 'max' | 'min' | 'average' | 'first' | 'omit'

/** An OpenMetrics exemplar: a label set, the observed value and its time. */
export interface Exemplar {
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
  readonly timestampSeconds: number
}

/** One sample: its name (with `_bucket`, `_sum`, `_count`, but without `_total`), label set and value. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
  readonly exemplar?: Exemplar
}

/** One metric family, independent of the exposition format: the name of a counter has no `_total`. */
export interface MetricFamily {
  readonly name: string
  readonly help: string
  readonly type: MetricType
  readonly aggregator: Aggregator
  readonly samples: readonly Sample[]
}

/** The client's JSON; its own types lack exemplars and the names of histogram samples. */
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
  // The declared type lacks the exemplars and names of a histogram's values.
  const metrics = (await registry.getMetricsAsJSON()) as unknown as ClientMetric[]
  return metrics.map(toFamily)
}

/** Collects all families of `registry` except gauges, whose `collect` functions are not called. */
export async function collectTotals(registry: Registry): Promise<MetricFamily[]> {
  // Declared as descriptions of metrics; in fact these are the registered metrics.
  const metrics = registry.getMetricsAsArray() as unknown as RegisteredMetric[]
  const totals = await Promise.all(metrics.filter(({ type }) => type !== 'gauge').map((metric) => metric.get()))
  return totals.map(toFamily)
}

/** A registered metric; the client's own type lacks `type` and `get`. */
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

/** The name of a counter without `_total`, which is the name of its family in OpenMetrics. */
export function counterBaseName(name: string): string {
  return name.endsWith('_total') ? name.slice(0, -'_total'.length) : name
}
