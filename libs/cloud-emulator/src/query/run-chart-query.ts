import {
  type Aggregation,
  type AggregationMessage,
  aggregate,
  NO_AGGREGATION,
  readAggregation,
} from '../monitoring/aggregation/aggregation.ts'
import { windowsOf } from '../monitoring/aggregation/align.ts'
import type { PointSeries, SeriesPoint } from '../monitoring/aggregation/point-series.ts'
import { meanOf, sumOf } from '../monitoring/aggregation/statistics.ts'
import { querySeries } from '../monitoring/list-time-series.ts'
import type { MetricStore } from '../monitoring/metric-store.ts'
import { numberOf } from '../monitoring/point-columns.ts'
import { selectSeries } from '../monitoring/select-series.ts'
import type { ChartQuery, FilterQuery, PickFilter } from './chart-query.ts'

export interface ChartQueryOptions {
  readonly store: MetricStore
  readonly projectId: string
  readonly afterMicros: number
  readonly endMicros: number
  /** Adds the period that is not over yet. */
  readonly partial: boolean
  /** The alignment period grows until a series has no more points than this. */
  readonly maxPoints: number
}

export interface ChartResult {
  readonly series: readonly PointSeries[]
  readonly unit: string
  readonly metricKind: string
  readonly valueType: string
  readonly periodMicros: number
  /** Points with a later end are of the period that is not over yet. */
  readonly wholeUntilMicros: number
}

/** Runs a chart's query, its periods ending at multiples of the alignment period. Throws `RpcError`. */
export function runChartQuery(query: ChartQuery, options: ChartQueryOptions): ChartResult {
  const numerator = runFilter(query.numerator, options)
  const picked = (series: readonly PointSeries[]): PointSeries[] =>
    query.pick ? pickSeries(series, query.pick, numerator.wholeUntilMicros) : [...series]
  const unit = query.unitOverride || numerator.unit
  if (!query.denominator) return { ...numerator, series: picked(numerator.series), unit }
  const denominator = runFilter(query.denominator, options)
  const ratios = ratioOf(numerator.series, denominator.series)
  const again = readAggregation(query.ratioAggregation, 'secondaryAggregation')
  const windows =
    again.periodMicros > 0
      ? windowsOf({ ...options, endMicros: numerator.wholeUntilMicros, periodMicros: again.periodMicros })
      : []
  return {
    ...numerator,
    series: picked(again.periodMicros > 0 ? aggregate(ratios, again, windows) : ratios),
    unit: query.unitOverride || '1',
    metricKind: 'GAUGE',
    valueType: 'DOUBLE',
  }
}

function runFilter(query: FilterQuery, options: ChartQueryOptions): ChartResult {
  const selection = selectSeries(options.store, options.projectId, query.filter)
  const first = widened(query.aggregation, options)
  const second = query.secondaryAggregation
    ? readAggregation(query.secondaryAggregation, 'secondaryAggregation')
    : NO_AGGREGATION
  const periodMicros = Math.max(first.periodMicros, second.periodMicros)
  const { afterMicros } = options
  if (periodMicros === 0) {
    const result = querySeries(selection, { afterMicros, endMicros: options.endMicros, first, second })
    return { ...result, periodMicros, wholeUntilMicros: options.endMicros }
  }
  const wholeUntilMicros = Math.floor(options.endMicros / periodMicros) * periodMicros
  const whole = querySeries(selection, { afterMicros, endMicros: wholeUntilMicros, first, second })
  if (!options.partial || wholeUntilMicros === options.endMicros) return { ...whole, periodMicros, wholeUntilMicros }
  const partial = querySeries(selection, {
    afterMicros: wholeUntilMicros,
    endMicros: wholeUntilMicros + periodMicros,
    first,
    second,
  })
  const series = joinPartial(whole.series, partial.series, options.endMicros)
  return { ...whole, series, periodMicros, wholeUntilMicros }
}

/** The aggregation with a period that gives at most `maxPoints` points: a multiple of the asked one. */
function widened(message: AggregationMessage | null, options: ChartQueryOptions): Aggregation {
  const aggregation = readAggregation(message)
  if (aggregation.periodMicros === 0) return aggregation
  const periods = (options.endMicros - options.afterMicros) / aggregation.periodMicros
  const factor = Math.max(1, Math.ceil(periods / options.maxPoints))
  return { ...aggregation, periodMicros: aggregation.periodMicros * factor }
}

/** Adds the points of the unfinished period, with now as their end, to the series that they belong to. */
function joinPartial(whole: readonly PointSeries[], partial: readonly PointSeries[], nowMicros: number): PointSeries[] {
  const byKey = new Map(whole.map((series) => [identityKey(series), series]))
  for (const series of partial) {
    const points = series.points.map((point) => ({
      ...point,
      endMicros: nowMicros,
      startMicros: Math.min(point.startMicros, nowMicros),
    }))
    const known = byKey.get(identityKey(series))
    byKey.set(identityKey(series), known ? { ...known, points: [...known.points, ...points] } : { ...series, points })
  }
  return [...byKey.values()]
}

/** Point by point; series belong together by their labels, or all to the one denominator that has none. */
function ratioOf(numerators: readonly PointSeries[], denominators: readonly PointSeries[]): PointSeries[] {
  const byLabels = new Map(denominators.map((series) => [labelsKey(series), series]))
  const [only] = denominators
  return numerators.flatMap((numerator) => {
    const denominator = byLabels.get(labelsKey(numerator)) ?? (denominators.length === 1 ? only : undefined)
    if (!denominator) return []
    const below = new Map(denominator.points.map((point) => [point.endMicros, numberOf(point.value)]))
    const points: SeriesPoint[] = []
    for (const point of numerator.points) {
      const value = numberOf(point.value) / (below.get(point.endMicros) ?? 0)
      if (Number.isFinite(value)) points.push({ startMicros: point.endMicros, endMicros: point.endMicros, value })
    }
    return points.length === 0
      ? []
      : [{ ...numerator, metricKind: 'GAUGE' as const, valueType: 'DOUBLE' as const, points }]
  })
}

/** Ranks by the whole periods, or by the running one where a series has no other: half a minute must not look like a low. */
function pickSeries(series: readonly PointSeries[], pick: PickFilter, wholeUntilMicros: number): PointSeries[] {
  const rank = ({ points }: PointSeries): number => {
    const whole = points.filter((point) => point.endMicros <= wholeUntilMicros)
    const values = (whole.length > 0 ? whole : points).map((point) => numberOf(point.value))
    if (pick.method === 'MAX') return values.reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY)
    if (pick.method === 'MIN') return values.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY)
    if (pick.method === 'SUM') return sumOf(values)
    return pick.method === 'LATEST' ? (values.at(-1) ?? 0) : meanOf(values)
  }
  const ranked = series
    .filter(({ points }) => points.length > 0)
    .map((one) => ({ one, value: rank(one) }))
    .sort((a, b) => (pick.bottom ? a.value - b.value : b.value - a.value))
  return ranked.slice(0, pick.count).map(({ one }) => one)
}

function identityKey(series: PointSeries): string {
  return `${series.metricType} ${series.resourceType} ${labelsKey(series)}`
}

function labelsKey({ metricLabels, resourceLabels }: PointSeries): string {
  const sorted = (labels: Record<string, string>): unknown =>
    Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([sorted(metricLabels), sorted(resourceLabels)])
}
