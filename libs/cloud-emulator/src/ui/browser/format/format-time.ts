function two(value: number): string {
  return String(value).padStart(2, '0')
}

/** `14:03:05` in the browser's time zone. */
export function formatClock(timeMs: number): string {
  const date = new Date(timeMs)
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** `14:03`, or `14:03:05` if the seconds are not 0. */
export function formatShortClock(timeMs: number): string {
  const text = formatClock(timeMs)
  return text.endsWith(':00') ? text.slice(0, 5) : text
}

/** `2026-11-22 14:03:05.123`. */
export function formatDateTime(timeMs: number): string {
  const date = new Date(timeMs)
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${formatClock(timeMs)}.${String(date.getMilliseconds()).padStart(3, '0')}`
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
