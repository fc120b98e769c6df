import {
  type Aggregation,
  aggregate,
  readAggregations,
  readSecondAggregation,
} from '../monitoring/aggregation/aggregation.ts'
import { windowCountOf, windowsOf } from '../monitoring/aggregation/align.ts'
import type { PointSeries } from '../monitoring/aggregation/point-series.ts'
import { reduceSeries } from '../monitoring/aggregation/reduce.ts'
import { quotientUnit } from '../monitoring/aggregation/unit.ts'
import type { QueryBudget } from '../monitoring/read/query-budget.ts'
import { type QueriedSeries, querySeries } from '../monitoring/read/query-series.ts'
import { type Selection, selectSeries } from '../monitoring/read/select-series.ts'
import { identityKey } from '../monitoring/read/series-identity.ts'
import type { MetricStore } from '../monitoring/store/metric-store.ts'
import { atDataResolution } from './auto-period.ts'
import { pickSeries } from './pick-series.ts'
import { ratioOf } from './ratio.ts'
import type { ChartQuery, FilterQuery } from './read-chart-query.ts'

export interface ChartQueryOptions {
  readonly store: MetricStore
  readonly projectId: string
  readonly afterMicros: number
  readonly endMicros: number
  /** Adds the alignment period that has not ended yet. */
  readonly partial: boolean
  /**
   * The minimum to which alignment periods of 60 s may be shortened if the data allows; undefined: never, as in Cloud
   * Monitoring.
   */
  readonly finestMicros?: number | undefined
  /** The alignment period is lengthened until no series has more points than this. */
  readonly maxPoints: number
  readonly budget: QueryBudget
}

export interface ChartResult extends QueriedSeries {
  /** 0 if the points are not aligned. */
  readonly periodMicros: number
  /** Points that end later belong to the alignment period that has not ended yet. */
  readonly wholeUntilMicros: number
}

interface FilterResult extends ChartResult {
  readonly metricType: string
}

/** Runs a chart's query. Alignment periods end at multiples of their length. Throws `RpcError`. */
export function runChartQuery(query: ChartQuery, request: ChartQueryOptions): ChartResult {
  const afterMicros = Math.max(request.afterMicros, request.store.retainedAfterMicros)
  const options = { ...request, afterMicros, fullDuration: query.fullDuration }
  const numerator = runFilter(query.numerator, options)
  const { wholeUntilMicros } = numerator
  const picked = (series: readonly PointSeries[]): readonly PointSeries[] =>
    query.pick ? pickSeries(series, query.pick, wholeUntilMicros) : series
  if (!query.denominator)
    return { ...numerator, series: picked(numerator.series), unit: query.unitOverride || numerator.unit }
  const denominator = runFilter(query.denominator, options)
  const ratios = ratioOf(numerator.series, denominator.series)
  return {
    ...numerator,
    series: picked(aggregatedRatios(ratios, query, { ...options, endMicros: wholeUntilMicros })),
    unit: query.unitOverride || quotientUnit(numerator, denominator),
    metricKind: 'GAUGE',
    valueType: 'DOUBLE',
  }
}

/** Only the alignment periods from the first to the last point are computed. */
function aggregatedRatios(
  ratios: readonly PointSeries[],
  query: ChartQuery,
  options: FilterOptions,
): readonly PointSeries[] {
  const { endMicros, maxPoints, budget } = options
  const aligned = (query.numerator.aggregation?.perSeriesAligner ?? 0) > 0
  const read = overDuration(readSecondAggregation(query.ratioAggregation, { aligned }), options)
  if (read.periodMicros === 0) return reduceSeries(ratios, read.reducer, read.groupBy)
  const times = ratios.flatMap(({ points }) => [points[0]?.endMicros ?? endMicros, points.at(-1)?.endMicros ?? 0])
  const oldestMicros = times.reduce((least, time) => Math.min(least, time), endMicros)
  const newestMicros = times.reduce((greatest, time) => Math.max(greatest, time), oldestMicros)
  const aggregation = widened(read, { afterMicros: oldestMicros, endMicros: newestMicros, maxPoints })
  const { periodMicros } = aggregation
  const end = endMicros - Math.floor(Math.max(0, endMicros - newestMicros) / periodMicros) * periodMicros
  const interval = { afterMicros: oldestMicros - 1, endMicros: end, periodMicros }
  budget.compute({ series: ratios.length, periods: windowCountOf(interval) }, 'secondaryAggregation')
  return aggregate(ratios, aggregation, windowsOf(interval))
}

