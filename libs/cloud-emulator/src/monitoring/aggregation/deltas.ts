import type { MetricKind } from '../messages.ts'
import { type DistributionValue, isDistribution, numberOf } from '../point-columns.ts'
import { distributionDelta } from './distribution-math.ts'
import type { SeriesPoint } from './point-series.ts'

/** What came to a metric within a span of time. */
export interface Delta<T> {
  readonly startMicros: number
  readonly endMicros: number
  readonly value: T
}

/** The changes between the points of a DELTA or CUMULATIVE series. A new start is a reset: everything since it counts. */
export function numberDeltas(points: readonly SeriesPoint[], metricKind: MetricKind): Delta<number>[] {
  return deltas(
    points,
    metricKind,
    (point) => numberOf(point.value),
    (later, earlier) => (later < earlier ? later : later - earlier),
  )
}

/** As `numberDeltas`, for distributions. Where two points can't be compared there is no change between them. */
export function distributionDeltas(points: readonly SeriesPoint[], metricKind: MetricKind): Delta<DistributionValue>[] {
  return deltas(
    points,
    metricKind,
    (point) => (isDistribution(point.value) ? point.value : undefined),
    distributionDelta,
  )
}

function deltas<T>(
  points: readonly SeriesPoint[],
  metricKind: MetricKind,
  read: (point: SeriesPoint) => T | undefined,
  difference: (later: T, earlier: T) => T | undefined,
): Delta<T>[] {
  const result: Delta<T>[] = []
  let previous: SeriesPoint | undefined
  for (const point of points) {
    const value = read(point)
    if (value === undefined) continue
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
