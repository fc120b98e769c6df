import type { Aggregation } from './aggregation.ts'

const COUNTS: ReadonlySet<string> = new Set([
  'ALIGN_COUNT',
  'ALIGN_COUNT_TRUE',
  'ALIGN_COUNT_FALSE',
  'REDUCE_COUNT',
  'REDUCE_COUNT_TRUE',
  'REDUCE_COUNT_FALSE',
])
/** A fraction from 0 to 1, in UCUM. */
const FRACTION = '10^2.%'

/** The unit of an aggregation's result: counts have `1`, rates are per second, changes in percent `%`. */
export function aggregatedUnit({ aligner, reducer }: Aggregation, unit: string): string {
  if (COUNTS.has(reducer)) return '1'
  return reducer === 'REDUCE_FRACTION_TRUE' ? FRACTION : alignedUnit(aligner, unit)
}

function alignedUnit(aligner: string, unit: string): string {
  if (COUNTS.has(aligner)) return '1'
  if (aligner === 'ALIGN_FRACTION_TRUE') return FRACTION
  if (aligner === 'ALIGN_PERCENT_CHANGE') return '%'
  if (aligner === 'ALIGN_RATE') return unit === '' ? '1/s' : `${unit}/s`
  return unit
}

/** An operand of a ratio: series of one metric type, in the unit of their aggregation. */
interface Measured {
  readonly metricType: string | undefined
  readonly unit: string
}

/**
 * The unit of a ratio: a percentage if both sides measure the same metric in the same way; other ratios have no unit.
 */
export function quotientUnit(numerator: Measured, denominator: Measured): string {
  const { metricType, unit } = numerator
  const isShare = metricType !== undefined && metricType === denominator.metricType && unit === denominator.unit
  return isShare ? FRACTION : '1'
}
