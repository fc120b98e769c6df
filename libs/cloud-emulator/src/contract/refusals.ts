import type { Labels } from './metrics.ts'
import type { StatusName } from './status.ts'

/** A rejected point or span, and the response. */
export interface Refusal {
  readonly id: number
  readonly timeMs: number
  /** Empty if the request had no valid project; such a rejection is listed in every project. */
  readonly project: string
  /** A fixed word for metrics and grouping, such as `order` or `value_type`. */
  readonly reason: string
  readonly status: StatusName
  /** The number of `status`. */
  readonly code: number
  readonly message: string
  /** The number of points or spans that this entry represents. */
  readonly points: number
  readonly metricType?: string
  readonly metricLabels?: Labels
  readonly resourceType?: string
  readonly resourceLabels?: Labels
  readonly metricKind?: string
  readonly valueType?: string
  readonly point?: RefusedPoint
  /** The name of a rejected span. */
  readonly span?: string
  /** What was rejected, if it is neither a point nor a span. */
  readonly subject?: string
}

export interface RefusedPoint {
  readonly startMs: number | null
  readonly endMs: number | null
  /** A 64-bit integer is a string of digits. */
  readonly value: number | boolean | string | { readonly count: number; readonly mean: number }
}

/** All rejections of a project with the same reason and status. */
export interface RefusalCount {
  readonly reason: string
  readonly status: StatusName
  readonly code: number
  readonly points: number
  readonly lastMs: number
}

/** `GET /api/refusals`. */
export interface RefusalList {
  readonly refusals: readonly Refusal[]
  readonly byReason: readonly RefusalCount[]
  readonly total: number
}
