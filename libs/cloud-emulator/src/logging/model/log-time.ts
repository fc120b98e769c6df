import type { LogTime } from './log-entry.ts'

const TIME =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9})\d*)?)?(?:[Zz]|([+-]\d\d)(?::?(\d\d))?)?)?$/

/** RFC 3339 in UTC, with as many fractional digits as needed. */
export function timeText({ micros, restNanos }: LogTime): string {
  const seconds = Math.floor(micros / 1e6)
  const date = new Date(seconds * 1000)
  if (Number.isNaN(date.getTime())) return `${seconds}s`
  const nanos = (micros - seconds * 1e6) * 1000 + restNanos
  const base = date.toISOString().slice(0, -5)
  if (nanos === 0) return `${base}Z`
  const digits = nanos.toString().padStart(9, '0')
  const shown = digits.endsWith('000000') ? digits.slice(0, 3) : digits.endsWith('000') ? digits.slice(0, 6) : digits
  return `${base}.${shown}Z`
}

/**
 * Parses RFC 3339, or just a date, as UTC; undefined if it is neither. Offsets may have ISO 8601's basic formats
 * `+0200` and `+02`, as written by Google's Python client.
 */
export function readTime(text: string): LogTime | undefined {
  const match = TIME.exec(text)
  if (!match) return undefined
  const [
    ,
    year,
    month,
    day,
    hour = '00',
    minute = '00',
    second = '00',
    fraction = '',
    zoneHour = '+00',
    zoneMinute = '00',
  ] = match
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${zoneHour}:${zoneMinute}`)
  if (Number.isNaN(ms)) return undefined
  const nanos = Number(fraction.padEnd(9, '0'))
  return { micros: ms * 1000 + Math.floor(nanos / 1000), restNanos: nanos % 1000 }
}

export function isTime(value: unknown): value is LogTime {
  return typeof value === 'object' && value !== null && 'micros' in value && 'restNanos' in value
}

/** Negative if `a` is earlier, positive if `b` is, 0 if they are equal. */
export function compareTimes(a: LogTime, b: LogTime): number {
  return a.micros - b.micros || a.restNanos - b.restNanos
}
