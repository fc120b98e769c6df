import type { MetricKind } from '../../contract/metrics.ts'
import { WRITE_LIMITS } from '../model/write-limits.ts'
import type { Interval } from './check-interval.ts'

export interface OrderProblem {
  readonly reason: 'order' | 'rate'
  readonly message: string
}

/** The times of a series' newest point; undefined if it has no points. */
export interface NewestPoint {
  readonly lastStartMicros: number | undefined
  readonly lastEndMicros: number | undefined
}

const OLDER = (time: 'start' | 'end'): OrderProblem => ({
  reason: 'order',
  message: `Points must be written in order. One or more of the points specified had an older ${time} time than the most recent point.`,
})

/**
 * Validates a point against the newest one of its series: points must be in order and at least the sampling period
 * apart; a cumulative metric must keep its start time, or reset it to at least 1 ms after the last end time.
 */
export function checkOrder(
  next: Interval,
  { lastStartMicros, lastEndMicros }: NewestPoint,
  metricKind: MetricKind,
  samplingPeriodMicros: number,
): OrderProblem | undefined {
  if (lastStartMicros === undefined || lastEndMicros === undefined) return undefined
  const earliest = lastEndMicros + WRITE_LIMITS.minGapMicros
  if (metricKind === 'CUMULATIVE' && next.startMicros !== lastStartMicros) {
    if (next.startMicros < earliest) return OLDER('start')
  } else if (metricKind === 'DELTA' && next.startMicros < lastEndMicros) {
    return OLDER('start')
  } else if (next.endMicros < earliest) {
    return OLDER('end')
  }
  if (next.endMicros - lastEndMicros >= samplingPeriodMicros) return undefined
  return {
    reason: 'rate',
    message:
      'One or more points were written more frequently than the maximum sampling period configured for the metric.',
  }
}
