import { invalidField, RpcError } from '../../api/rpc-error.ts'
import type { PointSeries, SeriesPoint } from '../aggregation/point-series.ts'
import { singleMetricType } from '../filter/evaluate-filter.ts'
import { readFilter } from '../filter/read-filter.ts'
import type { MetricDescriptor } from '../model/metric-descriptor.ts'
import type { PointValue } from '../model/point-value.ts'
import type { MetricStore } from '../store/metric-store.ts'
import type { Series } from '../store/series.ts'

/** The series of one metric type that a filter selects. */
export interface Selection {
  readonly descriptor: MetricDescriptor
  readonly series: readonly Series[]
  /** Points that end at or before this are older than the retention, and are not read. */
  readonly retainedAfterMicros: number
}

/**
 * Throws INVALID_ARGUMENT for a filter that is invalid or does not specify a single metric type, NOT_FOUND for an
 * unknown type.
 */
export function selectSeries(store: MetricStore, projectId: string, filterText: string, field = 'filter'): Selection {
  const { filter, matches } = readFilter(filterText, field)
  const metricType = singleMetricType(filter)
  if (metricType === undefined) {
    throw invalidField(
      field,
      filterText,
      'The filter must specify a single metric type, such as metric.type = "custom.googleapis.com/x".',
    )
  }
  const project = store.projects.get(projectId)
  const descriptor = project?.descriptors.get(metricType)
  if (!project || !descriptor) {
    throw new RpcError(
      'NOT_FOUND',
      `Cannot find metric(s) that match type = "${metricType}". If a metric was created recently, it could take up to 10 minutes to become available. Please try again soon.`,
    )
  }
  const series: Series[] = []
  for (const one of project.seriesOf(metricType)) {
    const { metricLabels, resourceType, resourceLabels } = one
    if (matches({ project: projectId, metricType, metricLabels, resourceType, resourceLabels })) series.push(one)
  }
  return { descriptor, series, retainedAfterMicros: store.retainedAfterMicros }
}

/**
 * The points of a series with `afterMicros < end <= untilMicros`, oldest first; `withEarlier` adds the point before
 * them, which deltas need, and `withLater` the one after them, which interpolation needs.
 */
export function pointsOf(
  series: Series,
  interval: { afterMicros: number; untilMicros: number; withEarlier: boolean; withLater?: boolean },
): PointSeries {
  const { afterMicros, untilMicros, withEarlier, withLater = false } = interval
  const points: SeriesPoint[] = []
  const exemplars = new Map(series.exemplars.map((entry) => [entry.endMicros, entry.exemplars]))
  const add = (startMicros: number, endMicros: number, value: PointValue): void => {
    const own = exemplars.get(endMicros)
    points.push(own ? { startMicros, endMicros, value, exemplars: own } : { startMicros, endMicros, value })
  }
  if (withEarlier) series.points.visitLast(afterMicros, add)
  series.points.visit(afterMicros, untilMicros, add)
  if (withLater) series.points.visitNext(untilMicros, add)
  const truncated = series.points.dropped > 0 && points[0]?.endMicros === series.points.firstEndMicros
  const { metricType, metricLabels, resourceType, resourceLabels, metricKind, valueType } = series
  return {
    metricType,
    metricLabels,
    resourceType,
    resourceLabels,
    metricKind,
    valueType,
    points,
    ...(truncated ? { truncated } : {}),
  }
}
