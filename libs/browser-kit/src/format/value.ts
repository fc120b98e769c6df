const SCALES = {
  time: [
    [1e-9, 'ns'],
    [1e-6, 'µs'],
    [1e-3, 'ms'],
    [1, 's'],
    [60, 'min'],
    [3600, 'h'],
    [86_400, 'd'],
  ],
  bytes: [
    [1, 'B'],
    [2 ** 10, 'KiB'],
    [2 ** 20, 'MiB'],
    [2 ** 30, 'GiB'],
    [2 ** 40, 'TiB'],
    [2 ** 50, 'PiB'],
  ],
  count: [
    [1, ''],
    [1e3, 'k'],
    [1e6, 'M'],
    [1e9, 'G'],
    [1e12, 'T'],
    [1e15, 'P'],
  ],
} as const satisfies Record<string, readonly (readonly [number, string])[]>

type Scale = readonly (readonly [number, string])[]

const UNIT_SECONDS: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  ms: 1e-3,
  s: 1,
  min: 60,
  h: 3600,
  d: 86_400,
}
const UNIT_BYTES: Readonly<Record<string, number>> = {
  By: 1,
  KiBy: 2 ** 10,
  MiBy: 2 ** 20,
  GiBy: 2 ** 30,
  kBy: 1e3,
  MBy: 1e6,
  GBy: 1e9,
  bit: 1 / 8,
}

interface Display {
  readonly factor: number
  readonly scale: Scale
  readonly suffix: string
}

/** How the units of UCUM that Cloud Monitoring uses are displayed. */
function displayOf(unit: string): Display {
  const [base = '', ...per] = unit.split('/')
  const suffix = per.length === 0 ? '' : `/${per.join('/').replace(/[{}]/g, '')}`
  const plain = base.replace(/\{[^}]*\}/g, '')
  if (plain in UNIT_SECONDS) return { factor: UNIT_SECONDS[plain] ?? 1, scale: SCALES.time, suffix }
  if (plain in UNIT_BYTES) return { factor: UNIT_BYTES[plain] ?? 1, scale: SCALES.bytes, suffix }
  if (plain === '%') return { factor: 1, scale: [[1, '%']], suffix }
  if (plain === '10^2.%') return { factor: 100, scale: [[1, '%']], suffix }
  if (plain === '' || plain === '1') return { factor: 1, scale: SCALES.count, suffix }
  return { factor: 1, scale: SCALES.count, suffix: ` ${plain}${suffix}` }
}

/** Beyond these, an exponent is easier to read than many digits. */
const SMALLEST_IN_DIGITS = 1e-6
const LARGEST_IN_DIGITS = 1e12

function trimmed(value: number, significant: number): string {
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size < SMALLEST_IN_DIGITS || size >= LARGEST_IN_DIGITS)
    return value.toExponential(significant - 1).replace(/\.?0*(?=e)/, '')
  const magnitude = Math.floor(Math.log10(size))
  const decimals = Math.max(0, significant - 1 - magnitude)
  const text = value.toFixed(decimals)
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

function format(value: number, unit: string, significant: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  const { factor, scale, suffix } = displayOf(unit)
  const base = value * factor
  const size = Math.abs(base)
  let chosen = scale.find(([, name]) => name === 's') ?? scale[0] ?? ([1, ''] as const)
  // Half a unit of the last digit shown: 999.96 is 1k, not 1000.
  if (size !== 0) for (const step of scale) if (size * (1 + 5 * 10 ** -significant) >= step[0]) chosen = step
  if (size !== 0 && size < (scale[0]?.[0] ?? 0)) chosen = scale[0] ?? chosen
  const number = grouped(trimmed(base / chosen[0], significant))
  const gap = chosen[1] === '' ? '' : ' '
  return `${number}${gap}${chosen[1]}${suffix}`
}

/**
 * Formats a value for charts: three significant digits (or `significantDigits`) with a suitable prefix or unit, such as
 * `12.3 ms`, `4.5 k/s`, `96 MiB`.
 */
export function formatValue(value: number, unit = '1', significantDigits = 3): string {
  return format(value, unit, significantDigits)
}

/** Formats a value for tables and tooltips: more digits, and counts in full (`10,985`). */
export function formatExactValue(value: number, unit = '1'): string {
  const { factor, scale, suffix } = displayOf(unit)
  if (scale !== SCALES.count || !Number.isFinite(value)) return format(value, unit, 4)
  const size = Math.abs(value * factor)
  if (size >= 1e15) return format(value, unit, 4)
  return `${grouped(trimmed(value * factor, size >= 1000 ? 7 : 4))}${suffix}`
}

/** A whole number with thousands separators: `10,985`. */
export function formatCount(value: number): string {
  return grouped(String(Math.round(value)))
}

/** A number of events per second: `0.25`, `12.3`, `1,234`. */
export function formatRate(perSecond: number): string {
  const size = Math.abs(perSecond)
  return grouped(size >= 100 ? String(Math.round(perSecond)) : trimmed(perSecond, 3))
}

/**
 * A share from 0 to 1 as a percentage: `0.25 %`, `12 %`. Only exactly 0 is shown as `0 %`, and only exactly 1 as `100
 * %`.
 */
export function formatPercent(share: number): string {
  const percent = share * 100
  if (percent > 0 && percent < 0.005) return '< 0.01 %'
  if (percent >= 99.95 && percent < 100) return '> 99.9 %'
  const isNearAll = percent >= 99.5 && percent < 100
  const decimals = percent === 0 || (percent >= 10 && !isNearAll) ? 0 : percent >= 0.1 ? 1 : 2
  return `${grouped(percent.toFixed(decimals))} %`
}

/** A number of bytes in powers of 1024: `96 MiB`. */
export function formatBytes(bytes: number): string {
  return formatValue(bytes, 'By')
}

/** A duration in milliseconds: `840 µs`, `12.3 ms`, `2.5 s`; `–` if none was measured. */
export function formatDurationMs(durationMs: number | undefined): string {
  return durationMs === undefined ? '–' : formatValue(durationMs, 'ms')
}

/** Adds thousands separators before the decimal point. */
function grouped(number: string): string {
  const [whole = '', fraction] = number.split('.')
  const text = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return fraction === undefined ? text : `${text}.${fraction}`
}
