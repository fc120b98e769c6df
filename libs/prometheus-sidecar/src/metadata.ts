/** The metric types of Prometheus' API, of remote_write's metadata and of OpenMetrics (`untyped` is read as `unknown`). */
export type MetricType =
  | 'counter'
  | 'gauge'
  | 'histogram'
  | 'gaugehistogram'
  | 'summary'
  | 'info'
  | 'stateset'
  | 'unknown'

/** What a target says of one of its metric families. */
export interface MetricMetadata {
  /** The family's name: for an OpenMetrics counter without `_total`, for text 0.0.4 with it. */
  readonly family: string
  readonly type: MetricType
  readonly help: string
  readonly unit: string
}
