import { int64ToBigInt, int64ToNumber } from '../../protos/int64.ts'
import type { BucketLayout, BucketLayouts } from '../model/bucket-layout.ts'
import type { DistributionMessage, PointMessage } from '../model/messages.ts'
import type { DistributionValue, PointValue } from '../model/point-value.ts'
import type { NewPoint } from '../store/series.ts'
import type { Interval } from './check-interval.ts'

/** A validated point in the store's format. */
export function newPoint(point: PointMessage, interval: Interval, layouts: BucketLayouts): NewPoint {
  const distribution = distributionOf(point)
  return {
    ...interval,
    value: distribution ? distributionValue(distribution, layouts.of(distribution.bucketOptions)) : scalarValue(point),
    exemplars: distribution?.exemplars ?? [],
  }
}

/** The point's distribution; undefined if it has another type of value. */
export function distributionOf({ value }: PointMessage): DistributionMessage | undefined {
  return value?.value === 'distributionValue' ? (value.distributionValue ?? undefined) : undefined
}

/** The numbers of a distribution, without its exemplars. */
export function distributionValue(message: DistributionMessage, layout: BucketLayout): DistributionValue {
  return {
    layout,
    count: int64ToNumber(message.count),
    mean: message.mean,
    sumOfSquaredDeviation: message.sumOfSquaredDeviation,
    counts: message.bucketCounts.map(int64ToNumber),
  }
}

/** The value of a point that is not a distribution. */
export function scalarValue(point: PointMessage): Exclude<PointValue, DistributionValue> {
  const value = point.value ?? {}
  if (value.value === 'int64Value') return int64ToBigInt(value.int64Value ?? 0)
  if (value.value === 'boolValue') return value.boolValue === true
  return value.doubleValue ?? 0
}
