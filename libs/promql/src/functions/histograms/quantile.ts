/** The quantile of numbers, interpolated between the two nearest; NaN sorts before all others. */
export function quantileOf(quantile: number, values: readonly number[]): number {
  if (values.length === 0 || Number.isNaN(quantile)) return Number.NaN
  if (quantile < 0) return Number.NEGATIVE_INFINITY
  if (quantile > 1) return Number.POSITIVE_INFINITY
  const sorted = [...values].sort(compareNumbers)
  const rank = quantile * (sorted.length - 1)
  const lower = Math.max(0, Math.floor(rank))
  const weight = rank - Math.floor(rank)
  const below = sorted[lower] ?? Number.NaN
  if (weight === 0) return below
  return below * (1 - weight) + (sorted[Math.min(sorted.length - 1, lower + 1)] ?? Number.NaN) * weight
}

/** Ascending order; NaN comes first. */
export function compareNumbers(a: number, b: number): number {
  if (a < b) return -1
  if (a > b) return 1
  if (a === b) return 0
  return (Number.isNaN(b) ? 1 : 0) - (Number.isNaN(a) ? 1 : 0)
}
