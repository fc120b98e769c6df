import { createHash } from 'node:crypto'
import { checkedPageSize, compareSortKeys, makePageToken, readPageToken, type SortKey } from '../../api/list-page.ts'
import { projectOfName } from '../../api/resource-name.ts'
import { invalidField } from '../../api/rpc-error.ts'
import { timestampToMicros } from '../../protos/timestamp.ts'
import { type AggregationMessage, readAggregations } from '../aggregation/aggregation.ts'
import type { PointSeries } from '../aggregation/point-series.ts'
import { METRIC_KINDS, type TimeIntervalMessage, type TimeSeriesMessage, VALUE_TYPES } from '../model/messages.ts'
import type { MetricStore } from '../store/metric-store.ts'
import { QueryBudget } from './query-budget.ts'
import { querySeries } from './query-series.ts'
import { selectSeries } from './select-series.ts'
import { identityKey } from './series-identity.ts'
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

/** `google.monitoring.v3.ListTimeSeriesResponse`. */
export interface ListTimeSeriesResponse {
  timeSeries: TimeSeriesMessage[]
  nextPageToken: string
  unit: string
}

const MAX_PAGE = 100_000
const VIEW_HEADERS = 1

/** Lists the series of one metric type with their points in an interval, newest first. Throws INVALID_ARGUMENT or NOT_FOUND. */
export function listTimeSeries(
  request: ListTimeSeriesRequest,
  options: { store: MetricStore },
): ListTimeSeriesResponse {
  const selection = selectSeries(options.store, projectOfName(request.name), request.filter)
  const interval = readInterval(request.interval)
  const aggregations = readAggregations(request.aggregation, request.secondaryAggregation)
  if (request.orderBy !== '') throw invalidField('orderBy', request.orderBy, 'Unsupported: it must be left blank.')
  if (request.view > VIEW_HEADERS || request.view < 0)
    throw invalidField('view', String(request.view), 'FULL and HEADERS are allowed.')
  const budget = new QueryBudget(options.store.limits.maxQuerySamples)
  const { series, unit } = querySeries(selection, { ...interval, ...aggregations, budget })
  return responsePage(series, request, unit)
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

/**
 * The page size is a number of points, or of series if only headers are requested; a series may continue on the next
 * page. A token contains the series and the end of its last returned point.
 */
function responsePage(
  series: readonly PointSeries[],
  request: ListTimeSeriesRequest,
  unit: string,
): ListTimeSeriesResponse {
  const headers = request.view === VIEW_HEADERS
  const { name, filter, view, interval, aggregation, secondaryAggregation } = request
  const fingerprint = JSON.stringify([name, filter, view, interval, aggregation, secondaryAggregation])
  const last = readPageToken(request.pageToken, fingerprint)
  let room = checkedPageSize(request.pageSize, MAX_PAGE)
  const timeSeries: TimeSeriesMessage[] = []
  let end: SortKey | undefined
  for (const { one, key } of inOrder(series, { paged: last !== undefined, room, headers })) {
    const from = last ? returnedPoints(one, key, { last, headers }) : 0
    const length = headers ? 1 : one.points.length
    if (from >= length) continue
    if (room === 0 && end) return { timeSeries, nextPageToken: makePageToken(end, fingerprint), unit }
    const to = Math.min(length, from + room)
    timeSeries.push(seriesMessage(one, { headers, from, to, unit }))
    room -= to - from
    end = headers ? [key] : [key, one.points[one.points.length - to]?.endMicros ?? 0]
    if (to < length) return { timeSeries, nextPageToken: makePageToken(end, fingerprint), unit }
  }
  return { timeSeries, nextPageToken: '', unit }
}

/**
 * If there is more than one page, series are in an order that is stable while series are added and removed; by digests,
 * since keys are long.
 */
function inOrder(
  series: readonly PointSeries[],
  page: { paged: boolean; room: number; headers: boolean },
): { one: PointSeries; key: string }[] {
  const total = page.headers ? series.length : series.reduce((sum, { points }) => sum + points.length, 0)
  if (!page.paged && total <= page.room) return series.map((one) => ({ one, key: '' }))
  return series
    .map((one) => ({ one, key: createHash('sha256').update(identityKey(one)).digest('base64url') }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
}

/** How many of a series' points, from the newest on, earlier pages have returned, or are newer than those. */
function returnedPoints(series: PointSeries, key: string, page: { last: SortKey; headers: boolean }): number {
  const [lastKey = '', lastEnd = 0] = page.last
  const order = compareSortKeys([key], [lastKey])
  if (order > 0) return 0
  if (order < 0 || page.headers) return Number.POSITIVE_INFINITY
  return series.points.filter((point) => point.endMicros >= Number(lastEnd)).length
}

/** `from` and `to` count from the newest point. */
function seriesMessage(
  series: PointSeries,
  options: { headers: boolean; from: number; to: number; unit: string },
): TimeSeriesMessage {
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
