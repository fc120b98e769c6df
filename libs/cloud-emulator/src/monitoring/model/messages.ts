import type { Labels } from '../../contract/metrics.ts'
import type { Int64Like } from '../../protos/int64.ts'
import { messageCodec } from '../../protos/registry.ts'
import type { TimestampMessage } from '../../protos/timestamp.ts'

/** `google.api.MetricDescriptor.MetricKind` by number. */
export const METRIC_KINDS = ['METRIC_KIND_UNSPECIFIED', 'GAUGE', 'DELTA', 'CUMULATIVE'] as const

/** `google.api.MetricDescriptor.ValueType` by number. */
export const VALUE_TYPES = [
  'VALUE_TYPE_UNSPECIFIED',
  'BOOL',
  'INT64',
  'DOUBLE',
  'STRING',
  'DISTRIBUTION',
  'MONEY',
] as const

/** `google.api.LabelDescriptor.ValueType` by number. */
export const LABEL_VALUE_TYPES = ['STRING', 'BOOL', 'INT64'] as const

/** The value of a label, even if its key is a property of every object, such as `constructor`. */
export function labelValue(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined
}

export interface MetricMessage {
  type: string
  labels: Labels
}

export interface LinearBucketsMessage {
  numFiniteBuckets: number
  width: number
  offset: number
}

export interface ExponentialBucketsMessage {
  numFiniteBuckets: number
  growthFactor: number
  scale: number
}

export interface ExplicitBucketsMessage {
  bounds: number[]
}

export interface BucketOptionsMessage {
  options?: 'linearBuckets' | 'exponentialBuckets' | 'explicitBuckets'
  linearBuckets?: LinearBucketsMessage | null
  exponentialBuckets?: ExponentialBucketsMessage | null
  explicitBuckets?: ExplicitBucketsMessage | null
}

export interface AnyMessage {
  type_url: string
  value: Uint8Array
}

export interface ExemplarMessage {
  value: number
  timestamp?: TimestampMessage | null
  attachments?: AnyMessage[]
}

export interface DistributionMessage {
  count: Int64Like
  mean: number
  sumOfSquaredDeviation: number
  range?: { min: number; max: number } | null
  bucketOptions?: BucketOptionsMessage | null
  bucketCounts: Int64Like[]
  exemplars?: ExemplarMessage[]
}

export type TypedValueMember = 'boolValue' | 'int64Value' | 'doubleValue' | 'stringValue' | 'distributionValue'

export interface TypedValueMessage {
  value?: TypedValueMember
  boolValue?: boolean
  int64Value?: Int64Like
  doubleValue?: number
  stringValue?: string
  distributionValue?: DistributionMessage | null
}

export interface TimeIntervalMessage {
  startTime?: TimestampMessage | null
  endTime?: TimestampMessage | null
}

export interface PointMessage {
  interval?: TimeIntervalMessage | null
  value?: TypedValueMessage | null
}

export interface TimeSeriesMessage {
  metric?: MetricMessage | null
  resource?: MetricMessage | null
  metricKind: number
  valueType: number
  points: PointMessage[]
  unit?: string
  description?: string
}

export interface CreateTimeSeriesRequest {
  name: string
  timeSeries: TimeSeriesMessage[]
}

export interface LabelDescriptorMessage {
  key: string
  valueType: number
  description: string
}

export interface MetricDescriptorMessage {
  name: string
  type: string
  labels: LabelDescriptorMessage[]
  metricKind: number
  valueType: number
  unit: string
  description: string
  displayName: string
  metadata?: object | null
  launchStage?: number
  monitoredResourceTypes?: string[]
}

export interface CreateTimeSeriesSummaryMessage {
  totalPointCount: number
  successPointCount: number
  errors: { status: { code: number; message: string }; pointCount: number }[]
}

export const CREATE_TIME_SERIES_SUMMARY = 'google.monitoring.v3.CreateTimeSeriesSummary'

export const createTimeSeriesRequestCodec = messageCodec<CreateTimeSeriesRequest>(
  'google.monitoring.v3.CreateTimeSeriesRequest',
)
