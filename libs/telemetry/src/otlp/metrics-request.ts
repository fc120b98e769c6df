import { type ExponentialBuckets, ExponentialHistogram } from '../metrics/buckets/exponential-histogram.ts'
import { createdName, type Exemplar, type MetricFamily, type Sample } from '../metrics/family.ts'
import { labelsKey } from '../metrics/merge.ts'
import { type Message, toAttributes, toNanoseconds, toUint64 } from './encode.ts'

/** AGGREGATION_TEMPORALITY_CUMULATIVE. */
const CUMULATIVE = 2

/** The sender of metrics or log lines. */
export interface Origin {
  readonly attributes: Readonly<Record<string, unknown>>
  readonly scope: { readonly name: string; readonly version: string }
}

/** The samples of one label set. */
interface Series {
  readonly labels: Sample['labels']
  readonly samples: Sample[]
}

/** A request, and the number of points in it. */
export interface MetricsRequest {
  readonly message: Message
  readonly points: number
}

/** How metrics are divided into requests. */
export interface MetricsRequestOptions {
  /** The maximum number of points in one request, since collectors limit its bytes; default 5,000. */
  readonly maxPoints?: number
}

const MAX_POINTS = 5_000

/**
 * The metrics of a process, or of all processes of a cluster, as ExportMetricsServiceRequests: counters as monotonic
 * sums (whose names end in `_total`), histograms and summaries, cumulative with their start times, and gauges. A
 * histogram that is recorded exponentially is sent as an exponential one.
 *
 * @param now when they were collected, in seconds since 1970
 */
export function metricsRequests(
  families: Iterable<MetricFamily>,
  origin: Origin,
  now: number,
  { maxPoints = MAX_POINTS }: MetricsRequestOptions = {},
): MetricsRequest[] {
  const requests: { metrics: Message[]; points: number }[] = []
  for (const family of families) {
    const series = seriesOf(family)
    const toPoint = family.exponential === undefined ? toPlainPoint : exponentialPointsOf(family)
    for (let start = 0; start < series.length; ) {
      let request = requests.at(-1)
      if (request === undefined || request.points >= maxPoints) {
        request = { metrics: [], points: 0 }
        requests.push(request)
      }
      const part = series.slice(start, start + maxPoints - request.points)
      const dataPoints = part.map((each) => toPoint(family, each, now))
      request.metrics.push(toMetric(family, dataPoints))
      request.points += part.length
      start += part.length
    }
  }
  const { attributes, scope } = origin
  const resource = { attributes: toAttributes(attributes) }
  return requests.map(({ metrics, points }) => ({
    message: { resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics }] }] },
    points,
  }))
}

function toMetric(
  { name, help: description, type, exponential }: MetricFamily,
  dataPoints: readonly Message[],
): Message {
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
      return {
        name,
        description,
        [exponential === undefined ? 'histogram' : 'exponentialHistogram']: {
          dataPoints,
          aggregationTemporality: CUMULATIVE,
        },
      }
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

function toPlainPoint(family: MetricFamily, { labels, samples }: Series, now: number): Message {
  const common = commonOf(family, { labels, samples }, now)
  if (family.type === 'histogram' || family.type === 'summary') {
    const totals = {
      ...common,
      count: toUint64(sampleValue(samples, `${family.name}_count`) ?? 0),
      sum: sampleValue(samples, `${family.name}_sum`),
    }
    return family.type === 'histogram'
      ? { ...totals, ...buckets(samples) }
      : { ...totals, ...quantiles(family, samples) }
  }
  return { ...common, asDouble: sampleValue(samples, family.name) ?? 0, ...exemplarsOf(samples) }
}

function sampleValue(samples: readonly Sample[], name: string): number | undefined {
  return samples.find((sample) => sample.name === name)?.value
}

function commonOf(family: MetricFamily, { labels, samples }: Series, now: number): Message {
  const created = family.type === 'gauge' ? undefined : sampleValue(samples, createdName(family))
  return {
    attributes: toAttributes(labels),
    startTimeUnixNano: created === undefined ? undefined : toNanoseconds(created),
    timeUnixNano: toNanoseconds(now),
  }
}

function exemplarsOf(samples: readonly Sample[]): { readonly exemplars?: readonly Message[] } {
  const exemplars = samples.flatMap(({ exemplar }) => (exemplar === undefined ? [] : [toExemplar(exemplar)]))
  return exemplars.length === 0 ? {} : { exemplars }
}

const NOTHING_RECORDED = new ExponentialHistogram().toPoint()

/** The points of a family's exponential histograms; label sets that it lacks have no observations. */
function exponentialPointsOf({ exponential = [] }: MetricFamily) {
  const byLabels = new Map(exponential.map(({ labels, point }) => [labelsKey(labels), point]))
  return (family: MetricFamily, series: Series, now: number): Message => {
    const { count, sum, min, max, scale, zeroCount, positive, negative } =
      byLabels.get(labelsKey(series.labels)) ?? NOTHING_RECORDED
    // With several processes, the order of summation matters; this sum never falls because of it.
    const isSame = sampleValue(series.samples, `${family.name}_count`) === count
    return {
      ...commonOf(family, series, now),
      count: toUint64(count),
      sum: isSame ? (sampleValue(series.samples, `${family.name}_sum`) ?? sum) : sum,
      scale,
      zeroCount: toUint64(zeroCount),
      positive: toBuckets(positive),
      negative: toBuckets(negative),
      ...exemplarsOf(series.samples),
      ...(count > 0 && { min, max }),
    }
  }
}

function toBuckets({ offset, counts }: ExponentialBuckets): Message {
  return { offset, bucketCounts: counts.map(toUint64) }
}

/** Counts by bucket, which are cumulative in the exposition; the last one counts everything above the last bound. */
function buckets(samples: readonly Sample[]): Message {
  const withBound = samples
    .filter(({ labels }) => labels.le !== undefined)
    .map((sample) => ({
      bound: sample.labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(sample.labels.le),
      sample,
    }))
    .sort((one, other) => one.bound - other.bound)
  return {
    bucketCounts: withBound.map(({ sample }, index) =>
      toUint64(sample.value - (withBound[index - 1]?.sample.value ?? 0)),
    ),
    explicitBounds: withBound.map(({ bound }) => bound).filter(Number.isFinite),
    ...exemplarsOf(withBound.map(({ sample }) => sample)),
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
