import type { MetricKind, ValueType } from '../../contract/metrics.ts'
import { type Aggregation, aggregatedType } from '../aggregation/aggregation.ts'
import { alignSeries, type Window, windowCountOf, windowsOf } from '../aggregation/align.ts'
import { lookbackMicros } from '../aggregation/aligners.ts'
import type { PointSeries } from '../aggregation/point-series.ts'
import { reduceSeries } from '../aggregation/reduce.ts'
import { aggregatedUnit } from '../aggregation/unit.ts'
import type { QueryBudget } from './query-budget.ts'
import { pointsOf, type Selection } from './select-series.ts'

/** What to read from a selection: the points in `(afterMicros, endMicros]`, aggregated up to twice. */
export interface SeriesQuery {
  readonly afterMicros: number
  readonly endMicros: number
  readonly first: Aggregation
  readonly second: Aggregation
  readonly budget: QueryBudget
}

export interface QueriedSeries {
  readonly series: readonly PointSeries[]
  readonly unit: string
  readonly metricKind: MetricKind
  readonly valueType: ValueType
}

/**
 * Reads and aggregates the points of selected series. Series without points are omitted. Only alignment periods between
 * the retention and the newest point are computed. Throws INVALID_ARGUMENT if an aggregation can't be applied to the
 * metric, or if the query is too large.
 */
export function querySeries(selection: Selection, query: SeriesQuery): QueriedSeries {
  const { first, second, budget } = query
  const { descriptor } = selection
  const type = aggregatedType(second, aggregatedType(first, descriptor), 'secondaryAggregation')
  const unit = aggregatedUnit(second, aggregatedUnit(first, descriptor.unit))
  const interval = intervalWithData(selection, query)
  if (!interval) return { series: [], unit, ...type }
  const secondWindows = boundedWindows(interval, second, { budget, series: 1, field: 'secondaryAggregation' })
  const firstAfterMicros = secondWindows[0]
    ? Math.min(interval.afterMicros, secondWindows[0].startMicros - lookbackMicros(second.aligner))
    : interval.afterMicros
  const firstWindows = boundedWindows({ ...interval, afterMicros: firstAfterMicros }, first, {
    budget,
    series: selection.series.length,
    field: 'aggregation',
  })
  const aligned = readAligned(selection, { ...query, ...interval, windows: firstWindows })
  const once = reduceSeries(aligned, first.reducer, first.groupBy)
  budget.compute({ series: Math.max(0, once.length - 1), periods: secondWindows.length }, 'secondaryAggregation')
  const twice = once.map((one) => alignSeries(one, second.aligner, secondWindows)).filter(hasPoints)
  return { series: reduceSeries(twice, second.reducer, second.groupBy), unit, ...type }
}

interface Interval {
  readonly afterMicros: number
  readonly endMicros: number
}

/** The part of the interval that can have points; its end is moved by whole alignment periods. */
function intervalWithData(
  { series, retainedAfterMicros }: Selection,
  { afterMicros, endMicros, first, second }: SeriesQuery,
): Interval | undefined {
  let newestMicros = Number.NEGATIVE_INFINITY
  for (const { points } of series) newestMicros = Math.max(newestMicros, points.lastEndMicros ?? newestMicros)
  const periodMicros = commonPeriod(first.periodMicros, second.periodMicros)
  const emptyPeriods = periodMicros === 0 ? 0 : Math.floor((endMicros - newestMicros) / periodMicros)
  const interval = {
    afterMicros: Math.max(afterMicros, retainedAfterMicros),
    endMicros: emptyPeriods > 0 ? endMicros - emptyPeriods * periodMicros : endMicros,
  }
  return Number.isFinite(newestMicros) && interval.afterMicros < interval.endMicros ? interval : undefined
}

/** A period after which the alignment periods of both aggregations end together. */
function commonPeriod(first: number, second: number): number {
  if (first === 0 || second === 0) return Math.max(first, second)
  let [a, b] = [first, second]
  while (b > 0) [a, b] = [b, a % b]
  return (first / a) * second
}

function boundedWindows(
  interval: Interval,
  { periodMicros }: Aggregation,
  { budget, series, field }: { budget: QueryBudget; series: number; field: string },
): Window[] {
  if (periodMicros === 0) return []
  budget.compute({ series, periods: windowCountOf({ ...interval, periodMicros }) }, field)
  return windowsOf({ ...interval, periodMicros })
}

/** Reads one series after another, so that only aligned points are kept. */
function readAligned(
  selection: Selection,
  query: SeriesQuery & { readonly windows: readonly Window[] },
): PointSeries[] {
  const { first, windows, endMicros: untilMicros, budget } = query
  const aligned = first.periodMicros > 0
  const interpolates = first.aligner === 'ALIGN_INTERPOLATE'
  const afterMicros = (windows[0]?.startMicros ?? query.afterMicros) - lookbackMicros(first.aligner)
  let points = 0
  for (const series of selection.series) points += series.points.countWithin(afterMicros, untilMicros)
  budget.read(points, { kept: !aligned })
  const result: PointSeries[] = []
  for (const series of selection.series) {
    const stored = pointsOf(series, { afterMicros, untilMicros, withEarlier: aligned, withLater: interpolates })
    const one = stored.points.length > 0 ? alignSeries(stored, first.aligner, windows) : stored
    if (hasPoints(one)) result.push(one)
  }
  return result
}

function hasPoints({ points }: PointSeries): boolean {
  return points.length > 0
}
