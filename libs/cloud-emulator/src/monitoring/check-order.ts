import type { Interval } from './check-interval.ts'
import type { MetricKind } from './messages.ts'
import { WRITE_LIMITS } from './write-limits.ts'

export interface OrderProblem {
  readonly reason: 'order' | 'rate'
  readonly message: string
}

const OLDER = (time: 'start' | 'end'): OrderProblem => ({
  reason: 'order',
  message: `Points must be written in order. One or more of the points specified had an older ${time} time than the most recent point.`,
})

/**
 * How a point stands to the newest one of its series: points come in order and at least 5 s apart; a cumulative
 * metric keeps its start, or begins anew at least 1 ms after the last end.
 */
export function checkOrder(next: Interval, last: Interval, metricKind: MetricKind): OrderProblem | undefined {
  if (metricKind === 'CUMULATIVE' && next.startMicros !== last.startMicros) {
    if (next.startMicros < last.endMicros + WRITE_LIMITS.minGapMicros) return OLDER('start')
  } else if (next.endMicros < last.endMicros + WRITE_LIMITS.minGapMicros) {
    return OLDER('end')
  }
  if (next.endMicros - last.endMicros < WRITE_LIMITS.minPeriodMicros) {
    return {
      reason: 'rate',
      message:
        'One or more points were written more frequently than the maximum sampling period configured for the metric.',
    }
  }
  return undefined
}
