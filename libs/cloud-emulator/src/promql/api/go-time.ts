const INT64 = 2 ** 63
/** The earliest and the latest time that Prometheus asks its storage for, in milliseconds since 1970. */
export const EARLIEST_MS = (-INT64 / 1000 + 62_135_596_801) * 1000
export const LATEST_MS = -EARLIEST_MS
/** The longest time between two times that Go knows, in milliseconds. */
const LONGEST_MS = INT64 / 1e6

/** The time of what is infinite or no number comes round to this one: its nanoseconds are out of range, too. */
const NOT_FINITE_COMES_ROUND_MS = Math.floor(-INT64 / 1e6)
const TOO_FAR_MS = -INT64 * 1000
const NOT_FINITE_MS = TOO_FAR_MS + NOT_FINITE_COMES_ROUND_MS

/**
 * A time of so many seconds, in milliseconds since 1970, as Prometheus has it: what is too far away is a time long
 * before all others, and what is infinite or no number is one before that.
 */
export function goTimeMs(seconds: number): number {
  if (!Number.isFinite(seconds)) return NOT_FINITE_MS
  return Math.abs(seconds) < INT64 ? Math.round(seconds * 1000) : TOO_FAR_MS
}

/** The time at which a query is evaluated: one that is very far away comes round, as milliseconds have 64 bits. */
export function evaluationTimeMs(timeMs: number): number {
  if (timeMs === NOT_FINITE_MS) return NOT_FINITE_COMES_ROUND_MS
  return Math.abs(timeMs) < INT64 ? timeMs : Number(BigInt.asIntN(64, BigInt(timeMs)))
}

/** How far a time is from another, in milliseconds. */
export function goDifferenceMs(fromMs: number, toMs: number): number {
  return Math.min(LONGEST_MS, Math.max(-LONGEST_MS, toMs - fromMs))
}
