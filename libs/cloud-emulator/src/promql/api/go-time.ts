const INT64 = 2 ** 63
/** The earliest and the latest time that Prometheus queries in its storage, in milliseconds since 1970. */
export const EARLIEST_MS = (-INT64 / 1000 + 62_135_596_801) * 1000
export const LATEST_MS = -EARLIEST_MS
/** Go's longest duration, in milliseconds. */
const MAX_MS = INT64 / 1e6

/** Infinite or NaN times wrap around to this one: their nanoseconds overflow too. */
const NOT_FINITE_WRAPPED_MS = Math.floor(-INT64 / 1e6)
const OUT_OF_RANGE_MS = -INT64 * 1000
const NOT_FINITE_MS = OUT_OF_RANGE_MS + NOT_FINITE_WRAPPED_MS

/**
 * Converts seconds to a time in milliseconds since 1970 as Prometheus does: an out-of-range time becomes one long
 * before all others, and infinity or NaN one before that.
 */
export function goTimeMs(seconds: number): number {
  if (!Number.isFinite(seconds)) return NOT_FINITE_MS
  return Math.abs(seconds) < INT64 ? Math.round(seconds * 1000) : OUT_OF_RANGE_MS
}

/** The time at which a query is evaluated: a very distant one wraps around, since milliseconds have 64 bits. */
export function evaluationTimeMs(timeMs: number): number {
  if (timeMs === NOT_FINITE_MS) return NOT_FINITE_WRAPPED_MS
  return Math.abs(timeMs) < INT64 ? timeMs : Number(BigInt.asIntN(64, BigInt(timeMs)))
}

/** The difference between two times in milliseconds. */
export function goDifferenceMs(fromMs: number, toMs: number): number {
  return Math.min(MAX_MS, Math.max(-MAX_MS, toMs - fromMs))
}
