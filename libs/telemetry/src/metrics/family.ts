import type { ExponentialPoint } from './buckets/exponential-histogram.ts'

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

/**
 * One sample: its name (with `_bucket`, `_sum`, `_count`, but without `_total`), label set and value. The value of the
 * one named `_created` is the start time of the totals of its label set, in seconds since 1970.
 */
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
  /** A histogram's observations in exponential buckets, if they are recorded. */
  readonly exponential?: readonly ExponentialSeries[]
  /** How often its values were reset in its process, as far as known. */
  readonly resets?: number
  /**
   * How often the default labels of its registry were changed: after a change it has the same samples in the same
   * order, with other labels.
   */
  readonly relabels?: number
}

/** The observations of one label set. */
export interface ExponentialSeries {
  readonly labels: Sample['labels']
  readonly point: ExponentialPoint
}

/** The client's JSON; its own types lack exemplars and the names of histogram samples. */
export interface ClientMetric {
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

/** The family of a metric that the client has collected. */
export function toFamily(metric: ClientMetric): MetricFamily {
  const name = metric.type === 'counter' ? counterBaseName(metric.name) : metric.name
  return {
    name,
    help: String(metric.help),
    type: metric.type,
    aggregator: metric.aggregator ?? 'sum',
    samples: (metric.values ?? [])
      .filter((value) => !isInfiniteBucket(metric, value))
      .map((value) => toSample(value, name)),
  }
}

/** A bucket with this bound was given to the client, which adds its own. */
function isInfiniteBucket({ type }: ClientMetric, { labels }: ClientValue): boolean {
  return type === 'histogram' && (labels?.le === Number.POSITIVE_INFINITY || labels?.le === 'Infinity')
}

function toSample(value: ClientValue, familyName: string): Sample {
  const sample: Sample = {
    name: value.metricName ?? familyName,
    labels: textLabels(value.labels ?? {}),
    value: value.value,
  }
  if (value.exemplar === undefined || value.exemplar === null) return sample
  const { labelSet, value: observed, timestamp } = value.exemplar
  return { ...sample, exemplar: { labels: textLabels(labelSet), value: observed, timestampSeconds: timestamp } }
}

/**
 * Labels whose values are strings or numbers: in JavaScript any value may be passed, such as an error, but other
 * processes only get strings.
 */
function textLabels(labels: Sample['labels']): Sample['labels'] {
  for (const name in labels) if (!isText(labels[name])) return Object.fromEntries(Object.entries(labels).map(asText))
  return labels
}

function isText(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || value === undefined
}

function asText([name, value]: [string, string | number]): [string, string | number] {
  return [name, isText(value) ? value : String(value)]
}

/** The name of a counter without `_total`, which is the name of its family in OpenMetrics. */
export function counterBaseName(name: string): string {
  return name.endsWith('_total') ? name.slice(0, -'_total'.length) : name
}

/**
 * Whether a sample of a counter, histogram or summary may fall without a reset: a sum does when negative values are
 * observed, and quantiles are not totals.
 */
export function mayFall(family: Pick<MetricFamily, 'type' | 'name'>, sample: Pick<Sample, 'name'>): boolean {
  return family.type !== 'counter' && (sample.name === `${family.name}_sum` || sample.name === family.name)
}

/** The name of the samples with the start times of totals. */
export function createdName(family: Pick<MetricFamily, 'name'>): string {
  return `${family.name}_created`
}
