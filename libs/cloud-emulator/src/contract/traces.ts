/** An attribute's value. Arrays and maps are stored as their JSON. */
export type AttributeValue = string | number | boolean

export type Attributes = Readonly<Record<string, AttributeValue>>

/** The parameters of `GET /api/traces`. */
export interface TraceListParameters {
  /** Epoch milliseconds or RFC 3339. */
  readonly start?: number | string
  readonly end?: number | string
  readonly service?: string
  readonly name?: string
  /** `ok` or `error`. */
  readonly status?: string
  readonly minDurationMs?: number
  readonly maxDurationMs?: number
  /** `KEY`, or `KEY=VALUE`: of a span or its resource. */
  readonly attribute?: string
  /** `newest`, the default, `oldest`, `slowest` or `fastest`. */
  readonly sort?: string
  readonly limit?: number
  /** The number of traces to plot; 0, the default, for none. */
  readonly plot?: number
  /** `true` omits traces that are still arriving, but counts them. */
  readonly settled?: string
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
  /** From the HTTP request that started it, if there was one. */
  readonly path?: string
  readonly statusCode?: number
  /** The parent of a span is missing: it has not arrived yet, was not sampled, or is not sent here. */
  readonly incomplete?: boolean
}

/** A trace as a point in the plot. */
export interface TracePoint {
  readonly traceId: string
  readonly name: string
  readonly startMs: number
  readonly durationMs: number
  readonly failed: boolean
}

/** The traces to plot, oldest first: an even sample with the slowest and the failed ones. */
export interface TracePlot {
  readonly points: readonly TracePoint[]
  /** The number of failed traces, in total and among the points. */
  readonly failed: number
  readonly failedShown: number
}

/** `GET /api/traces`. `services` and `names` are those of all traces in the interval. */
export interface TraceList {
  readonly traces: readonly TraceSummary[]
  readonly services: readonly string[]
  readonly names: readonly string[]
  readonly total: number
  /** The number of omitted traces, which are still arriving. */
  readonly arriving?: number
  readonly plot?: TracePlot
}

/** One span of a trace. */
export interface Span {
  readonly spanId: string
  /** Empty for a span without a parent. */
  readonly parentSpanId: string
  readonly name: string
  readonly service: string
  readonly kind: string
  readonly startMs: number
  readonly durationMs: number
  /** A google.rpc.Code; 0 if unset or OK. */
  readonly status: { readonly code: number; readonly message: string }
  readonly attributes: Attributes
  readonly events: readonly SpanEvent[]
  readonly links: readonly SpanLink[]
  readonly resource: Attributes
}

export interface SpanEvent {
  readonly timeMs: number
  readonly name: string
  readonly attributes: Attributes
}

export interface SpanLink {
  readonly traceId: string
  readonly spanId: string
  readonly attributes: Attributes
}

/** `GET /api/traces/ID`: a trace's spans by start time. */
export interface Trace {
  readonly traceId: string
  readonly startMs: number
  readonly durationMs: number
  readonly spans: readonly Span[]
}

/** How often something was called, how often it failed, and how long it took on average. */
interface CallFigures {
  readonly calls: number
  readonly errors: number
  readonly meanMs: number
}

export interface ServiceNode extends CallFigures {
  readonly name: string
  /** False for a peer that services call but that sends no spans, such as a database. */
  readonly isService: boolean
}

export interface ServiceLink extends CallFigures {
  readonly from: string
  readonly to: string
}

/** `GET /api/service-map`: which services call each other. */
export interface ServiceMap {
  readonly services: readonly ServiceNode[]
  readonly links: readonly ServiceLink[]
}
