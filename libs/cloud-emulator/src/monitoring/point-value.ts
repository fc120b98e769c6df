import type { BucketLayout } from './bucket-layout.ts'

/** The numbers of a distribution, without its exemplars. */
export interface DistributionValue {
  readonly layout: BucketLayout
  readonly count: number
  readonly mean: number
  readonly sumOfSquaredDeviation: number
  /** One number a bucket; trailing empty buckets may be left out. */
  readonly counts: ArrayLike<number>
}

export type PointValue = number | bigint | boolean | DistributionValue

export function isDistribution(value: PointValue): value is DistributionValue {
  return typeof value === 'object'
}

/** A point's value as one number: a distribution gives its mean, a boolean 0 or 1. */
export function numberOf(value: PointValue): number {
  return isDistribution(value) ? value.mean : Number(value)
}
