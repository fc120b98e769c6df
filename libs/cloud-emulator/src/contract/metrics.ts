export type MetricKind = 'GAUGE' | 'DELTA' | 'CUMULATIVE'

export type ValueType = 'BOOL' | 'INT64' | 'DOUBLE' | 'STRING' | 'DISTRIBUTION' | 'MONEY'

/** The labels of a metric or a monitored resource. */
export type Labels = Readonly<Record<string, string>>

/** One metric type in the response of `GET /api/metrics`. */
export interface MetricSummary {
  readonly type: string
  readonly metricKind: MetricKind
  readonly valueType: ValueType
  /** The metric's own unit, or the one in its name. */
  readonly unit: string
  readonly displayName: string
  readonly description: string
  readonly labelKeys: readonly string[]
  readonly resourceTypes: readonly string[]
  readonly series: number
  readonly points: number
  readonly pointsPerSecond: number
  readonly lastPointMs: number | null
  /** The newest point's value; a number that JSON lacks, such as NaN, is a string. */
  readonly lastValue: number | boolean | string | { readonly count: number; readonly mean: number } | null
}

/** `GET /api/metrics`. */
export interface MetricList {
  readonly metrics: readonly MetricSummary[]
}

/** The values that each label has. */
export type ValuesByLabel = Readonly<Record<string, readonly string[]>>

/** `GET /api/labels`. */
export interface LabelValues {
  readonly metricLabels: ValuesByLabel
  readonly resourceTypes: readonly string[]
  readonly resourceLabels: ValuesByLabel
}
