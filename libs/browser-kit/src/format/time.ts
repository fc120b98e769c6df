import { twoDigits } from './two-digits.ts'

/** `14:03:05` in the browser's time zone; never with am or pm. */
export function formatClock(timeMs: number): string {
  const date = new Date(timeMs)
  return `${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}:${twoDigits(date.getSeconds())}`
}

/** `14:03`, or `14:03:05` if the seconds are not 0. */
export function formatShortClock(timeMs: number): string {
  const text = formatClock(timeMs)
  return text.endsWith(':00') ? text.slice(0, 5) : text
}

function formatDay(date: Date): string {
  return `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`
}

/** `2026-11-22 14:03:05.123`. */
export function formatDateTime(timeMs: number): string {
  return `${formatMoment(timeMs)}.${String(new Date(timeMs).getMilliseconds()).padStart(3, '0')}`
}

/** `2026-11-22 14:03:05`. */
export function formatMoment(timeMs: number): string {
  return `${formatDay(new Date(timeMs))} ${formatClock(timeMs)}`
}

/** `14:03:05` on the day of `nowMs`, otherwise with its date. */
export function formatNearMoment(timeMs: number, nowMs: number): string {
  const sameDay = formatDay(new Date(timeMs)) === formatDay(new Date(nowMs))
  return sameDay ? formatClock(timeMs) : formatMoment(timeMs)
}

/** `now`, `12 s ago`, `3 min ago`, `2 h ago` or `4 d ago`. */
export function formatAgo(timeMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - timeMs) / 1000))
  if (seconds < 2) return 'now'
  if (seconds < 120) return `${seconds} s ago`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min ago`
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h ago`
  return `${Math.round(seconds / 86_400)} d ago`
}

/** The time zone of all times on a page, such as `UTC` or `Europe/Berlin`; a page shows it once. */
export function timeZoneName(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}
