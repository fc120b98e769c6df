/** A metric or span refusal's and a series' labels. */
export type Labels = Readonly<Record<string, string>>

/** `GET /api/summary`. */
export interface Summary {
  readonly project: string
  readonly projects: readonly string[]
  readonly nowMs: number
  readonly startedMs: number
  readonly retentionSeconds: number
  readonly metricTypes: number
  readonly series: number
  readonly points: number
  readonly spans: number
  readonly traces: number
  readonly dashboards: number
  readonly pointsAccepted: number
  readonly pointsRefused: number
  readonly spansAccepted: number
  readonly spansRefused: number
  readonly pointsPerSecond: number
  readonly faults: readonly unknown[]
  readonly endpoints: { readonly http: string; readonly grpc: string; readonly grpcTls?: string | null }
}

/** One entry of `GET /api/metrics`. */
export interface MetricSummary {
  readonly type: string
  readonly metricKind: string
  readonly valueType: string
  readonly unit: string
  readonly displayName: string
  readonly description: string
  readonly labelKeys: readonly string[]
  readonly resourceTypes: readonly string[]
  readonly series: number
  readonly points: number
  readonly pointsPerSecond: number
  readonly lastPointMs: number | null
  readonly lastValue?: number | boolean | string | { readonly count: number; readonly mean: number } | null
}

/** `GET /api/labels`: the values that exist. */
export interface LabelValues {
  readonly metricLabels: Readonly<Record<string, readonly string[]>>
  readonly resourceTypes: readonly string[]
  readonly resourceLabels: Readonly<Record<string, readonly string[]>>
}

/** One distribution point: `counts[i]` is the number of values in bucket `i`. */
export interface DistributionPoint {
  readonly count: number
  readonly mean: number
  readonly counts: readonly number[]
}

/** A value with the trace that it belongs to. */
export interface Exemplar {
  readonly timeMs: number
  readonly value: number
  readonly traceId?: string
  readonly spanId?: string
  readonly labels?: Labels
}

/** One time series of a query's answer, oldest point first. */
export interface QuerySeries {
  readonly metricType?: string
  readonly metricLabels?: Labels
  readonly resourceType?: string
  readonly resourceLabels?: Labels
  readonly timesMs: readonly number[]
  readonly values?: readonly (number | boolean | string | null)[]
  readonly distributions?: readonly (DistributionPoint | null)[]
  readonly bounds?: readonly number[]
  readonly exemplars?: readonly Exemplar[]
  /** Index of the first point whose alignment period is not over yet. */
  readonly partialFrom?: number
}

/** Google's error form. */
export interface ErrorStatus {
  readonly code: number
  readonly status: string
  readonly message: string
}

/** The answer to one query of `POST /api/query`. */
export interface QueryResult {
  readonly metricKind?: string
  readonly valueType?: string
  readonly unit?: string
  readonly alignmentPeriodSeconds?: number
  readonly totalSeries?: number
  readonly series?: readonly QuerySeries[]
  readonly error?: ErrorStatus
}

/** One query of `POST /api/query`. */
export interface ChartQuery {
  readonly timeSeriesQuery: TimeSeriesQuery
  readonly partial?: boolean
  readonly exemplars?: boolean
  readonly maxSeries?: number
  /** Go before the interval of the request, in epoch milliseconds. */
  readonly startTime?: number
  readonly endTime?: number
}

/** `google.monitoring.dashboard.v1.Aggregation`, in JSON. */
export interface Aggregation {
  readonly alignmentPeriod?: string
  readonly perSeriesAligner?: string
  readonly crossSeriesReducer?: string
  readonly groupByFields?: readonly string[]
}

/** One half of a ratio. */
export interface RatioPart {
  readonly filter: string
  readonly aggregation?: Aggregation
}

/** `google.monitoring.dashboard.v1.TimeSeriesQuery`, in JSON. */
export interface TimeSeriesQuery {
  readonly timeSeriesFilter?: RatioPart & {
    readonly secondaryAggregation?: Aggregation
    readonly pickTimeSeriesFilter?: unknown
  }
  readonly timeSeriesFilterRatio?: {
    readonly numerator?: RatioPart
    readonly denominator?: RatioPart
    readonly secondaryAggregation?: Aggregation
    readonly pickTimeSeriesFilter?: unknown
  }
  readonly timeSeriesQueryLanguage?: string
  readonly prometheusQuery?: string
  readonly unitOverride?: string
}

/** One entry of `GET /api/refusals`. */
export interface Refusal {
  readonly id: number
  readonly timeMs: number
  readonly code: number
  readonly status: string
  readonly reason: string
  readonly message: string
  readonly metricType?: string
  readonly metricLabels?: Labels
  readonly resourceType?: string
  readonly resourceLabels?: Labels
  readonly metricKind?: string
  readonly valueType?: string
  readonly point?: unknown
  readonly points?: number
  readonly span?: string
}

/** `GET /api/refusals`. */
export interface Refusals {
  readonly refusals: readonly Refusal[]
  readonly byReason: readonly {
    readonly reason: string
    readonly code: number
    readonly status: string
    readonly points: number
    readonly lastMs: number
  }[]
  readonly total: number
}

/** One entry of `GET /api/traces`. */
export interface TraceSummary {
  readonly traceId: string
  readonly rootName: string
  readonly rootService: string
  readonly services: readonly string[]
  readonly startMs: number
  readonly durationMs: number
  readonly spans: number
  readonly errors: number
}

/** `GET /api/traces`. */
export interface TraceList {
  readonly traces: readonly TraceSummary[]
  readonly services: readonly string[]
  readonly names: readonly string[]
  readonly total: number
}

/** An attribute's value. */
export type AttributeValue = string | number | boolean | null | readonly unknown[]

/** One span of a trace. */
export interface Span {
  readonly spanId: string
  readonly parentSpanId?: string | null
  readonly name: string
  readonly service: string
  readonly kind: string
  readonly startMs: number
  readonly durationMs: number
  readonly status?: { readonly code: number | string; readonly message?: string } | null
  readonly attributes: Readonly<Record<string, AttributeValue>>
  readonly events?: readonly {
    readonly timeMs: number
    readonly name: string
    readonly attributes?: Readonly<Record<string, AttributeValue>>
  }[]
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[]
  readonly resource?: Readonly<Record<string, AttributeValue>>
}

/** `GET /api/traces/ID`. */
export interface Trace {
  readonly traceId: string
  readonly startMs: number
  readonly durationMs: number
  readonly spans: readonly Span[]
}

/** The data of a `change` event of `GET /api/events`. */
export interface ChangeEvent {
  readonly seq: number
  readonly metricTypes: readonly string[]
  readonly spans: number
  readonly refusals: number
  readonly dashboards: number
}
