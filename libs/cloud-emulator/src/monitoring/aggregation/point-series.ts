import type { Labels, MetricKind, ValueType } from '../../contract/metrics.ts'
import type { ExemplarMessage } from '../messages.ts'
import type { PointValue } from '../point-value.ts'

/** A point as it is read, aligned and reduced. */
export interface SeriesPoint {
  readonly startMicros: number
  readonly endMicros: number
  readonly value: PointValue
  readonly exemplars?: readonly ExemplarMessage[]
}

/** A series with the points of an interval, oldest first: stored ones, or what aggregation made of them. */
export interface PointSeries {
  readonly metricType: string
  readonly metricLabels: Labels
  readonly resourceType: string
  readonly resourceLabels: Labels
  readonly metricKind: MetricKind
  readonly valueType: ValueType
  readonly points: readonly SeriesPoint[]
  /** Points before the first were dropped: how much of its total came since the one before is not known. */
  readonly truncated?: boolean
}
