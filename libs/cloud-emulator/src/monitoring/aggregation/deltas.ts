import { type DistributionValue, isDistribution, numberOf } from '../model/point-value.ts'
import { distributionDelta } from './distribution-math.ts'
import type { PointSeries, SeriesPoint } from './point-series.ts'

/** The change of a metric over an interval. */
export interface Delta<T> {
  readonly startMicros: number
  readonly endMicros: number
  readonly value: T
}

/**
 * The changes between the points of a DELTA or CUMULATIVE series. After a reset (a new start time) the change is
 * everything since the new start. The same goes for the first point, unless points before it were dropped. Integers are
 * subtracted before they are rounded.
 */
export function numberDeltas(series: PointSeries): Delta<number>[] {
  return deltas(
    series,
    (point) => (typeof point.value === 'bigint' ? point.value : numberOf(point.value)),
    (later, earlier) => {
      if (typeof later === 'bigint' && typeof earlier === 'bigint') return later < earlier ? later : later - earlier
      return later < earlier ? later : Number(later) - Number(earlier)
    },
  ).map((delta) => ({ ...delta, value: Number(delta.value) }))
}

/** Like `numberDeltas`, for distributions. There is no delta between points that can't be compared. */
export function distributionDeltas(series: PointSeries): Delta<DistributionValue>[] {
  return deltas(series, (point) => (isDistribution(point.value) ? point.value : undefined), distributionDelta)
}

function deltas<T>(
  { points, metricKind, truncated }: PointSeries,
  read: (point: SeriesPoint) => T | undefined,
  difference: (later: T, earlier: T) => T | undefined,
): Delta<T>[] {
  const result: Delta<T>[] = []
  let previous: SeriesPoint | undefined
  for (const point of points) {
    const value = read(point)
    if (value === undefined) continue
    if (metricKind === 'CUMULATIVE' && !previous && truncated) {
      previous = point
      continue
    }
    if (metricKind === 'DELTA' || previous?.startMicros !== point.startMicros) {
      result.push({ startMicros: point.startMicros, endMicros: point.endMicros, value })
    } else {
      const before = read(previous)
      const change = before === undefined ? undefined : difference(value, before)
      if (change !== undefined)
        result.push({ startMicros: previous.endMicros, endMicros: point.endMicros, value: change })
    }
    previous = point
  }
  return result
}
