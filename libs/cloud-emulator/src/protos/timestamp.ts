import { type Int64Like, int64ToNumber } from './int64.ts'

/** `google.protobuf.Timestamp` and `google.protobuf.Duration` have the same two fields. */
export interface TimestampMessage {
  seconds: Int64Like
  nanos?: number
}

/**
 * Times are whole microseconds since the epoch, as a number: exact until the year 2255, with the same precision as in
 * Cloud Monitoring. Nanoseconds are truncated.
 */
export function timestampToMicros(timestamp: TimestampMessage): number {
  return int64ToNumber(timestamp.seconds) * 1e6 + Math.floor((timestamp.nanos ?? 0) / 1000)
}

/** The Timestamp of a time in microseconds; the inverse of {@link timestampToMicros}. */
export function microsToTimestamp(micros: number): TimestampMessage {
  const seconds = Math.floor(micros / 1e6)
  return { seconds, nanos: (micros - seconds * 1e6) * 1000 }
}

/** RFC 3339 in UTC with 0, 3 or 6 fractional digits, as needed. */
export function microsToRfc3339(micros: number): string {
  const seconds = Math.floor(micros / 1e6)
  const fraction = micros - seconds * 1e6
  const date = new Date(seconds * 1000)
  if (Number.isNaN(date.getTime())) return `${seconds}s`
  const base = date.toISOString().slice(0, -5)
  if (fraction === 0) return `${base}Z`
  const digits = fraction.toString().padStart(6, '0')
  return `${base}.${digits.endsWith('000') ? digits.slice(0, 3) : digits}Z`
}
