/**
 * The messages of OTLP for metrics and logs in the form of its JSON encoding, with the numbers and types of their
 * fields in protobuf:
 * https://github.com/open-telemetry/opentelemetry-proto/tree/main/opentelemetry/proto.
 */

/** How a field is encoded: 64-bit integers are decimal strings in JSON, ids hexadecimal. */
type Scalar = 'string' | 'double' | 'fixed32' | 'fixed64' | 'varint' | 'int64' | 'sint32' | 'bool' | 'id'

/** The fields of a message by name: their numbers, and their types or messages. */
export interface MessageSchema {
  readonly [name: string]: readonly [field: number, type: Scalar | MessageSchema]
}

const value: MessageSchema = {
  stringValue: [1, 'string'],
  boolValue: [2, 'bool'],
  intValue: [3, 'int64'],
  doubleValue: [4, 'double'],
}
const arrayValue: MessageSchema = { values: [1, value] }
const keyValue: MessageSchema = { key: [1, 'string'], value: [2, { ...value, arrayValue: [5, arrayValue] }] }
/** Resource. */
export const RESOURCE: MessageSchema = { attributes: [1, keyValue] }
/** InstrumentationScope. */
export const SCOPE: MessageSchema = { name: [1, 'string'], version: [2, 'string'] }

const exemplar: MessageSchema = {
  timeUnixNano: [2, 'fixed64'],
  asDouble: [3, 'double'],
  spanId: [4, 'id'],
  traceId: [5, 'id'],
  filteredAttributes: [7, keyValue],
}
const times: MessageSchema = { startTimeUnixNano: [2, 'fixed64'], timeUnixNano: [3, 'fixed64'] }
const numberPoint: MessageSchema = {
  ...times,
  asDouble: [4, 'double'],
  exemplars: [5, exemplar],
  attributes: [7, keyValue],
}
const histogramPoint: MessageSchema = {
  ...times,
  count: [4, 'fixed64'],
  sum: [5, 'double'],
  bucketCounts: [6, 'fixed64'],
  explicitBounds: [7, 'double'],
  exemplars: [8, exemplar],
  attributes: [9, keyValue],
}
const exponentialBuckets: MessageSchema = { offset: [1, 'sint32'], bucketCounts: [2, 'int64'] }
const exponentialPoint: MessageSchema = {
  attributes: [1, keyValue],
  ...times,
  count: [4, 'fixed64'],
  sum: [5, 'double'],
  scale: [6, 'sint32'],
  zeroCount: [7, 'fixed64'],
  positive: [8, exponentialBuckets],
  negative: [9, exponentialBuckets],
  exemplars: [11, exemplar],
  min: [12, 'double'],
  max: [13, 'double'],
}
const summaryPoint: MessageSchema = {
  ...times,
  count: [4, 'fixed64'],
  sum: [5, 'double'],
  quantileValues: [6, { quantile: [1, 'double'], value: [2, 'double'] }],
  attributes: [7, keyValue],
}
const metric: MessageSchema = {
  name: [1, 'string'],
  description: [2, 'string'],
  unit: [3, 'string'],
  gauge: [5, { dataPoints: [1, numberPoint] }],
  sum: [7, { dataPoints: [1, numberPoint], aggregationTemporality: [2, 'varint'], isMonotonic: [3, 'bool'] }],
  histogram: [9, { dataPoints: [1, histogramPoint], aggregationTemporality: [2, 'varint'] }],
  exponentialHistogram: [10, { dataPoints: [1, exponentialPoint], aggregationTemporality: [2, 'varint'] }],
  summary: [11, { dataPoints: [1, summaryPoint] }],
}
const logRecord: MessageSchema = {
  timeUnixNano: [1, 'fixed64'],
  severityNumber: [2, 'varint'],
  severityText: [3, 'string'],
  body: [5, value],
  attributes: [6, keyValue],
  flags: [8, 'fixed32'],
  traceId: [9, 'id'],
  spanId: [10, 'id'],
  observedTimeUnixNano: [11, 'fixed64'],
}

/** ExportMetricsServiceRequest. */
export const METRICS_REQUEST: MessageSchema = {
  resourceMetrics: [1, { resource: [1, RESOURCE], scopeMetrics: [2, { scope: [1, SCOPE], metrics: [2, metric] }] }],
}

/** ExportLogsServiceRequest. */
export const LOGS_REQUEST: MessageSchema = {
  resourceLogs: [1, { resource: [1, RESOURCE], scopeLogs: [2, { scope: [1, SCOPE], logRecords: [2, logRecord] }] }],
}