interface FilterOptions extends ChartQueryOptions {
  readonly fullDuration: boolean
}

function runFilter(query: FilterQuery, options: FilterOptions): FilterResult {
  const { afterMicros, endMicros, fullDuration } = options
  const selection = selectSeries(options.store, options.projectId, query.filter)
  const read = readAggregations(query.aggregation, query.secondaryAggregation)
  const first = overDuration(widened(finer(read.first, read.second, selection, options), options), options)
  const second = overDuration(widened(read.second, options), options)
  const { budget } = options
  const periodMicros = Math.max(first.periodMicros, second.periodMicros)
  const metricType = selection.descriptor.type
  const wholeUntilMicros =
    periodMicros === 0 || fullDuration ? endMicros : Math.floor(endMicros / periodMicros) * periodMicros
  const whole = querySeries(selection, { afterMicros, endMicros: wholeUntilMicros, first, second, budget })
  if (!options.partial || wholeUntilMicros === endMicros)
    return { ...whole, metricType, periodMicros, wholeUntilMicros }
  const partial = querySeries(selection, {
    afterMicros: wholeUntilMicros,
    endMicros: wholeUntilMicros + periodMicros,
    first,
    second,
    budget,
  })
  const series = withPartial(whole.series, partial.series, endMicros)
  return { ...whole, metricType, series, periodMicros, wholeUntilMicros }
}

function finer(
  first: Aggregation,
  second: Aggregation,
  { series, descriptor }: Selection,
  { finestMicros }: ChartQueryOptions,
): Aggregation {
  if (finestMicros === undefined || second.periodMicros > 0) return first
  return atDataResolution(first, {
    series,
    isDistribution: descriptor.valueType === 'DISTRIBUTION',
    minimumMicros: finestMicros,
  })
}

/** The aggregation with its period multiplied until it has at most `maxPoints` points. */
function widened(
  aggregation: Aggregation,
  options: Pick<ChartQueryOptions, 'afterMicros' | 'endMicros' | 'maxPoints'>,
): Aggregation {
  if (aggregation.periodMicros === 0) return aggregation
  const periods = (options.endMicros - options.afterMicros) / aggregation.periodMicros
  const factor = Math.max(1, Math.ceil(periods / options.maxPoints))
  return { ...aggregation, periodMicros: aggregation.periodMicros * factor }
}

/** The aggregation with the whole interval as its period, if requested. */
function overDuration(
  aggregation: Aggregation,
  { afterMicros, endMicros, fullDuration }: Pick<FilterOptions, 'afterMicros' | 'endMicros' | 'fullDuration'>,
): Aggregation {
  if (!fullDuration || aggregation.periodMicros === 0) return aggregation
  return { ...aggregation, periodMicros: endMicros - afterMicros }
}

/** Appends the points of the unfinished period to their series. These points end now. */
function withPartial(whole: readonly PointSeries[], partial: readonly PointSeries[], nowMicros: number): PointSeries[] {
  const byKey = new Map(whole.map((series) => [identityKey(series), series]))
  for (const series of partial) {
    const points = series.points.map((point) => ({
      ...point,
      endMicros: nowMicros,
      startMicros: Math.min(point.startMicros, nowMicros),
    }))
    const key = identityKey(series)
    const known = byKey.get(key)
    byKey.set(key, known ? { ...known, points: [...known.points, ...points] } : { ...series, points })
  }
  return [...byKey.values()]
}
