import { timestampToMicros } from '../protos/timestamp.ts'
import { invalidField, RpcError } from '../rpc/status.ts'
import { singleMetricType } from './filter/evaluate-filter.ts'
import { readFilter } from './filter/read-filter.ts'
import { METRIC_KINDS, type PointMessage, type TimeIntervalMessage, VALUE_TYPES } from './messages.ts'
import type { MetricStore } from './metric-store.ts'
import { projectOfName } from './resource-name.ts'
import type { Series } from './series.ts'
import { pointMessage, typedValue } from './typed-value.ts'

export interface ListTimeSeriesRequest {
  name: string
  filter: string
  interval?: TimeIntervalMessage | null
  view: number
  pageSize: number
  pageToken: string
}

/** Series of one metric type with their points in an interval, newest first. */
export function listTimeSeries(
  request: ListTimeSeriesRequest,
  options: { store: MetricStore; nowMicros: number },
): object {
  const projectId = projectOfName(request.name)
  const { filter, matches } = readFilter(request.filter)
  const metricType = singleMetricType(filter)
  if (metricType === undefined)
    throw invalidField(
      'filter',
      request.filter,
      'The filter must specify a single metric type, such as metric.type = "custom.googleapis.com/x".',
    )
  const { endTime, startTime } = request.interval ?? {}
  if (!endTime) throw invalidField('interval.end_time', undefined, 'The end time is required.')
  const endMicros = timestampToMicros(endTime)
  const startMicros = startTime ? timestampToMicros(startTime) : endMicros
  const project = options.store.projects.get(projectId)
  if (!project?.descriptors.has(metricType)) {
    throw new RpcError(
      'NOT_FOUND',
      `Cannot find metric(s) that match type = "${metricType}". If a metric was created recently, it could take up to 10 minutes to become available. Please try again soon.`,
    )
  }
  const timeSeries: object[] = []
  for (const series of project.seriesOf(metricType)) {
    if (!matches({ project: projectId, ...identityOf(series) })) continue
    const points: PointMessage[] = []
    series.points.visit(startTime ? startMicros : endMicros - 1, endMicros, (start, end, value) =>
      points.push(pointMessage(start, end, typedValue(value))),
    )
    if (points.length > 0) timeSeries.push(seriesMessage(series, points.reverse()))
  }
  return { timeSeries }
}

function identityOf(series: Series) {
  const { metricType, metricLabels, resourceType, resourceLabels } = series
  return { metricType, metricLabels, resourceType, resourceLabels }
}

function seriesMessage(series: Series, points: PointMessage[]): object {
  return {
    metric: { type: series.metricType, labels: series.metricLabels },
    resource: { type: series.resourceType, labels: series.resourceLabels },
    metricKind: METRIC_KINDS.indexOf(series.metricKind),
    valueType: VALUE_TYPES.indexOf(series.valueType),
    points,
  }
}
