/**
 * The metric types of Prometheus and OpenMetrics, in the order of their numbers in remote_write
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
/** One of {@link METRIC_TYPES}. */
export type MetricType = (typeof METRIC_TYPES)[number]

/** What a target reports about one of its metric families. */
export interface MetricMetadata {
  /** Without `_total` for a counter in OpenMetrics, with it in the text format 0.0.4. */
  readonly family: string
  readonly type: MetricType
  readonly help: string
  readonly unit: string
}

/** The metric type of a name; `untyped` is read as `unknown`. Undefined if there is no such type. */
export function parseMetricType(name: string): MetricType | undefined {
  return name === 'untyped' ? 'unknown' : METRIC_TYPES.find((type) => type === name)
}
