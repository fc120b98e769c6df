import type { AggregationMessage } from '../monitoring/aggregation/aggregation.ts'
import { fromJson } from '../protos/proto-json.ts'
import { registry } from '../protos/registry.ts'
import { invalidField, RpcError } from '../rpc/status.ts'

/** A filter with its aggregations, as in a dashboard's `timeSeriesFilter`. */
export interface FilterQuery {
  readonly filter: string
  readonly aggregation: AggregationMessage | null
  readonly secondaryAggregation: AggregationMessage | null
}

/** Keeps some of the series, by a statistic of their values. */
export interface PickFilter {
  readonly method: 'MEAN' | 'MAX' | 'MIN' | 'SUM' | 'LATEST'
  readonly count: number
  readonly bottom: boolean
}

/** A dashboard's query: one filter, or the ratio of two. */
export interface ChartQuery {
  readonly numerator: FilterQuery
  readonly denominator?: FilterQuery
  readonly ratioAggregation?: AggregationMessage | null
  readonly pick?: PickFilter
  readonly unitOverride: string
}

interface FilterMessage {
  filter: string
  aggregation?: AggregationMessage | null
  secondaryAggregation?: AggregationMessage | null
  pickTimeSeriesFilter?: PickMessage | null
  statisticalTimeSeriesFilter?: object | null
}

interface PickMessage {
  rankingMethod: number
  numTimeSeries: number
  direction: number
  interval?: object | null
}

interface TimeSeriesQueryMessage {
  timeSeriesFilter?: FilterMessage | null
  timeSeriesFilterRatio?: {
    numerator?: FilterMessage | null
    denominator?: FilterMessage | null
    secondaryAggregation?: AggregationMessage | null
    pickTimeSeriesFilter?: PickMessage | null
    statisticalTimeSeriesFilter?: object | null
  } | null
  timeSeriesQueryLanguage?: string
  prometheusQuery?: string
  unitOverride: string
}

const TYPE = registry.lookupType('google.monitoring.dashboard.v1.TimeSeriesQuery')
const METHODS = ['MEAN', 'MEAN', 'MAX', 'MIN', 'SUM', 'LATEST'] as const
const BOTTOM = 2
const DEFAULT_PICKED = 30

/** Reads a `timeSeriesQuery` of a dashboard's JSON. Throws INVALID_ARGUMENT, or UNIMPLEMENTED for PromQL and MQL. */
export function readChartQuery(json: unknown): ChartQuery {
  // fromJson builds the message of the very type that is described above.
  const message = fromJson(TYPE, json, 'timeSeriesQuery') as TimeSeriesQueryMessage
  const { timeSeriesFilter: single, timeSeriesFilterRatio: ratio, unitOverride } = message
  if (single) return { numerator: filterQuery(single), unitOverride, ...pickOf(single) }
  if (ratio) {
    if (!ratio.numerator || !ratio.denominator) {
      throw invalidField('timeSeriesQuery.timeSeriesFilterRatio', undefined, 'It needs a numerator and a denominator.')
    }
    return {
      numerator: filterQuery(ratio.numerator),
      denominator: filterQuery(ratio.denominator),
      ratioAggregation: ratio.secondaryAggregation ?? null,
      unitOverride,
      ...pickOf(ratio),
    }
  }
  if (message.prometheusQuery) throw unsupported('prometheusQuery', 'use timeSeriesFilter')
  if (message.timeSeriesQueryLanguage) throw unsupported('timeSeriesQueryLanguage', 'use timeSeriesFilter')
  throw invalidField('timeSeriesQuery', undefined, 'It needs timeSeriesFilter or timeSeriesFilterRatio.')
}

function unsupported(field: string, instead: string): RpcError {
  return new RpcError('UNIMPLEMENTED', `${field} is not supported by this emulator; ${instead}.`)
}

function filterQuery(message: FilterMessage): FilterQuery {
  const { filter, aggregation, secondaryAggregation } = message
  return { filter, aggregation: aggregation ?? null, secondaryAggregation: secondaryAggregation ?? null }
}

function pickOf(filters: Pick<FilterMessage, 'pickTimeSeriesFilter' | 'statisticalTimeSeriesFilter'>): {
  pick?: PickFilter
} {
  if (filters.statisticalTimeSeriesFilter) throw unsupported('statisticalTimeSeriesFilter', 'use pickTimeSeriesFilter')
  const { pickTimeSeriesFilter: pick } = filters
  if (!pick) return {}
  if (pick.interval) throw unsupported('pickTimeSeriesFilter.interval', 'leave it out to rank over the whole range')
  const { rankingMethod, numTimeSeries, direction } = pick
  return {
    pick: {
      method: METHODS[rankingMethod] ?? 'MEAN',
      count: numTimeSeries || DEFAULT_PICKED,
      bottom: direction === BOTTOM,
    },
  }
}
