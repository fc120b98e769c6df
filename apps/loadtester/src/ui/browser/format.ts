const INTEGERS = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

/** An integer with thousands separators. */
export function formatCount(value: number): string {
  return INTEGERS.format(value)
}

/** A rate, with fewer decimals the larger it is. */
export function formatRate(value: number): string {
  if (value >= 100) return INTEGERS.format(value)
  return value.toFixed(value >= 10 ? 1 : value === 0 ? 0 : 2)
}

/** Milliseconds, with three significant digits. */
export function formatMs(value: number): string {
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`
  if (value >= 100) return `${value.toFixed(0)} ms`
  return `${value.toFixed(value >= 10 ? 1 : 2)} ms`
}

/** A share from 0 to 1, as a percentage. */
export function formatPercent(share: number): string {
  const percent = share * 100
  if (percent === 0) return '0 %'
  return `${percent.toFixed(percent >= 10 ? 0 : percent >= 0.1 ? 1 : 2)} %`
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 || value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${units[unit]}`
}

/** A duration such as `42 s`, `3 m 05 s` or `1 h 02 m`. */
export function formatDuration(seconds: number): string {
  const whole = Math.floor(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${String(whole % 60).padStart(2, '0')} s`
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} m`
}

/** Date and time. */
export function formatMoment(ms: number): string {
  return new Date(ms).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
}

/** Reads a duration in seconds such as `90`, `90s`, `5m` or `1h30m`; undefined if it is none. */
export function parseDuration(text: string): number | undefined {
  const match = /^\s*(?:(\d+)\s*h)?\s*(?:(\d+)\s*m)?\s*(?:(\d+(?:\.\d+)?)\s*s?)?\s*$/i.exec(text)
  if (match === null || text.trim() === '') return undefined
  const seconds = Number(match[1] ?? 0) * 3600 + Number(match[2] ?? 0) * 60 + Number(match[3] ?? 0)
  return seconds > 0 ? seconds : undefined
}
