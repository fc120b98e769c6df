/** A horizontal line across a chart at a value. */
export interface ThresholdLine {
  readonly value: number
  readonly label: string
  readonly critical: boolean
  readonly above: boolean
  readonly axis: 'Y1' | 'Y2'
}

/** Thresholds beyond this multiple of the data would flatten it; they are labelled at the edge instead. */
const THRESHOLD_REACH = 3

/**
 * The range of a value axis: from zero, so that noise doesn't look like a change, and including the thresholds within
 * reach.
 */
export function valueRange(
  dataMinimum: number | null,
  dataMaximum: number | null,
  thresholds: readonly ThresholdLine[],
): [number, number] {
  let low = dataMinimum ?? 0
  let high = dataMaximum ?? 0
  if (dataMinimum === null || dataMaximum === null) {
    for (const { value } of thresholds) high = Math.max(high, value)
    return high > 0 ? [0, high * 1.15] : [0, 1]
  }
  for (const { value } of thresholds) {
    if (value > high && value <= high * THRESHOLD_REACH) high = value
    if (value < low && value >= low * THRESHOLD_REACH) low = value
  }
  low = Math.min(0, low)
  high = Math.max(0, high)
  if (low === high) return [0, 1]
  const span = high - low
  return [low === 0 ? 0 : low - span * 0.08, high === 0 ? 0 : high + span * 0.1]
}

/** The number of significant digits that keeps an axis' labels distinct, at least three. */
export function digitsToDistinguish(splits: readonly (number | null)[]): number {
  const values = splits.filter((value) => value !== null)
  const largest = Math.max(0, ...values.map(Math.abs))
  const step = values.length > 1 ? Math.abs((values[1] ?? 0) - (values[0] ?? 0)) : largest
  if (largest === 0 || step === 0) return 3
  return Math.min(7, Math.max(3, 1 + Math.ceil(Math.log10(largest / step))))
}

/** Powers of two as steps of an axis of bytes, so that its labels are whole KiB and MiB. */
export const byteIncrements: readonly number[] = Array.from({ length: 56 }, (_, power) => 2 ** power)

/** The lower end of a logarithmic axis: the power of ten below the smallest positive value. */
export function logRange(smallestPositive: number, dataMaximum: number | null): [number, number] {
  const bottom = 10 ** Math.floor(Math.log10(smallestPositive > 0 ? smallestPositive : 0.001))
  const top = 10 ** Math.ceil(Math.log10(Math.max(dataMaximum ?? 0, bottom * 10)))
  return [bottom, top === bottom ? bottom * 10 : top]
}
