/**
 * The time in Unix milliseconds by a monotonic clock: set from the system clock when the process starts, and not
 * adjusted with it afterwards.
 */
export function monotonicNowMs(): number {
  return performance.timeOrigin + performance.now()
}
