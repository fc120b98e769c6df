import { shortened } from '../../api/shortened.ts'
import { TELEMETRY_LABEL_KEY } from '../../monitoring/descriptors/check-names.ts'
import { isManaged, MANAGED_NAME, MANAGED_PREFIX } from '../../monitoring/model/managed-metric.ts'
import {
  type DistributionMessage,
  METRIC_KINDS,
  type TimeSeriesMessage,
  type TypedValueMessage,
  VALUE_TYPES,
} from '../../monitoring/model/messages.ts'
import { int64ToNumber } from '../../protos/int64.ts'
import { microsToTimestamp } from '../../protos/timestamp.ts'
import { microsOf, textAttributes } from '../any-value.ts'
import { distributionExemplars } from './exemplars.ts'
import { explicitDistribution, exponentialDistribution } from './histogram-distribution.ts'
import {
  type AnyPoint,
  type MetricMessage,
  type NumberPoint,
  type ResourceMetricsMessage,
  TEMPORALITIES,
} from './metric-messages.ts'
import type { PrometheusTarget } from './prometheus-target.ts'

/** A data point as the series that it is written to: several for a summary, otherwise one. */
export interface MappedPoint {
  readonly series: readonly TimeSeriesMessage[]
}

/** Data points that can't be written, and why. */
export interface RejectedPoints {
  readonly metric: string
  readonly reason: 'metric_type' | 'metric_kind' | 'labels'
  readonly message: string
  readonly points: number
}

export interface MappedMetrics {
  readonly points: MappedPoint[]
  readonly rejected: RejectedPoints[]
}

type Kind = 'GAUGE' | 'DELTA' | 'CUMULATIVE'

/** What the points of a metric have in common. */
interface Context {
  readonly metric: MetricMessage
  readonly target: PrometheusTarget['labels']
  readonly projectId: string
  readonly scopeLabels: Record<string, string>
}

const METRIC_NAME = new RegExp(`^${MANAGED_NAME}$`)
/** A Google domain with which metric names may begin. */
const DOMAIN = /^[a-z.]+\.googleapis\.com\//
/** The flag of a point without a recorded value, which marks the end of a series. */
const NO_RECORDED_VALUE = 1
const PROMETHEUS_TYPE = 'prometheus.type'

/** The points of a resource's metrics by Google's mapping to `prometheus_target`, and those that Google rejects. */
export function mapMetrics(
  { scopeMetrics }: ResourceMetricsMessage,
  { target, projectId }: { target: PrometheusTarget['labels']; projectId: string },
): MappedMetrics {
  const mapped: MappedMetrics = { points: [], rejected: [] }
  for (const { scope, metrics } of scopeMetrics) {
    const scopeLabels = {
      ...(scope?.name ? { otel_scope_name: scope.name } : {}),
      ...(scope?.version ? { otel_scope_version: scope.version } : {}),
    }
    for (const metric of metrics) mapMetric({ metric, target, projectId, scopeLabels }, mapped)
  }
  return mapped
}

function mapMetric(context: Context, { points, rejected }: MappedMetrics): void {
  const { metric } = context
  const dataPoints = dataPointsOf(metric)
  const problem = metricProblem(metric)
  if (problem) {
    if (dataPoints.length > 0) rejected.push({ metric: metric.name, ...problem, points: dataPoints.length })
    return
  }
  for (const point of dataPoints) {
    if ((point.flags & NO_RECORDED_VALUE) !== 0) continue
    const labels = Object.fromEntries(textAttributes(point.attributes))
    const badKey = Object.keys(labels).find((key) => !TELEMETRY_LABEL_KEY.test(key))
    if (badKey === undefined) points.push({ series: seriesOf(point, context, { ...context.scopeLabels, ...labels }) })
    else {
      const message = `The label key "${shortened(badKey)}" of metric ${metric.name} does not match [a-zA-Z_][a-zA-Z0-9_.]*.`
      rejected.push({ metric: metric.name, reason: 'labels', message, points: 1 })
    }
  }
}

function dataPointsOf(metric: MetricMessage): readonly AnyPoint[] {
  const { gauge, sum, histogram, exponentialHistogram, summary } = metric
  return (gauge ?? sum ?? histogram ?? exponentialHistogram ?? summary)?.dataPoints ?? []
}

