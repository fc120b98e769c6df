/**
 * The time in Unix milliseconds by a monotonic clock: set by the system clock at the start of the process, and not
 * adjusted with it afterwards.
 */
export function monotonicNowMs(): number {
  return performance.timeOrigin + performance.now()
}
