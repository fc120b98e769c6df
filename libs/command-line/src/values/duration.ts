import { boundsText } from './bounds-text.ts'
import { type ValueOptions, type ValueType, valueType } from './value-type.ts'

const DURATION = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/
const UNITS = [
  ['y', 31_536_000_000],
  ['w', 604_800_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const
const BARE_SECONDS = /^(?:\d+\.?\d*|\.\d+)$/
const GRAMMAR =
  'DURATION: whole numbers with their units, the largest first: y, w, d, h, m, s, ms, such as 1h30m, 5s or 100ms.'

/**
 * Reads a duration as Prometheus writes it, such as `1h30m`, `5s` or `100ms`, into milliseconds; undefined if it can't
 * be read. The only number without a unit is `0`.
 */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0
  const found = DURATION.exec(text)
  if (text === '' || found === null) return undefined
  const durationMs = UNITS.reduce((sum, [, unitMs], index) => sum + unitMs * Number(found[index + 1] ?? 0), 0)
  return Number.isSafeInteger(durationMs) ? durationMs : undefined
}

/** Writes whole milliseconds as {@link parseDuration} reads them: `1h30m`; `0s` for none. */
export function formatDuration(durationMs: number): string {
  let rest = Math.round(durationMs)
  if (rest === 0) return '0s'
  let text = ''
  for (const [unit, unitMs] of UNITS) {
    // A reader does not expect 400 days to be written in years and weeks.
    if (unit === 'y' || unit === 'w') continue
    const count = Math.floor(rest / unitMs)
    if (count > 0) text += `${count}${unit}`
    rest -= count * unitMs
  }
  return text
}

/** The bounds and the form of a {@link duration}. */
export interface DurationOptions {
  /** In milliseconds; default 0. */
  readonly min?: number
  /** In milliseconds. */
  readonly max?: number
  /** A number without a unit, which may have decimals, is in seconds. Without this only 0 needs no unit. */
  readonly bareSeconds?: boolean
}

/** A duration, read into milliseconds. */
export function duration<Default extends number | undefined = undefined>(
  options: ValueOptions<Default> & DurationOptions = {},
): ValueType<number | Default> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER, bareSeconds = false } = options
  const bounds = boundsText(options, formatDuration)
  const type = valueType<number, Default>(
    bareSeconds
      ? `a duration${bounds}, such as 1h30m, or a number of seconds`
      : `a duration${bounds}, such as 5s or 1h30m`,
    (value) => {
      const isBare = bareSeconds && BARE_SECONDS.test(value)
      const durationMs = isBare ? Number(value) * 1000 : parseDuration(value)
      return durationMs !== undefined && durationMs >= min && durationMs <= max ? durationMs : undefined
    },
    { placeholder: 'DURATION', ...options },
  )
  const { fallback } = type
  return {
    ...type,
    defaultText: options.defaultText ?? (typeof fallback === 'number' ? formatDuration(fallback) : undefined),
    grammar: `${GRAMMAR}${bareSeconds ? ' A number without a unit is in seconds.' : ' 0 needs no unit.'}`,
  }
}
