import { twoDigits } from './two-digits.ts'

/** How long something lasted: `42 s`, `3 min 05 s`, `1 h 02 min`, `3 d 04 h`. */
export function formatDuration(seconds: number): string {
  const whole = Math.floor(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${twoDigits(whole % 60)} s`
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${twoDigits(Math.floor((whole % 3600) / 60))} min`
  return `${Math.floor(whole / 86_400)} d ${twoDigits(Math.floor((whole % 86_400) / 3600))} h`
}

/** Parses a duration in seconds such as `90`, `90s`, `5m` or `1h30m`; undefined if it is invalid. */
export function parseDuration(text: string): number | undefined {
  const match = /^\s*(?:(\d+)\s*d)?\s*(?:(\d+)\s*h)?\s*(?:(\d+)\s*m(?:in)?)?\s*(?:(\d+(?:\.\d+)?)\s*s?)?\s*$/i.exec(
    text,
  )
  if (match === null || text.trim() === '') return undefined
  const [days = 0, hours = 0, minutes = 0, rest = 0] = match.slice(1).map((part) => Number(part ?? 0))
  const seconds = days * 86_400 + hours * 3600 + minutes * 60 + rest
  return seconds > 0 ? seconds : undefined
}
