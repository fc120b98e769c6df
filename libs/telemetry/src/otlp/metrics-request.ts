import { createdName, type Exemplar, type MetricFamily, type Sample } from '../metrics/family.ts'
import { labelsKey } from '../metrics/merge.ts'
import { type Message, toAttributes, toNanoseconds } from './encode.ts'

/** AGGREGATION_TEMPORALITY_CUMULATIVE. */
const CUMULATIVE = 2

/** Who sends metrics or log lines. */
export interface Origin {
  readonly attributes: Readonly<Record<string, unknown>>
  readonly scope: { readonly name: string; readonly version: string }
}

/** The samples of one label set. */
interface Series {
  readonly labels: Sample['labels']
  readonly samples: Sample[]
}

/**
 * The metrics of a process, or of all processes of a cluster, as an ExportMetricsServiceRequest: counters as monotonic sums (whose names end in `_total`), histograms and summaries, cumulative with
 * the time when they began, and gauges.
 *
 * @param now when they were collected, in seconds since 1970
 * @returns the request, and the number of points in it
 */
export function metricsRequest(families: Iterable<MetricFamily>, origin: Origin, now: number) {
  const metrics: Message[] = []
  let points = 0
  for (const family of families) {
    const dataPoints = seriesOf(family).map((series) => toPoint(family, series, now))
    if (dataPoints.length === 0) continue
    points += dataPoints.length
    metrics.push(toMetric(family, dataPoints))
  }
  const { attributes, scope } = origin
  const resource = { attributes: toAttributes(attributes) }
  return { message: { resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics }] }] }, points }
}

function toMetric({ name, help: description, type }: MetricFamily, dataPoints: readonly Message[]): Message {
  switch (type) {
    case 'counter':
      return {
        name: `${name}_total`,
        description,
        sum: { dataPoints, aggregationTemporality: CUMULATIVE, isMonotonic: true },
      }
    case 'gauge':
      return { name, description, gauge: { dataPoints } }
    case 'histogram':
      return { name, description, histogram: { dataPoints, aggregationTemporality: CUMULATIVE } }
    case 'summary':
      return { name, description, summary: { dataPoints } }
  }
}

function seriesOf(family: MetricFamily): Series[] {
  const byKey = new Map<string, Series>()
  for (const sample of family.samples) {
    const { le, quantile, ...labels } = sample.labels
    const own = family.type === 'histogram' || family.type === 'summary' ? labels : sample.labels
    const key = labelsKey(own)
    const known = byKey.get(key)
    if (known === undefined) byKey.set(key, { labels: own, samples: [sample] })
    else known.samples.push(sample)
  }
  return [...byKey.values()]
}

function toPoint(family: MetricFamily, { labels, samples }: Series, now: number): Message {
  const totalOf = (name: string) => samples.find((sample) => sample.name === name)?.value
  const created = family.type === 'gauge' ? undefined : totalOf(createdName(family))
  const common = {
    attributes: toAttributes(labels),
    startTimeUnixNano: created === undefined ? undefined : toNanoseconds(created),
    timeUnixNano: toNanoseconds(now),
  }
  if (family.type === 'histogram' || family.type === 'summary') {
    const totals = {
      ...common,
      count: String(totalOf(`${family.name}_count`) ?? 0),
      sum: totalOf(`${family.name}_sum`),
    }
    return family.type === 'histogram'
      ? { ...totals, ...buckets(samples) }
      : { ...totals, ...quantiles(family, samples) }
  }
  const exemplars = samples.flatMap(({ exemplar }) => (exemplar === undefined ? [] : [toExemplar(exemplar)]))
  return { ...common, asDouble: totalOf(family.name) ?? 0, ...(exemplars.length > 0 && { exemplars }) }
}

/** Counts by bucket, which the exposition has cumulative; the last is that of all above the last bound. */
function buckets(samples: readonly Sample[]): Message {
  const withBound = samples
    .filter(({ labels }) => labels.le !== undefined)
    .map((sample) => ({
      bound: sample.labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(sample.labels.le),
      sample,
    }))
    .sort((one, other) => one.bound - other.bound)
  const exemplars = withBound.flatMap(({ sample }) =>
    sample.exemplar === undefined ? [] : [toExemplar(sample.exemplar)],
  )
  return {
    bucketCounts: withBound.map(({ sample }, index) =>
      String(sample.value - (withBound[index - 1]?.sample.value ?? 0)),
    ),
    explicitBounds: withBound.map(({ bound }) => bound).filter(Number.isFinite),
    ...(exemplars.length > 0 && { exemplars }),
  }
}

function quantiles(family: MetricFamily, samples: readonly Sample[]): Message {
  const quantileValues = samples
    .filter(({ name, labels }) => name === family.name && labels.quantile !== undefined)
    .map(({ labels, value }) => ({ quantile: Number(labels.quantile), value }))
  return { quantileValues }
}

function toExemplar({ labels, value, timestampSeconds }: Exemplar): Message {
  const { trace_id: traceId, span_id: spanId, ...others } = labels
  return {
    timeUnixNano: toNanoseconds(timestampSeconds),
    asDouble: value,
    ...(isId(traceId, 32) && { traceId }),
    ...(isId(spanId, 16) && { spanId }),
    filteredAttributes: toAttributes(others),
  }
}

function isId(id: string | number | undefined, length: number): boolean {
  return typeof id === 'string' && id.length === length && /^[0-9a-f]+$/i.test(id)
}
