/** The properties of a series by which its axis is chosen. */
export interface AxisSeries {
  readonly axis: 'Y1' | 'Y2'
  readonly unit: string
}

/** Units of one family can share an axis: all durations, all sizes, all percentages, or all of one other unit. */
export function unitFamily(unit: string): string {
  const [base = '', ...per] = unit.replace(/\{[^}]*\}/g, '').split('/')
  const rate = per.length === 0 ? '' : `/${per.join('/')}`
  if (/^(?:ns|us|ms|s|min|h|d)$/.test(base)) return `time${rate}`
  if (/^(?:[kMGT]i?)?(?:By|bit)$/.test(base)) return `size${rate}`
  if (base === '%' || base === '10^2.%') return `share${rate}`
  return base === '' || base === '1' ? `number${rate}` : base + rate
}

/**
 * The axis of each series. Bytes and seconds on the same axis would both be labelled with the first one's unit, so the
 * second family goes to the right axis, if that is free.
 */
export function axesOf(series: readonly AxisSeries[]): readonly ('Y1' | 'Y2')[] {
  const given = series.map(({ axis }) => axis)
  const families = [...new Set(series.map(({ unit }) => unitFamily(unit)))]
  if (families.length < 2 || given.includes('Y2')) return given
  return series.map(({ unit }) => (unitFamily(unit) === families[0] ? 'Y1' : 'Y2'))
}

/** The unit of an axis' labels: that of its series, or none if they belong to several families. */
export function unitOfAxis(series: readonly AxisSeries[], axis: 'Y1' | 'Y2'): string | undefined {
  const units = series.filter((one) => one.axis === axis).map(({ unit }) => unit)
  return new Set(units.map(unitFamily)).size > 1 ? '1' : units[0]
}

const UNIT_WORDS =
  /^(?:n|µ|u|micro|milli|nano|m)?(?:s|sec|secs|seconds?)$|^(?:k|m|g|ki|mi|gi|kilo|mega|giga)?(?:b|bytes?)$|^(?:percent|%)$/i

/** The label of an axis; none if it is a different unit from that of the values, such as `seconds` beside `10 ms`. */
export function axisLabel(label: string | undefined, unit: string | undefined): string | undefined {
  const isScaled = /^(?:time|size|share)/.test(unitFamily(unit ?? '1'))
  return label === undefined || label === '' || (isScaled && UNIT_WORDS.test(label.trim())) ? undefined : label
}
