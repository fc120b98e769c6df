import type { BucketLayout } from './bucket-layout.ts'

/** The numbers of a distribution, without its exemplars. */
export interface DistributionValue {
  readonly layout: BucketLayout
  readonly count: number
  readonly mean: number
  readonly sumOfSquaredDeviation: number
  /** One count per bucket; trailing empty buckets may be omitted. */
  readonly counts: ArrayLike<number>
}

export type PointValue = number | bigint | boolean | DistributionValue

export function isDistribution(value: PointValue): value is DistributionValue {
  return typeof value === 'object'
}

/** A value as one number: the mean of a distribution, 0 or 1 for a boolean. */
export function numberOf(value: PointValue): number {
  return isDistribution(value) ? value.mean : Number(value)
}
