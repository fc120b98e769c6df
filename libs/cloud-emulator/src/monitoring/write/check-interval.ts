import { fieldMessage } from '../../api/rpc-error.ts'
import type { MetricKind } from '../../contract/metrics.ts'
import { microsToRfc3339, type TimestampMessage, timestampToMicros } from '../../protos/timestamp.ts'
import type { TimeIntervalMessage } from '../model/messages.ts'
import { WRITE_LIMITS } from '../model/write-limits.ts'

export interface Interval {
  readonly startMicros: number
  readonly endMicros: number
}

const MAX_SECONDS = 253_402_300_799

/**
 * The interval of a written point, or the API's error message. `field` is its path, such as
 * `timeSeries[0].points[0].interval`.
 */
export function checkInterval(
  interval: TimeIntervalMessage | null | undefined,
  options: { field: string; metricKind: MetricKind; metricType: string; nowMicros: number },
): Interval | string {
  const { field, metricKind, metricType, nowMicros } = options
  const endTime = interval?.endTime
  if (!endTime) return fieldMessage(`${field}.end_time`, undefined, 'The end time is required.')
  const endMicros = readTime(endTime)
  if (endMicros === undefined) return fieldMessage(`${field}.end_time`, undefined, 'The time is not a valid timestamp.')
  const startMicros = interval.startTime ? readTime(interval.startTime) : undefined
  if (interval.startTime && startMicros === undefined) {
    return fieldMessage(`${field}.start_time`, undefined, 'The time is not a valid timestamp.')
  }
  const end = (): string => microsToRfc3339(endMicros)
  if (endMicros < nowMicros - WRITE_LIMITS.maxPastMicros) {
    return fieldMessage(`${field}.end_time`, end(), 'Data points cannot be written more than 25h10s in the past.')
  }
  if (endMicros > nowMicros + WRITE_LIMITS.maxFutureMicros) {
    return fieldMessage(`${field}.end_time`, end(), 'Data points cannot be written more than 5m in the future.')
  }
  if (metricKind === 'GAUGE') {
    if (startMicros !== undefined && startMicros !== endMicros) {
      return fieldMessage(
        `${field}.start_time`,
        microsToRfc3339(startMicros),
        `The start time must be equal to the end time (${end()}) for the gauge metric '${metricType}'.`,
      )
    }
    return { startMicros: endMicros, endMicros }
  }
  if (startMicros === undefined) {
    return fieldMessage(
      `${field}.start_time`,
      undefined,
      `The start time is required for the non-gauge metric '${metricType}'.`,
    )
  }
  if (startMicros >= endMicros) {
    return fieldMessage(
      `${field}.start_time`,
      microsToRfc3339(startMicros),
      `The start time must be before the end time (${end()}) for the non-gauge metric '${metricType}'.`,
    )
  }
  return { startMicros, endMicros }
}

function readTime(timestamp: TimestampMessage): number | undefined {
  const micros = timestampToMicros(timestamp)
  const nanos = timestamp.nanos ?? 0
  const valid = Number.isSafeInteger(micros) && micros >= 0 && micros <= MAX_SECONDS * 1e6 && nanos >= 0 && nanos < 1e9
  return valid ? micros : undefined
}
