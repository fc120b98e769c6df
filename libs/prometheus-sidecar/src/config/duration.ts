const DURATION = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/
const UNITS_MS = [31_536_000_000, 604_800_000, 86_400_000, 3_600_000, 60_000, 1000, 1]

/** Reads a duration as Prometheus writes it, such as `1m30s` or `500ms`, into milliseconds; undefined if it is none. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0
  const found = DURATION.exec(text)
  if (text === '' || found === null) return undefined
  return UNITS_MS.reduce((sum, unit, index) => sum + unit * Number(found[index + 1] ?? 0), 0)
}
