import type { PointSeries } from '../monitoring/aggregation/point-series.ts'
import { maximumOf, meanOf, minimumOf, sumOf } from '../monitoring/aggregation/statistics.ts'
import { numberOf } from '../monitoring/model/point-value.ts'

/** Keeps the `count` series with the highest or lowest values. */
export interface PickFilter {
  readonly method: 'MEAN' | 'MAX' | 'MIN' | 'SUM' | 'LATEST'
  readonly count: number
  readonly bottom: boolean
}

const STATISTICS: Readonly<Record<PickFilter['method'], (values: readonly number[]) => number>> = {
  MEAN: meanOf,
  MAX: maximumOf,
  MIN: minimumOf,
  SUM: sumOf,
  LATEST: (values) => values.at(-1) ?? 0,
}

/**
 * Ranks by the points until `wholeUntilMicros`, since an incomplete alignment period would look like a drop; the point
 * of the unfinished period is used only if a series has no other.
 */
export function pickSeries(
  series: readonly PointSeries[],
  pick: PickFilter,
  wholeUntilMicros: number,
): readonly PointSeries[] {
  const rankOf = ({ points }: PointSeries): number => {
    const whole = points.filter((point) => point.endMicros <= wholeUntilMicros)
    return STATISTICS[pick.method]((whole.length > 0 ? whole : points).map((point) => numberOf(point.value)))
  }
  return series
    .filter(({ points }) => points.length > 0)
    .map((one) => ({ one, rank: rankOf(one) }))
    .sort((a, b) => (pick.bottom ? a.rank - b.rank : b.rank - a.rank))
    .slice(0, pick.count)
    .map(({ one }) => one)
}
