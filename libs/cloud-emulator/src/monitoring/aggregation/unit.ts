import type { Aggregation } from './aggregation.ts'

const COUNTS: ReadonlySet<string> = new Set([
  'ALIGN_COUNT',
  'ALIGN_COUNT_TRUE',
  'ALIGN_COUNT_FALSE',
  'REDUCE_COUNT',
  'REDUCE_COUNT_TRUE',
  'REDUCE_COUNT_FALSE',
])
/** A share from 0 to 1, in UCUM's terms. */
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
