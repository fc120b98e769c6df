/**
 * A number as Go's `%g` and `%v` print it: the shortest form that parses to the same number, with an exponent below
 * 1e-4 and from 1e+06 on.
 */
export function formatShortest(value: number): string {
  return special(value) ?? general(value, 6)
}

/** A number as Go's `%.2g` prints it. */
export function formatTwoDigits(value: number): string {
  const known = special(value)
  if (known !== undefined || value === 0) return known ?? '0'
  const exponent = Number(value.toExponential(1).split('e')[1] ?? 0)
  const unit = 10 ** (exponent - 1)
  const rounded = Math.round(value / unit)
  // Rounds half to even.
  const isTie = rounded - value / unit === 0.5 && rounded % 2 !== 0
  return general((isTie ? rounded - 1 : rounded) * unit, 2)
}

/** A number in decimal notation without an exponent, as Go's `FormatFloat(value, 'f', -1, 64)`. */
export function formatDecimal(value: number): string {
  const known = special(value)
  if (known !== undefined) return known
  const { sign, digits, point } = decimalDigits(value)
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`.replace(/\.0*$/, '')
  if (point >= digits.length) return `${sign}${digits}${'0'.repeat(point - digits.length)}`
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`
}

/** A number as OpenMetrics writes label values such as `le` and `quantile`: always with a point or an exponent. */
export function formatOpenMetrics(value: number): string {
  const text = formatShortest(value)
  return /[.e]|NaN|Inf/.test(text) ? text : `${text}.0`
}

function special(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN'
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  if (value === Number.NEGATIVE_INFINITY) return '-Inf'
  return undefined
}

function decimalDigits(value: number): { sign: string; digits: string; point: number } {
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  const [mantissa = '0', exponent = '0'] = Math.abs(value).toExponential().split('e')
  return { sign, digits: mantissa.replace('.', ''), point: value === 0 ? 1 : Number(exponent) + 1 }
}

function general(value: number, exponentFrom: number): string {
  const { sign, digits, point } = decimalDigits(value)
  const exponent = point - 1
  if (exponent >= -4 && exponent < exponentFrom) return formatDecimal(value)
  const size = Math.abs(exponent)
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : ''
  return `${sign}${digits.slice(0, 1)}${fraction}e${exponent < 0 ? '-' : '+'}${size < 10 ? '0' : ''}${size}`
}
