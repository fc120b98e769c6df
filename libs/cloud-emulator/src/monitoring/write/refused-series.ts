import type { RefusedPoint } from '../../contract/refusals.ts'
import { int64ToNumber } from '../../protos/int64.ts'
import { timestampToMicros } from '../../protos/timestamp.ts'
import type { NewRefusal } from '../../refusals/refusal-log.ts'
import { METRIC_KINDS, type PointMessage, type TimeSeriesMessage } from '../model/messages.ts'
import { valueTypeOf } from './check-series.ts'
import { distributionOf, scalarValue } from './new-point.ts'

type RefusedSeries = Omit<NewRefusal, 'reason' | 'status' | 'message' | 'points'>

/** The entry in the refusal log for a series that was not written. */
export function refusedSeries(series: TimeSeriesMessage, project: string): RefusedSeries {
  const point = series.points[0]
  const valueType = point && valueTypeOf(point)
  return {
    project,
    metricType: series.metric?.type ?? '',
    metricLabels: series.metric?.labels ?? {},
    resourceType: series.resource?.type ?? '',
    resourceLabels: series.resource?.labels ?? {},
    metricKind: METRIC_KINDS[series.metricKind] ?? String(series.metricKind),
    ...(valueType === undefined ? {} : { valueType }),
    ...(point ? { point: refusedPoint(point) } : {}),
  }
}

function refusedPoint(point: PointMessage): RefusedPoint {
  const milliseconds = (time: 'startTime' | 'endTime'): number | null => {
    const timestamp = point.interval?.[time]
    return timestamp ? timestampToMicros(timestamp) / 1000 : null
  }
  return { startMs: milliseconds('startTime'), endMs: milliseconds('endTime'), value: jsonValue(point) }
}

function jsonValue(point: PointMessage): RefusedPoint['value'] {
  const distribution = distributionOf(point)
  if (distribution) return { count: int64ToNumber(distribution.count), mean: distribution.mean }
  const value = scalarValue(point)
  return point.value?.stringValue || (typeof value === 'bigint' ? value.toString() : value)
}
