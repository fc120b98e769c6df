/** The time in Unix milliseconds by a clock that only rises: right at the start, and not set back or forth afterwards as the machine's may be. */
export function risingClock(): number {
  return performance.timeOrigin + performance.now()
}
