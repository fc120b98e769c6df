import { invalidField } from '../../api/rpc-error.ts'
import type { MetricKind, ValueType } from '../../contract/metrics.ts'
import { type Aggregation, aggregate, aggregatedType } from '../aggregation/aggregation.ts'
import { type Window, windowsOf } from '../aggregation/align.ts'
import type { Aligner } from '../aggregation/aligners.ts'
import type { PointSeries } from '../aggregation/point-series.ts'
import { pointsOf, type Selection } from './select-series.ts'

/** What to read of a selection: the points in `(afterMicros, endMicros]`, aggregated up to twice. */
export interface SeriesQuery {
  readonly afterMicros: number
  readonly endMicros: number
  readonly first: Aggregation
  readonly second: Aggregation
}

export interface QueriedSeries {
  readonly series: readonly PointSeries[]
  readonly unit: string
  readonly metricKind: MetricKind
  readonly valueType: ValueType
}

const MAX_WINDOWS = 100_000

/**
 * Reads and aggregates the points of selected series. Series without points are left out. Throws INVALID_ARGUMENT if an
 * aggregation doesn't fit the metric or has too many alignment periods.
 */
export function querySeries(selection: Selection, query: SeriesQuery): QueriedSeries {
  const { endMicros, first, second } = query
  const afterMicros = Math.max(query.afterMicros, selection.retainedAfterMicros)
  const { unit } = selection.descriptor
  const type = aggregatedType(second, aggregatedType(first, selection.descriptor), 'secondaryAggregation')
  const interval = { afterMicros, endMicros }
  const firstWindows = checkedWindows(interval, first, 'aggregation')
  const secondWindows = checkedWindows(interval, second, 'secondaryAggregation')
  if (endMicros <= selection.retainedAfterMicros) return { series: [], unit, ...type }
  const aligned = first.periodMicros > 0
  const stored = selection.series
    .map((series) =>
      pointsOf(series, {
        afterMicros: firstWindows[0]?.startMicros ?? afterMicros,
        untilMicros: endMicros,
        withEarlier: aligned,
      }),
    )
    .filter(({ points }) => points.length > 0)
  const once = aggregate(stored, first, firstWindows)
  return {
    series: second.periodMicros > 0 ? aggregate(once, second, secondWindows) : once,
    unit: alignedUnit(alignedUnit(unit, first.aligner), second.aligner),
    ...type,
  }
}

function alignedUnit(unit: string, aligner: Aligner): string {
  if (aligner !== 'ALIGN_RATE') return unit
  return unit === '' ? '1/s' : `${unit}/s`
}

function checkedWindows(
  interval: { afterMicros: number; endMicros: number },
  { periodMicros }: Aggregation,
  field: string,
): Window[] {
  if (periodMicros === 0) return []
  if ((interval.endMicros - interval.afterMicros) / periodMicros > MAX_WINDOWS) {
    throw invalidField(
      `${field}.alignmentPeriod`,
      `${periodMicros / 1e6}s`,
      `The interval has more than ${MAX_WINDOWS} such periods.`,
    )
  }
  return windowsOf({ ...interval, periodMicros })
}
