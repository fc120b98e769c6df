import type { Labels } from './metrics.ts'
import type { StatusName } from './status.ts'

/** A refused point or span: what was refused, and what the answer said. */
export interface Refusal {
  readonly id: number
  readonly timeMs: number
  /** Empty if the request named no valid project; such a refusal is listed in every project. */
  readonly project: string
  /** A fixed word for metrics and grouping, such as `order` or `value_type`. */
  readonly reason: string
  readonly status: StatusName
  /** The number of `status`. */
  readonly code: number
  readonly message: string
  /** The number of points or spans that this refusal stands for. */
  readonly points: number
  readonly metricType?: string
  readonly metricLabels?: Labels
  readonly resourceType?: string
  readonly resourceLabels?: Labels
  readonly metricKind?: string
  readonly valueType?: string
  readonly point?: RefusedPoint
  /** The name of a refused span. */
  readonly span?: string
  /** What was refused, if it is neither a point nor a span. */
  readonly subject?: string
}

export interface RefusedPoint {
  readonly startMs: number | null
  readonly endMs: number | null
  /** A 64-bit integer is a string of digits. */
  readonly value: number | boolean | string | { readonly count: number; readonly mean: number }
}

/** All refusals of a project that share a reason and a status. */
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