/** Why no point of a metric can be written. */
function metricProblem(metric: MetricMessage): Pick<RejectedPoints, 'reason' | 'message'> | undefined {
  const { name, sum } = metric
  const path = pathOf(name)
  if (!METRIC_NAME.test(path))
    return {
      reason: 'metric_type',
      message: `The metric name "${shortened(name)}" does not match ${MANAGED_NAME}.`,
    }
  if (DOMAIN.test(path))
    return {
      reason: 'metric_type',
      message: `The domain of metric ${shortened(name)} must be prometheus.googleapis.com, or be omitted.`,
    }
  const temporality = temporalityOf(metric)
  if (temporality === 'UNSPECIFIED')
    return { reason: 'metric_kind', message: `The aggregation temporality of metric ${name} must be set.` }
  if (sum && !sum.isMonotonic && temporality === 'DELTA')
    return {
      reason: 'metric_kind',
      message: `Metric ${name} is a non-monotonic delta sum, which no metric kind supports; send it as cumulative.`,
    }
  return undefined
}

/** A metric's name without the allowed domain. */
function pathOf(name: string): string {
  return isManaged(name) ? name.slice(MANAGED_PREFIX.length) : name
}

/** Undefined for metrics without temporality. */
function temporalityOf({ sum, histogram, exponentialHistogram }: MetricMessage): string | undefined {
  const number = (sum ?? histogram ?? exponentialHistogram)?.aggregationTemporality
  return number === undefined ? undefined : (TEMPORALITIES[number] ?? 'UNSPECIFIED')
}

function seriesOf(point: AnyPoint, context: Context, labels: Record<string, string>): TimeSeriesMessage[] {
  const { metric, projectId } = context
  const kind: Kind = temporalityOf(metric) === 'DELTA' ? 'DELTA' : 'CUMULATIVE'
  if ('quantileValues' in point) {
    const quantiles = point.quantileValues.map(({ quantile, value }) =>
      series(context, point, {
        suffix: '/summary',
        kind: 'GAUGE',
        labels: { ...labels, quantile: String(quantile) },
        value: double(value),
      }),
    )
    return [
      ...quantiles,
      series(context, point, { suffix: '_sum/summary:counter', kind: 'CUMULATIVE', labels, value: double(point.sum) }),
      series(context, point, {
        suffix: '_count/summary',
        kind: 'CUMULATIVE',
        labels,
        value: double(int64ToNumber(point.count)),
      }),
    ]
  }
  if ('zeroCount' in point || 'bucketCounts' in point) {
    const distribution = {
      ...('zeroCount' in point ? exponentialDistribution(point) : explicitDistribution(point)),
      exemplars: distributionExemplars(point.exemplars, projectId),
    }
    const suffix = kind === 'DELTA' ? '/histogram:delta' : '/histogram'
    return [series(context, point, { suffix, kind, labels, value: distributionValue(distribution) })]
  }
  const value = double(numberOf(point))
  if (metric.sum?.isMonotonic)
    return [series(context, point, { suffix: kind === 'DELTA' ? '/delta' : '/counter', kind, labels, value })]
  const unknown = metric.metadata.some(
    ({ key, value: type }) => key === PROMETHEUS_TYPE && type?.stringValue === 'unknown',
  )
  return [series(context, point, { suffix: unknown ? '/unknown' : '/gauge', kind: 'GAUGE', labels, value })]
}

function numberOf(point: NumberPoint): number {
  return point.value === 'asInt' ? int64ToNumber(point.asInt ?? 0) : (point.asDouble ?? 0)
}

function double(doubleValue: number): TypedValueMessage {
  return { value: 'doubleValue', doubleValue }
}

function distributionValue(distribution: DistributionMessage): TypedValueMessage {
  return { value: 'distributionValue', distributionValue: distribution }
}

function series(
  { metric, target }: Context,
  point: AnyPoint,
  {
    suffix,
    kind,
    labels,
    value,
  }: { suffix: string; kind: Kind; labels: Record<string, string>; value: TypedValueMessage },
): TimeSeriesMessage {
  const endTime = microsToTimestamp(microsOf(point.timeUnixNano))
  const startTime = kind === 'GAUGE' ? endTime : microsToTimestamp(microsOf(point.startTimeUnixNano))
  return {
    metric: { type: `${MANAGED_PREFIX}${pathOf(metric.name)}${suffix}`, labels },
    resource: { type: 'prometheus_target', labels: { ...target } },
    metricKind: METRIC_KINDS.indexOf(kind),
    valueType: VALUE_TYPES.indexOf(value.value === 'distributionValue' ? 'DISTRIBUTION' : 'DOUBLE'),
    points: [{ interval: { startTime, endTime }, value }],
    unit: metric.unit,
  }
}
