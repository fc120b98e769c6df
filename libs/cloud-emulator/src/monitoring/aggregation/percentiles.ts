import type { Aligner } from './aligners.ts'
import type { Reducer } from './reducers.ts'

export type PercentileName = Extract<Aligner | Reducer, `${string}_PERCENTILE_${string}`>

/** The fraction (0 to 1) of each percentile aligner and reducer. */
const SHARES: Readonly<Record<PercentileName, number>> = {
  ALIGN_PERCENTILE_99: 0.99,
  ALIGN_PERCENTILE_95: 0.95,
  ALIGN_PERCENTILE_50: 0.5,
  ALIGN_PERCENTILE_05: 0.05,
  REDUCE_PERCENTILE_99: 0.99,
  REDUCE_PERCENTILE_95: 0.95,
  REDUCE_PERCENTILE_50: 0.5,
  REDUCE_PERCENTILE_05: 0.05,
}

/** The fraction, 0 to 1, of a percentile aligner or reducer. */
export function percentileOf(name: PercentileName): number {
  return SHARES[name]
}

export function isPercentile<Name extends Aligner | Reducer>(name: Name): name is Name & PercentileName {
  return name in SHARES
}
