import type { LogTime } from '../model/log-entry.ts'
import { timeText } from '../model/log-time.ts'

/** Writes times as RFC 3339 with the offset of a time zone; undefined if there is no such zone. */
export function timeInZone(timeZone: string): ((time: LogTime) => string) | undefined {
  const format = zonedFormat(timeZone)
  if (!format) return undefined
  return ({ micros, restNanos }) => {
    const offset = format
      .formatToParts(Math.floor(micros / 1000))
      .find(({ type }) => type === 'timeZoneName')
      ?.value.slice('GMT'.length)
    const shift = offset ? offsetMicros(offset) : 0
    return timeText({ micros: micros + shift, restNanos }).replace('Z', offset || '+00:00')
  }
}

function zonedFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
  } catch {
    return undefined
  }
}

/** Parses `+05:30`, or an offset with seconds, as in local mean times. */
function offsetMicros(offset: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = offset.slice(1).split(':').map(Number)
  return (offset.startsWith('-') ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds) * 1e6
}
