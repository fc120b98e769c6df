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
}

interface PickMessage {
  rankingMethod: number
  numTimeSeries: number
  direction: number
}

interface TimeSeriesQueryMessage {
  timeSeriesFilter?: FilterMessage | null
  timeSeriesFilterRatio?: {
    numerator?: FilterMessage | null
    denominator?: FilterMessage | null
    secondaryAggregation?: AggregationMessage | null
    pickTimeSeriesFilter?: PickMessage | null
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
  if (single) return { numerator: filterQuery(single), unitOverride, ...pickOf(single.pickTimeSeriesFilter) }
  if (ratio) {
    if (!ratio.numerator || !ratio.denominator) {
      throw invalidField('timeSeriesQuery.timeSeriesFilterRatio', undefined, 'It needs a numerator and a denominator.')
    }
    return {
      numerator: filterQuery(ratio.numerator),
      denominator: filterQuery(ratio.denominator),
      ratioAggregation: ratio.secondaryAggregation ?? null,
      unitOverride,
      ...pickOf(ratio.pickTimeSeriesFilter),
    }
  }
  if (message.prometheusQuery) throw unsupported('prometheusQuery')
  if (message.timeSeriesQueryLanguage) throw unsupported('timeSeriesQueryLanguage')
  throw invalidField('timeSeriesQuery', undefined, 'It needs timeSeriesFilter or timeSeriesFilterRatio.')
}

function unsupported(field: string): RpcError {
  return new RpcError('UNIMPLEMENTED', `${field} is not supported by this emulator; use timeSeriesFilter.`)
}

function filterQuery(message: FilterMessage): FilterQuery {
  const { filter, aggregation, secondaryAggregation } = message
  return { filter, aggregation: aggregation ?? null, secondaryAggregation: secondaryAggregation ?? null }
}

function pickOf(message: PickMessage | null | undefined): { pick?: PickFilter } {
  if (!message) return {}
  const { rankingMethod, numTimeSeries, direction } = message
  return {
    pick: {
      method: METHODS[rankingMethod] ?? 'MEAN',
      count: numTimeSeries || DEFAULT_PICKED,
      bottom: direction === BOTTOM,
    },
  }
}
