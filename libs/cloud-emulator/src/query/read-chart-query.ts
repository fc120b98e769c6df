import { invalidField, RpcError } from '../api/rpc-error.ts'
import type { AggregationMessage } from '../monitoring/aggregation/aggregation.ts'
import { messageFromJson } from '../protos/proto-json.ts'
import { messageCodec } from '../protos/registry.ts'
import { refuseMetadataRestriction } from './metadata-restriction.ts'
import type { PickFilter } from './pick-series.ts'

/** A filter with its aggregations, as in a dashboard's `timeSeriesFilter`. */
export interface FilterQuery {
  readonly filter: string
  readonly aggregation: AggregationMessage | null
  readonly secondaryAggregation: AggregationMessage | null
}

/** A dashboard's query: one filter, or the ratio of two. */
export interface ChartQuery {
  readonly numerator: FilterQuery
  readonly denominator?: FilterQuery
  readonly ratioAggregation?: AggregationMessage | null
  readonly pick?: PickFilter
  /** The whole interval is one alignment period. */
  readonly fullDuration: boolean
  readonly unitOverride: string
}

interface PickMessage {
  rankingMethod: number
  numTimeSeries: number
  direction: number
  interval?: object | null
}

interface OutputFilters {
  pickTimeSeriesFilter?: PickMessage | null
  statisticalTimeSeriesFilter?: object | null
}

interface FilterMessage extends OutputFilters {
  filter: string
  aggregation?: AggregationMessage | null
  secondaryAggregation?: AggregationMessage | null
}

interface RatioMessage extends OutputFilters {
  numerator?: FilterMessage | null
  denominator?: FilterMessage | null
  secondaryAggregation?: AggregationMessage | null
}

interface TimeSeriesQueryMessage {
  timeSeriesFilter?: FilterMessage | null
  timeSeriesFilterRatio?: RatioMessage | null
  timeSeriesQueryLanguage?: string
  prometheusQuery?: string
  opsAnalyticsQuery?: object | null
  traceQuery?: object | null
  outputFullDuration: boolean
  unitOverride: string
}

const timeSeriesQueryCodec = messageCodec<TimeSeriesQueryMessage>('google.monitoring.dashboard.v1.TimeSeriesQuery')
/** By the number of `PickTimeSeriesFilter.Method`. */
const METHODS = ['MEAN', 'MEAN', 'MAX', 'MIN', 'SUM', 'LATEST'] as const
const DIRECTION_BOTTOM = 2
const DEFAULT_PICKED = 30

/** The PromQL of a dashboard's `timeSeriesQuery`; undefined for other queries. Throws INVALID_ARGUMENT. */
export function readPromqlQuery(json: unknown): { query: string; unitOverride: string } | undefined {
  const { prometheusQuery, unitOverride } = messageFromJson(timeSeriesQueryCodec, json, 'timeSeriesQuery')
  return prometheusQuery ? { query: prometheusQuery, unitOverride } : undefined
}

/**
 * Parses the JSON of a dashboard's `timeSeriesQuery` that is not PromQL. Throws INVALID_ARGUMENT, or UNIMPLEMENTED for
 * MQL.
 */
export function readChartQuery(json: unknown): ChartQuery {
  const message = messageFromJson(timeSeriesQueryCodec, json, 'timeSeriesQuery')
  const { timeSeriesFilter: single, timeSeriesFilterRatio: ratio, unitOverride } = message
  const common = { unitOverride, fullDuration: message.outputFullDuration }
  if (single) return { numerator: filterQuery(single), ...common, ...pickOf(single) }
  if (ratio) {
    if (!ratio.numerator || !ratio.denominator) {
      throw invalidField('timeSeriesQuery.timeSeriesFilterRatio', undefined, 'It needs a numerator and a denominator.')
    }
    return {
      numerator: filterQuery(ratio.numerator),
      denominator: filterQuery(ratio.denominator),
      ratioAggregation: ratio.secondaryAggregation ?? null,
      ...common,
      ...pickOf(ratio),
    }
  }
  if (message.opsAnalyticsQuery) throw unsupported('opsAnalyticsQuery', 'use timeSeriesFilter')
  if (message.traceQuery) throw unsupported('traceQuery', 'see the traces page')
  if (message.timeSeriesQueryLanguage)
    throw unsupported('timeSeriesQueryLanguage', 'use prometheusQuery or timeSeriesFilter')
  throw invalidField('timeSeriesQuery', undefined, 'It needs timeSeriesFilter or timeSeriesFilterRatio.')
}

function unsupported(field: string, instead: string): RpcError {
  return new RpcError('UNIMPLEMENTED', `${field} is not supported by this emulator; ${instead}.`)
}

function filterQuery({ filter, aggregation, secondaryAggregation }: FilterMessage): FilterQuery {
  refuseMetadataRestriction(filter)
  return { filter, aggregation: aggregation ?? null, secondaryAggregation: secondaryAggregation ?? null }
}

function pickOf({ pickTimeSeriesFilter: pick, statisticalTimeSeriesFilter }: OutputFilters): { pick?: PickFilter } {
  if (statisticalTimeSeriesFilter) throw unsupported('statisticalTimeSeriesFilter', 'use pickTimeSeriesFilter')
  if (!pick) return {}
  if (pick.interval) throw unsupported('pickTimeSeriesFilter.interval', 'omit it to rank over the whole range')
  return {
    pick: {
      method: METHODS[pick.rankingMethod] ?? 'MEAN',
      count: pick.numTimeSeries || DEFAULT_PICKED,
      bottom: pick.direction === DIRECTION_BOTTOM,
    },
  }
}
