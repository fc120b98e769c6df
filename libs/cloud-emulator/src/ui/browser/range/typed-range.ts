import { formatMoment, formatNearMoment } from '@node-to-cloud/browser-kit/format/time'
import { formatTimeRange, parseTimeRange, type TimeRange } from './time-range.ts'

/** Examples for the hint of the time range field. */
export const RANGE_EXAMPLES = 'now-10m, now-2h to now-1h, 14:05 to 14:20, 2026-11-29 14:05 to 2026-11-29 14:20'

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Parses one end of a range: `now`, `now-1h30m`, `14:05`, `14:05:30`, or either with a date before it. */
function parseEnd(text: string, nowMs: number): number | undefined {
  const relative = /^now(?:-((?:\d{1,6}[smhd]){1,4}))?$/.exec(text)
  if (relative !== null) {
    const parts = [...(relative[1] ?? '').matchAll(/(\d+)([smhd])/g)]
    return parts.reduce((at, [, amount, unit]) => at - Number(amount) * (UNIT_MS[unit ?? 's'] ?? 1000), nowMs)
  }
  const clock = /^(?:(\d{4})-(\d{2})-(\d{2})[ t])?(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text)
  if (clock === null) return undefined
  const [, year, month, day, hours, minutes, seconds = '0'] = clock
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined
  const date = new Date(nowMs)
  if (year !== undefined) date.setFullYear(Number(year), Number(month) - 1, Number(day))
  return date.setHours(Number(hours), Number(minutes), Number(seconds), 0)
}

/** Parses a typed range ({@link RANGE_EXAMPLES}); undefined if it is invalid. */
export function parseTypedRange(text: string, nowMs: number): TimeRange | undefined {
  const plain = text.trim().toLowerCase().replace(/\s+/g, ' ')
  const last = parseTimeRange(plain.replace(/^now-/, '').replace(/ to now$/, ''))
  if (last !== undefined) return last
  const [start, end, ...more] = plain.split(/ to | [–-] /)
  if (start === undefined || more.length > 0) return undefined
  const startMs = parseEnd(start, nowMs)
  const endMs = end === undefined && start.startsWith('now-') ? nowMs : parseEnd(end ?? '', nowMs)
  if (startMs === undefined || endMs === undefined || startMs >= endMs) return undefined
  if (end === undefined || end === 'now') return { kind: 'last', seconds: Math.round((nowMs - startMs) / 1000) }
  return { kind: 'between', startMs, endMs }
}

/** A range as the field shows it, the inverse of {@link parseTypedRange}. */
export function typedRange(range: TimeRange, nowMs: number): string {
  if (range.kind === 'last') return `now-${formatTimeRange(range)}`
  const start = formatNearMoment(range.startMs, nowMs)
  const sameForm = start.length === formatNearMoment(range.endMs, nowMs).length
  return sameForm
    ? `${start} to ${formatNearMoment(range.endMs, nowMs)}`
    : `${formatMoment(range.startMs)} to ${formatMoment(range.endMs)}`
}
