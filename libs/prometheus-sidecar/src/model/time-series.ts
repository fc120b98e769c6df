export type MetricKind = 'GAUGE' | 'CUMULATIVE'
export type ValueType = 'DOUBLE' | 'INT64' | 'DISTRIBUTION'

/** What is the same for every point of one Cloud Monitoring time series. */
export interface TimeSeriesIdentity {
  /** Metric type with its prefix, such as `external.googleapis.com/prometheus/up`. */
  readonly metricType: string
  readonly metricLabels: ReadonlyMap<string, string>
  readonly resourceType: string
  readonly resourceLabels: ReadonlyMap<string, string>
  readonly metricKind: MetricKind
  readonly valueType: ValueType
}

/** One converted point. */
export interface Point {
  /** Start of the interval in Unix milliseconds; undefined for a gauge. */
  readonly startMs: number | undefined
  readonly endMs: number
  readonly value: number | Distribution
}

/** `google.api.Distribution` with explicit buckets: counts not cumulated, the overflow bucket last. */
export interface Distribution {
  readonly count: number
  readonly mean: number
  readonly sumOfSquaredDeviation: number
  /** Finite upper bounds, rising. */
  readonly bounds: readonly number[]
  readonly bucketCounts: readonly number[]
  readonly exemplars: readonly DistributionExemplar[]
}

/** An example of a value that was counted; the attachment leads to the span it was measured in. */
export interface DistributionExemplar {
  readonly value: number
  readonly timestampMs: number
  /** `projects/P/traces/T/spans/S`, where the exemplar's labels name both. */
  readonly spanName: string | undefined
  /** The exemplar's other labels. */
  readonly labels: ReadonlyMap<string, string>
}
