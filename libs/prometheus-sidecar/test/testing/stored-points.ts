import { protos } from '@google-cloud/monitoring'

const { CreateTimeSeriesRequest } = protos.google.monitoring.v3

/** A point as Cloud Monitoring stored it, in the form of the golden files; times in milliseconds. */
export interface StoredPoint {
  readonly type: string
  readonly labels: Readonly<Record<string, string>>
  readonly resource: { readonly type: string; readonly labels: Readonly<Record<string, string>> }
  readonly metricKind: string
  readonly valueType: string
  /** Undefined for gauges. */
  readonly startMs: number | undefined
  readonly endMs: number
  readonly value: number | StoredDistribution
}

export interface StoredDistribution {
  readonly count: number
  readonly mean: number
  readonly sumOfSquaredDeviation: number
  readonly bounds: readonly number[]
  /** Without empty buckets at the end. */
  readonly bucketCounts: readonly number[]
}

/** Removes trailing empty buckets, which may be omitted. */
export function trimZeros(counts: readonly number[]): number[] {
  return counts.slice(0, counts.findLastIndex((count) => count !== 0) + 1)
}

/** Reads a `CreateTimeSeriesRequest` with Google's own message definitions. */
export function readRequest(bytes: Buffer): StoredPoint[] {
  const request = CreateTimeSeriesRequest.toObject(CreateTimeSeriesRequest.decode(bytes), {
    longs: Number,
    enums: String,
  }) as PlainRequest
  return (request.timeSeries ?? []).flatMap((series) => (series.points ?? []).map((point) => plainPoint(series, point)))
}

interface PlainTime {
  readonly seconds?: number
  readonly nanos?: number
}

interface PlainPoint {
  readonly interval: { readonly startTime?: PlainTime; readonly endTime: PlainTime }
  readonly value: {
    readonly doubleValue?: number
    readonly int64Value?: number
    readonly distributionValue?: {
      readonly count?: number
      readonly mean?: number
      readonly sumOfSquaredDeviation?: number
      readonly bucketOptions?: { readonly explicitBuckets?: { readonly bounds?: number[] } }
      readonly bucketCounts?: number[]
    }
  }
}

interface PlainSeries {
  readonly metric: { readonly type: string; readonly labels?: Record<string, string> }
  readonly resource: { readonly type: string; readonly labels?: Record<string, string> }
  readonly metricKind: string
  readonly valueType: string
  readonly points?: PlainPoint[]
}

interface PlainRequest {
  readonly timeSeries?: PlainSeries[]
}

function plainPoint(series: PlainSeries, { interval, value }: PlainPoint): StoredPoint {
  const distribution = value.distributionValue
  return {
    type: series.metric.type,
    labels: series.metric.labels ?? {},
    resource: { type: series.resource.type, labels: series.resource.labels ?? {} },
    metricKind: series.metricKind,
    valueType: series.valueType,
    startMs: series.metricKind === 'GAUGE' || interval.startTime === undefined ? undefined : timeMs(interval.startTime),
    endMs: timeMs(interval.endTime),
    value:
      distribution === undefined
        ? (value.doubleValue ?? value.int64Value ?? 0)
        : {
            count: distribution.count ?? 0,
            mean: distribution.mean ?? 0,
            sumOfSquaredDeviation: distribution.sumOfSquaredDeviation ?? 0,
            bounds: distribution.bucketOptions?.explicitBuckets?.bounds ?? [],
            bucketCounts: trimZeros(distribution.bucketCounts ?? []),
          },
  }
}

function timeMs({ seconds = 0, nanos = 0 }: PlainTime): number {
  return seconds * 1000 + Math.round(nanos / 1_000_000)
}
