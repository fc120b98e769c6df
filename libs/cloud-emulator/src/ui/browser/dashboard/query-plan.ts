import type { ChartQuery, QueryResult, QuerySeries } from '../../../contract/charts.ts'
import type { Aggregation, TimeSeriesQuery } from '../../../contract/dashboard.ts'
import type { Labels } from '../../../contract/metrics.ts'
import { parseDurationSeconds } from '../format/duration-seconds.ts'

const MIN_PERIOD_SECONDS = 60
/** More points than this could not be distinguished in a chart. */
const MAX_POINTS = 400

/**
 * The alignment period for a time range: the requested one, or more whole minutes if that would result in too many
 * points.
 */
export function alignmentPeriodSeconds(asked: number | undefined, rangeSeconds: number): number {
  const least = Math.max(MIN_PERIOD_SECONDS, asked ?? MIN_PERIOD_SECONDS)
  const needed = Math.ceil(rangeSeconds / MAX_POINTS / 60) * 60
  return Math.max(least, needed)
}

function withPeriod(aggregation: Aggregation | undefined, least: number | undefined, range: number): Aggregation {
  const asked = Math.max(parseDurationSeconds(aggregation?.alignmentPeriod) ?? 0, least ?? 0) || undefined
  return { ...aggregation, alignmentPeriod: `${alignmentPeriodSeconds(asked, range)}s` }
}

function isAligned(aggregation: Aggregation | undefined): boolean {
  const aligner = aggregation?.perSeriesAligner
  return aligner !== undefined && aligner !== 'ALIGN_NONE'
}

/**
 * Sets an alignment period that is suitable for the time range, as the console does. Queries without an aligner are not
 * changed.
 */
export function fitPeriod(
  query: TimeSeriesQuery,
  rangeSeconds: number,
  minAlignmentPeriod: string | undefined,
): TimeSeriesQuery {
  const least = parseDurationSeconds(minAlignmentPeriod)
  if (query.timeSeriesFilter) {
    const { aggregation, secondaryAggregation, ...rest } = query.timeSeriesFilter
    if (!isAligned(aggregation)) return query
    return {
      ...query,
      timeSeriesFilter: {
        ...rest,
        aggregation: withPeriod(aggregation, least, rangeSeconds),
        ...(secondaryAggregation
          ? { secondaryAggregation: withPeriod(secondaryAggregation, least, rangeSeconds) }
          : {}),
      },
    }
  }
  if (query.timeSeriesFilterRatio) {
    const { numerator, denominator, secondaryAggregation, ...rest } = query.timeSeriesFilterRatio
    return {
      ...query,
      timeSeriesFilterRatio: {
        ...rest,
        ...(numerator
          ? { numerator: { ...numerator, aggregation: withPeriod(numerator.aggregation, least, rangeSeconds) } }
          : {}),
        ...(denominator
          ? { denominator: { ...denominator, aggregation: withPeriod(denominator.aggregation, least, rangeSeconds) } }
          : {}),
        ...(secondaryAggregation
          ? { secondaryAggregation: withPeriod(secondaryAggregation, least, rangeSeconds) }
          : {}),
      },
    }
  }
  return query
}

/**
 * The options that give a chart the resolution of the data, unless Cloud Monitoring's periods are requested (`60s` in
 * the address). The shortest period depends on the range, so that no chart has more points than can be distinguished.
 */
export function alignmentOf(
  parameters: Readonly<Record<string, string>>,
  rangeSeconds: number,
  minimumSeconds = 1,
): Pick<ChartQuery, 'alignment' | 'finestSeconds'> {
  if (parameters.alignment === '60s') return {}
  return { alignment: 'auto', finestSeconds: Math.max(minimumSeconds, Math.ceil(rangeSeconds / MAX_POINTS)) }
}

/**
 * Whether a part of the range can be queried on its own. It can't if there is one value over the whole range, or series
 * are ranked over it.
 */
