import type { Int64Like } from '../../protos/int64.ts'
import type { KeyValueMessage, ResourceMessage, ScopeMessage } from '../any-value.ts'

/** `opentelemetry.proto.metrics.v1.AggregationTemporality` by number. */
export const TEMPORALITIES = ['UNSPECIFIED', 'DELTA', 'CUMULATIVE'] as const

export interface ExemplarMessage {
  filteredAttributes: KeyValueMessage[]
  timeUnixNano: Int64Like
  value?: 'asDouble' | 'asInt'
  asDouble?: number
  asInt?: Int64Like
  spanId: Uint8Array
  traceId: Uint8Array
}

interface DataPoint {
  attributes: KeyValueMessage[]
  startTimeUnixNano: Int64Like
  timeUnixNano: Int64Like
  flags: number
}

export interface NumberPoint extends DataPoint {
  value?: 'asDouble' | 'asInt'
  asDouble?: number
  asInt?: Int64Like
}

export interface HistogramPoint extends DataPoint {
  count: Int64Like
  sum?: number | null
  bucketCounts: Int64Like[]
  explicitBounds: number[]
  exemplars: ExemplarMessage[]
}

export interface ExponentialPoint extends DataPoint {
  count: Int64Like
  sum?: number | null
  scale: number
  zeroCount: Int64Like
  positive?: { offset: number; bucketCounts: Int64Like[] } | null
  negative?: { offset: number; bucketCounts: Int64Like[] } | null
  exemplars: ExemplarMessage[]
}

export interface SummaryPoint extends DataPoint {
  count: Int64Like
  sum: number
  quantileValues: { quantile: number; value: number }[]
}

export type AnyPoint = NumberPoint | HistogramPoint | ExponentialPoint | SummaryPoint

export interface MetricMessage {
  name: string
  description: string
  unit: string
  data?: 'gauge' | 'sum' | 'histogram' | 'exponentialHistogram' | 'summary'
  gauge?: { dataPoints: NumberPoint[] } | null
  sum?: { dataPoints: NumberPoint[]; aggregationTemporality: number; isMonotonic: boolean } | null
  histogram?: { dataPoints: HistogramPoint[]; aggregationTemporality: number } | null
  exponentialHistogram?: { dataPoints: ExponentialPoint[]; aggregationTemporality: number } | null
  summary?: { dataPoints: SummaryPoint[] } | null
  metadata: KeyValueMessage[]
}

export interface ResourceMetricsMessage {
  resource?: ResourceMessage | null
  scopeMetrics: { scope?: ScopeMessage | null; metrics: MetricMessage[] }[]
}

export interface ExportMetricsServiceRequest {
  resourceMetrics: ResourceMetricsMessage[]
}
