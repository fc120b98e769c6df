/** Statistics of at least one number. */

export function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

export function meanOf(values: readonly number[]): number {
  return sumOf(values) / values.length
}

export function minimumOf(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value))
}

export function maximumOf(values: readonly number[]): number {
  return values.reduce((greatest, value) => Math.max(greatest, value))
}

/** The population standard deviation, not that of a sample. */
export function standardDeviationOf(values: readonly number[]): number {
  const mean = meanOf(values)
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)))
}

/** The value below which a fraction (0 to 1) of the numbers lies, interpolated linearly between neighbours. */
export function percentileOfValues(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const rank = share * (sorted.length - 1)
  const lower = sorted[Math.floor(rank)] ?? Number.NaN
  const upper = sorted[Math.ceil(rank)] ?? lower
  return lower + (upper - lower) * (rank - Math.floor(rank))
}
