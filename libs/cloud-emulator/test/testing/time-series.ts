import { type CreateTimeSeriesRequest, createTimeSeriesRequestCodec } from '../../src/monitoring/model/messages.ts'
import { fromJson } from '../../src/protos/proto-json.ts'

/** 2026-01-02T03:04:00Z, the start time of tests. */
export const START_SECONDS = 1_767_323_040

/** A point of a series; times are seconds after `START_SECONDS`. */
export interface TestSeries {
  readonly type?: string
  readonly labels?: Record<string, string>
  readonly resource?: { readonly type: string; readonly labels?: Record<string, string> }
  readonly kind?: 'GAUGE' | 'CUMULATIVE' | 'DELTA' | undefined
  readonly valueType?: string
  readonly start?: number
  readonly end?: number
  readonly value?: object
  readonly unit?: string
}

export const TEST_TYPE = 'external.googleapis.com/prometheus/test'

/** A series in the JSON of CreateTimeSeries: a gauge of 1.5 on the resource `global`, with overrides. */
export function seriesJson(series: TestSeries = {}): Record<string, unknown> {
  const {
    type = TEST_TYPE,
    labels = {},
    resource = { type: 'global' },
    kind = 'GAUGE',
    end = 0,
    start,
    value = { doubleValue: 1.5 },
  } = series
  return {
    metric: { type, labels },
    resource,
    metricKind: kind,
    ...(series.valueType === undefined ? {} : { valueType: series.valueType }),
    ...(series.unit === undefined ? {} : { unit: series.unit }),
    points: [
      { interval: { ...(start === undefined ? {} : { startTime: timestamp(start) }), endTime: timestamp(end) }, value },
    ],
  }
}

/** RFC 3339 of a time in seconds after `START_SECONDS`. */
export function timestamp(seconds: number): string {
  return new Date((START_SECONDS + seconds) * 1000).toISOString()
}

/** A request as the codec decodes it. */
export function writeRequest(
  series: readonly Record<string, unknown>[],
  project = 'demo-project',
): CreateTimeSeriesRequest {
  const { type, decode } = createTimeSeriesRequestCodec
  return decode(type.encode(fromJson(type, { name: `projects/${project}`, timeSeries: series }, '')).finish())
}

/** The JSON of a distribution with explicit buckets; count and mean match the bucket counts unless given. */
export function distributionJson(
  bounds: readonly number[],
  counts: readonly number[],
  changes: Record<string, unknown> = {},
): object {
  const count = counts.reduce((sum, one) => sum + one, 0)
  return {
    distributionValue: {
      count: String(count),
      mean: count === 0 ? 0 : 1,
      sumOfSquaredDeviation: 0,
      bucketOptions: { explicitBuckets: { bounds } },
      bucketCounts: counts.map(String),
      ...changes,
    },
  }
}

/** A counter of requests by status that started a minute before `START_SECONDS`. */
export function counter(status: string, value: number): TestSeries {
  return { kind: 'CUMULATIVE', start: -60, labels: { status }, value: { int64Value: String(value) } }
}
