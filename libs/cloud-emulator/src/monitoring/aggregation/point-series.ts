import type { Labels, MetricKind, ValueType } from '../../contract/metrics.ts'
import type { ExemplarMessage } from '../model/messages.ts'
import type { PointValue } from '../model/point-value.ts'

export interface SeriesPoint {
  readonly startMicros: number
  readonly endMicros: number
  readonly value: PointValue
  readonly exemplars?: readonly ExemplarMessage[]
}

/** A series with its points in an interval, oldest first, as stored or aggregated. */
export interface PointSeries {
  readonly metricType: string
  readonly metricLabels: Labels
  readonly resourceType: string
  readonly resourceLabels: Labels
  readonly metricKind: MetricKind
  readonly valueType: ValueType
  readonly points: readonly SeriesPoint[]
  /** Points before the first one were dropped, so the first delta is unknown. */
  readonly truncated?: boolean
}
