import { timestampToMicros } from '../protos/timestamp.ts'
import { invalidField } from '../rpc/status.ts'
import {
  type Aggregation,
  type AggregationMessage,
  aggregate,
  aggregatedType,
  readAggregation,
} from './aggregation/aggregation.ts'
import { type Window, windowsOf } from './aggregation/align.ts'
import type { Aligner } from './aggregation/aligners.ts'
import type { PointSeries } from './aggregation/point-series.ts'
import { METRIC_KINDS, type TimeIntervalMessage, VALUE_TYPES } from './messages.ts'
import type { MetricStore } from './metric-store.ts'
import { checkedPageSize, makePageToken, readPageToken } from './page.ts'
import { projectOfName } from './resource-name.ts'
import { pointsOf, type Selection, selectSeries } from './select-series.ts'
import { pointMessage, typedValue } from './typed-value.ts'

/** `google.monitoring.v3.ListTimeSeriesRequest`. */
export interface ListTimeSeriesRequest {
  name: string
  filter: string
  interval?: TimeIntervalMessage | null
  aggregation?: AggregationMessage | null
  secondaryAggregation?: AggregationMessage | null
  orderBy: string
  view: number
  pageSize: number
  pageToken: string
}

const MAX_PAGE = 100_000
const MAX_WINDOWS = 100_000
const VIEW_HEADERS = 1

/** Series of one metric type with their points in an interval, newest first, aligned and combined if so asked. */
export function listTimeSeries(request: ListTimeSeriesRequest, options: { store: MetricStore }): object {
  const projectId = projectOfName(request.name)
  const selection = selectSeries(options.store, projectId, request.filter)
  const interval = readInterval(request.interval)
  const first = readAggregation(request.aggregation)
  const second = readAggregation(request.secondaryAggregation, 'secondaryAggregation')
  if (request.orderBy !== '') throw invalidField('orderBy', request.orderBy, 'Unsupported: it must be left blank.')
  if (request.view > VIEW_HEADERS || request.view < 0)
    throw invalidField('view', String(request.view), 'FULL and HEADERS are allowed.')
  const { series, unit } = querySeries(selection, { ...interval, first, second })
  return page(series, request, unit)
}

/** What `querySeries` reads: `(afterMicros, endMicros]`, through one or two aggregations. */
export interface SeriesQuery {
  readonly afterMicros: number
  readonly endMicros: number
  readonly first: Aggregation
  readonly second: Aggregation
}

/** The points of selected series, aggregated. Series without points are left out. Throws INVALID_ARGUMENT. */
export function querySeries(
  selection: Selection,
  query: SeriesQuery,
): { series: PointSeries[]; unit: string; metricKind: string; valueType: string } {
  const { endMicros, first, second } = query
  const afterMicros = Math.max(query.afterMicros, selection.retainedAfterMicros)
  const { metricKind, valueType, unit } = selection.descriptor
  const firstType = aggregatedType(first, { metricKind, valueType })
  const lastType = aggregatedType(second, firstType, 'secondaryAggregation')
  const windows = checkedWindows({ ...query, afterMicros }, first, 'aggregation')
  const windows2 = checkedWindows({ ...query, afterMicros }, second, 'secondaryAggregation')
  const aligned = first.periodMicros > 0
  if (endMicros <= selection.retainedAfterMicros) return { series: [], unit, ...lastType }
  const readAfter = aligned ? (windows[0]?.startMicros ?? afterMicros) : afterMicros
  const raw = selection.series
    .map((one) => pointsOf(one, { afterMicros: readAfter, untilMicros: endMicros, withEarlier: aligned }))
    .filter((one) => one.points.length > 0)
  const once = aggregate(raw, first, windows)
  return {
    series: second.periodMicros > 0 ? aggregate(once, second, windows2) : once,
    unit: alignedUnit(alignedUnit(unit, first.aligner), second.aligner),
    ...lastType,
  }
}

function alignedUnit(unit: string, aligner: Aligner): string {
  if (aligner !== 'ALIGN_RATE') return unit
  return unit === '' ? '1/s' : `${unit}/s`
}

function checkedWindows(query: SeriesQuery, aggregation: Aggregation, field: string): Window[] {
  const { afterMicros, endMicros } = query
  const { periodMicros } = aggregation
  if (periodMicros === 0) return []
  if ((endMicros - afterMicros) / periodMicros > MAX_WINDOWS) {
    throw invalidField(
      `${field}.alignmentPeriod`,
      `${periodMicros / 1e6}s`,
      `The interval has more than ${MAX_WINDOWS} such periods.`,
    )
  }
  return windowsOf({ afterMicros, endMicros, periodMicros })
}

function readInterval(interval: TimeIntervalMessage | null | undefined): { afterMicros: number; endMicros: number } {
  if (!interval?.endTime) throw invalidField('interval.end_time', undefined, 'The end time is required.')
  const endMicros = timestampToMicros(interval.endTime)
  if (!interval.startTime) return { afterMicros: endMicros - 1, endMicros }
  const startMicros = timestampToMicros(interval.startTime)
  if (startMicros > endMicros)
    throw invalidField('interval.start_time', undefined, 'The start time must not be after the end time.')
  return { afterMicros: startMicros === endMicros ? endMicros - 1 : startMicros, endMicros }
}

/** A page is so many points, or series where only headers are wanted; a series can go on in the next page. */
function page(series: readonly PointSeries[], request: ListTimeSeriesRequest, unit: string): object {
  const headers = request.view === VIEW_HEADERS
  const fingerprint = JSON.stringify([
    request.name,
    request.filter,
    request.view,
    request.interval,
    request.aggregation,
    request.secondaryAggregation,
  ])
  const size = checkedPageSize(request.pageSize, MAX_PAGE)
  const start = readPageToken(request.pageToken, fingerprint)
  const end = start + size
  const timeSeries: object[] = []
  let offset = 0
  for (const one of series) {
    const length = headers ? 1 : one.points.length
    const from = Math.max(start - offset, 0)
    const to = Math.min(end - offset, length)
    if (from < to) timeSeries.push(seriesMessage(one, { headers, from, to, unit }))
    offset += length
  }
  return { timeSeries, nextPageToken: end < offset ? makePageToken(end, fingerprint) : '', unit }
}

/** Points `from` to `to` counted from the newest. */
function seriesMessage(
  series: PointSeries,
  options: { headers: boolean; from: number; to: number; unit: string },
): object {
  const { headers, from, to, unit } = options
  const { points } = series
  const newestFirst = headers ? [] : points.slice(points.length - to, points.length - from).reverse()
  return {
    metric: { type: series.metricType, labels: series.metricLabels },
    resource: { type: series.resourceType, labels: series.resourceLabels },
    metricKind: METRIC_KINDS.indexOf(series.metricKind),
    valueType: VALUE_TYPES.indexOf(series.valueType),
    points: newestFirst.map((point) =>
      pointMessage(point.startMicros, point.endMicros, typedValue(point.value, point.exemplars)),
    ),
    unit,
  }
}
