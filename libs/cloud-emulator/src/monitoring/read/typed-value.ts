import { int64FromBigInt } from '../../protos/int64.ts'
import { microsToTimestamp } from '../../protos/timestamp.ts'
import type { ExemplarMessage, PointMessage, TypedValueMessage } from '../model/messages.ts'
import type { DistributionValue, PointValue } from '../model/point-value.ts'

/** A value as the API's message; a bigint becomes an INT64. */
export function typedValue(value: PointValue | string, exemplars: readonly ExemplarMessage[] = []): TypedValueMessage {
  if (typeof value === 'bigint') return { int64Value: int64FromBigInt(value) }
  if (typeof value === 'number') return { doubleValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'string') return { stringValue: value }
  return { distributionValue: distributionMessage(value, exemplars) }
}

/** A point as a `google.monitoring.v3.Point`. */
export function pointMessage(startMicros: number, endMicros: number, value: TypedValueMessage): PointMessage {
  return { interval: { startTime: microsToTimestamp(startMicros), endTime: microsToTimestamp(endMicros) }, value }
}

function distributionMessage(
  value: DistributionValue,
  exemplars: readonly ExemplarMessage[],
): NonNullable<TypedValueMessage['distributionValue']> {
  return {
    count: value.count,
    mean: value.mean,
    sumOfSquaredDeviation: value.sumOfSquaredDeviation,
    ...(value.layout.buckets > 0 ? { bucketOptions: value.layout.options } : {}),
    bucketCounts: Array.from(value.counts),
    ...(exemplars.length > 0 ? { exemplars: [...exemplars] } : {}),
  }
}
