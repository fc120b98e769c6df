/**
 * The metric types of Prometheus' API and of OpenMetrics (`untyped` is read as `unknown`), in the order of remote_write's numbers for them
 * (`prometheus.MetricMetadata.MetricType`).
 */
export const METRIC_TYPES = [
  'unknown',
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
] as const
export type MetricType = (typeof METRIC_TYPES)[number]

/** What a target says of one of its metric families. */
export interface MetricMetadata {
  /** The family's name: for an OpenMetrics counter without `_total`, for text 0.0.4 with it. */
  readonly family: string
  readonly type: MetricType
  readonly help: string
  readonly unit: string
}
