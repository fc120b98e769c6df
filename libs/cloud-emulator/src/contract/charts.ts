import type { TimeSeriesQuery } from './dashboard.ts'
import type { Labels, MetricKind, ValueType } from './metrics.ts'
import type { ErrorBody } from './status.ts'

/** The body of `POST /api/query`. Times are epoch milliseconds or RFC 3339. */
export interface ChartRequest {
  /** Default: the emulator's own project. */
  readonly project?: string
  readonly startTime: number | string
  /** Default: now. */
  readonly endTime?: number | string
  readonly queries: readonly ChartQuery[]
}

/** One query of `POST /api/query`. */
export interface ChartQuery {
  readonly timeSeriesQuery: TimeSeriesQuery
  /** Adds the alignment period that has not ended yet. */
  readonly partial?: boolean
  readonly exemplars?: boolean
  /**
   * `auto`: an alignment period of 60 s is shortened to the interval of the data, which may be shorter than Cloud
   * Monitoring allows.
   */
  readonly alignment?: 'auto'
  /** With `auto`: the shortest period. */
  readonly finestSeconds?: number
  readonly maxSeries?: number
  readonly maxPoints?: number
  /** These override the times of the request. */
  readonly startTime?: number | string
  readonly endTime?: number | string
}

/** The response of `POST /api/query`: one result for each query, in their order. */
export interface ChartResponse {
  readonly nowMs: number
  readonly results: readonly QueryResult[]
}

/** The result of one query: its series, or why it failed. */
export type QueryResult = QueryAnswer | QueryFailure

export type QueryFailure = ErrorBody & { readonly [Name in Exclude<keyof QueryAnswer, 'error'>]?: undefined }

/** A query's series and their metadata. */
export interface QueryAnswer {
  readonly error?: undefined
  readonly metricKind: MetricKind
  readonly valueType: ValueType
  readonly unit: string
  /** 0 if the points are not aligned. */
  readonly alignmentPeriodSeconds: number
  /** The number of series before `maxSeries` was applied. */
  readonly totalSeries: number
  readonly series: readonly QuerySeries[]
}

/** One time series as columns, oldest point first: `values`, or `distributions` and `bounds`. */
export interface QuerySeries {
  readonly metricType: string
  readonly metricLabels: Labels
  readonly resourceType: string
  readonly resourceLabels: Labels
  readonly timesMs: readonly number[]
  readonly values?: readonly (number | boolean | string | null)[]
  readonly distributions?: readonly DistributionPoint[]
  /** The upper bounds of all buckets but the last, which is unbounded. */
  readonly bounds?: readonly number[]
  readonly exemplars?: readonly Exemplar[]
  /** Index of the first point whose alignment period has not ended yet. */
  readonly partialFrom?: number
}

/** One distribution point: `counts[i]` is the number of values in bucket `i`. */
export interface DistributionPoint {
  readonly count: number
  readonly mean: number
  readonly counts: readonly number[]
}

/** A single value of a distribution, with the trace that it belongs to. */
export interface Exemplar {
  readonly timeMs: number
  readonly value: number
  readonly traceId?: string
  readonly spanId?: string
  readonly labels: Labels
}