export function isMergeable(query: TimeSeriesQuery): boolean {
  if (query.prometheusQuery || query.outputFullDuration) return false
  return !query.timeSeriesFilter?.pickTimeSeriesFilter && !query.timeSeriesFilterRatio?.pickTimeSeriesFilter
}

/** A key that is equal for the same series in two results. */
export function seriesKey(series: QuerySeries): string {
  const sorted = (labels: Labels): string[][] => Object.entries(labels).sort()
  return JSON.stringify([
    series.metricType,
    sorted(series.metricLabels),
    series.resourceType,
    sorted(series.resourceLabels),
  ])
}

function cut(series: QuerySeries, from: number, to: number): QuerySeries {
  const start = lowerBound(series.timesMs, from)
  const end = lowerBound(series.timesMs, to)
  if (start === 0 && end === series.timesMs.length) return series
  const partialFrom = series.partialFrom === undefined ? undefined : series.partialFrom - start
  const { partialFrom: _, ...rest } = series
  return {
    ...rest,
    timesMs: series.timesMs.slice(start, end),
    ...(series.values ? { values: series.values.slice(start, end) } : {}),
    ...(series.distributions ? { distributions: series.distributions.slice(start, end) } : {}),
    ...(series.exemplars
      ? { exemplars: series.exemplars.filter((exemplar) => exemplar.timeMs >= from && exemplar.timeMs < to) }
      : {}),
    ...(partialFrom !== undefined && partialFrom < end - start ? { partialFrom: Math.max(0, partialFrom) } : {}),
  }
}

function lowerBound(times: readonly number[], time: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((times[middle] ?? 0) < time) low = middle + 1
    else high = middle
  }
  return low
}

function sameBounds(one: readonly number[] = [], other: readonly number[] = []): boolean {
  return one.length === other.length && one.every((bound, index) => bound === other[index])
}

function join(older: QuerySeries, newer: QuerySeries): QuerySeries {
  if (newer.distributions && !sameBounds(older.bounds, newer.bounds)) return newer
  const partialFrom = newer.partialFrom === undefined ? undefined : older.timesMs.length + newer.partialFrom
  return {
    ...newer,
    timesMs: [...older.timesMs, ...newer.timesMs],
    ...(newer.values ? { values: [...(older.values ?? []), ...newer.values] } : {}),
    ...(newer.distributions ? { distributions: [...(older.distributions ?? []), ...newer.distributions] } : {}),
    ...(newer.exemplars || older.exemplars
      ? { exemplars: [...(older.exemplars ?? []), ...(newer.exemplars ?? [])] }
      : {}),
    ...(partialFrom === undefined ? {} : { partialFrom }),
  }
}

/**
 * Merges a newer part of a result into an older result, so that a live chart queries minutes instead of hours.
 *
 * @param known the older result
 * @param update a result for the end of the range
 * @param fromMs earlier points of `update` are ignored, because their period began before the update's range; later
 * points of `known` are replaced
 * @param startMs earlier points have left the range
 */
export function mergeResults(known: QueryResult, update: QueryResult, fromMs: number, startMs: number): QueryResult {
  if (update.error || known.error) return update
  if (known.alignmentPeriodSeconds !== update.alignmentPeriodSeconds && known.series.length > 0) return update
  const newer = new Map(update.series.map((series) => [seriesKey(series), series]))
  const merged: QuerySeries[] = []
  for (const series of known.series) {
    const key = seriesKey(series)
    const old = cut(series, startMs, fromMs)
    const fresh = newer.get(key)
    newer.delete(key)
    const joined = fresh ? join(old, cut(fresh, fromMs, Number.POSITIVE_INFINITY)) : old
    if (joined.timesMs.length > 0) merged.push(joined)
  }
  for (const series of newer.values()) {
    const fresh = cut(series, fromMs, Number.POSITIVE_INFINITY)
    if (fresh.timesMs.length > 0) merged.push(fresh)
  }
  return { ...update, totalSeries: Math.max(update.totalSeries, merged.length), series: merged }
}
