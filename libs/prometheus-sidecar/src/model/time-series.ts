/** The kinds of Cloud Monitoring metrics that are written. */
export type MetricKind = 'GAUGE' | 'CUMULATIVE'
/** The value types of Cloud Monitoring metrics that are written. */
export type ValueType = 'DOUBLE' | 'INT64' | 'DISTRIBUTION'

/** Shared by all points of one Cloud Monitoring time series. */
export interface TimeSeriesIdentity {
  /** With its prefix, such as `external.googleapis.com/prometheus/up`. */
  readonly metricType: string
  readonly metricLabels: ReadonlyMap<string, string>
  readonly resourceType: string
  readonly resourceLabels: ReadonlyMap<string, string>
  readonly metricKind: MetricKind
  readonly valueType: ValueType
}

/** A point of a Cloud Monitoring time series. */
export interface Point {
  /** Start of the interval in Unix milliseconds; undefined or NaN for a gauge. */
  readonly startMs: number | undefined
  readonly endMs: number
  readonly value: number | Distribution
}

/** `google.api.Distribution`: counts are not cumulative, the overflow bucket is the last. */
export interface Distribution {
  readonly count: number
  readonly mean: number
  readonly sumOfSquaredDeviation: number
  /** Finite upper bounds in ascending order; empty for exponential buckets. */
  readonly bounds: readonly number[]
  /** Instead of bounds: bucket `i` ends at `scale * growthFactor ** i`, from 0, the underflow, to `finiteBuckets`. */
  readonly exponential?: { readonly finiteBuckets: number; readonly growthFactor: number; readonly scale: number }
  readonly bucketCounts: readonly number[]
  readonly exemplars: readonly DistributionExemplar[]
}

/** An example of a counted value. */
export interface DistributionExemplar {
  readonly value: number
  readonly timestampMs: number
  /** `projects/P/traces/T/spans/S`, if the exemplar's labels identify a trace and a span. */
  readonly spanName: string | undefined
  /** The exemplar's other labels. */
  readonly labels: ReadonlyMap<string, string>
}
