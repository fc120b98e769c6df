import { invalidField } from '../../api/rpc-error.ts'
import type { MetricKind, ValueType } from '../../contract/metrics.ts'
import type { TimestampMessage } from '../../protos/timestamp.ts'
import { timestampToMicros } from '../../protos/timestamp.ts'
import { alignSeries, type Window } from './align.ts'
import { ALIGNERS, type Aligner, alignedType } from './aligners.ts'
import type { PointSeries } from './point-series.ts'
import { type GroupByField, reduceSeries } from './reduce.ts'
import { REDUCERS, type Reducer, reducedType } from './reducers.ts'

/** `google.monitoring.v3.Aggregation`. */
export interface AggregationMessage {
  alignmentPeriod?: TimestampMessage | null
  perSeriesAligner: number
  crossSeriesReducer: number
  groupByFields: string[]
}

/** A validated aggregation; `periodMicros` is 0 for ALIGN_NONE. */
export interface Aggregation {
  readonly periodMicros: number
  readonly aligner: Aligner
  readonly reducer: Reducer
  readonly groupBy: readonly GroupByField[]
}

export const NO_AGGREGATION: Aggregation = {
  periodMicros: 0,
  aligner: 'ALIGN_NONE',
  reducer: 'REDUCE_NONE',
  groupBy: [],
}

const MIN_PERIOD_MICROS = 60_000_000
const MAX_PERIOD_MICROS = 104 * 7 * 86_400 * 1_000_000

/**
 * Validates an aggregation and the optional second one. Throws INVALID_ARGUMENT with the field, or if there is only a
 * second one.
 */
export function readAggregations(
  first: AggregationMessage | null | undefined,
  second: AggregationMessage | null | undefined,
): { first: Aggregation; second: Aggregation } {
  if (second && !first) {
    throw invalidField('secondaryAggregation', undefined, 'It can only be specified if aggregation is specified.')
  }
  const read = readAggregation(first)
  return { first: read, second: readSecondAggregation(second, { aligned: read.periodMicros > 0 }) }
}

/** Like `readAggregation`, for the aggregation of a result. An aligned result can be reduced with ALIGN_NONE. */
export function readSecondAggregation(
  message: AggregationMessage | null | undefined,
  { aligned }: { aligned: boolean },
): Aggregation {
  return readAggregation(message, 'secondaryAggregation', { aligned })
}

/** Validates an aggregation. Throws INVALID_ARGUMENT with the field below `field`. */
export function readAggregation(
  message: AggregationMessage | null | undefined,
  field = 'aggregation',
  { aligned = false }: { aligned?: boolean } = {},
): Aggregation {
  if (!message) return NO_AGGREGATION
  const aligner = (ALIGNERS as Readonly<Record<number, Aligner>>)[message.perSeriesAligner]
  if (!aligner) throw invalidField(`${field}.perSeriesAligner`, String(message.perSeriesAligner), 'Unknown aligner.')
  const reducer = (REDUCERS as Readonly<Record<number, Reducer>>)[message.crossSeriesReducer]
  if (!reducer)
    throw invalidField(`${field}.crossSeriesReducer`, String(message.crossSeriesReducer), 'Unknown reducer.')
  if (aligner === 'ALIGN_NONE' && reducer !== 'REDUCE_NONE' && !aligned) {
    throw invalidField(
      `${field}.perSeriesAligner`,
      aligner,
      `An aligner other than ALIGN_NONE is required with the reducer ${reducer}.`,
    )
  }
  const periodMicros = message.alignmentPeriod ? timestampToMicros(message.alignmentPeriod) : 0
  if (aligner !== 'ALIGN_NONE' && periodMicros < MIN_PERIOD_MICROS) {
    throw invalidField(
      `${field}.alignmentPeriod`,
      `${periodMicros / 1e6}s`,
      `It must be at least 60s with the aligner ${aligner}.`,
    )
  }
  if (periodMicros > MAX_PERIOD_MICROS)
    throw invalidField(`${field}.alignmentPeriod`, `${periodMicros / 1e6}s`, 'It must be at most 104 weeks.')
  return {
    periodMicros: aligner === 'ALIGN_NONE' ? 0 : periodMicros,
    aligner,
    reducer,
    groupBy: message.groupByFields.map((name) => readGroupByField(name, `${field}.groupByFields`)),
  }
}

/**
 * The metric kind and value type after an aggregation. Throws INVALID_ARGUMENT if the aligner or reducer can't be
 * applied.
 */
export function aggregatedType(
  aggregation: Aggregation,
  metric: { metricKind: MetricKind; valueType: ValueType },
  field = 'aggregation',
): { metricKind: MetricKind; valueType: ValueType } {
  const { aligner, reducer } = aggregation
  const aligned = alignedType(aligner, metric)
  if (!aligned) {
    const reason = `The aligner cannot be applied to metrics with kind ${metric.metricKind} and value type ${metric.valueType}.`
    throw invalidField(`${field}.perSeriesAligner`, aligner, reason)
  }
  if (reducer === 'REDUCE_NONE') return aligned
  const reduced = reducedType(reducer, aligned)
  if (!reduced) {
    const reason = `The reducer cannot be applied to aligned series with kind ${aligned.metricKind} and value type ${aligned.valueType}.`
    throw invalidField(`${field}.crossSeriesReducer`, reducer, reason)
  }
  return reduced
}

/** Aligns and reduces series. The aggregation must be valid for their metric kind and value type. */
export function aggregate(
  series: readonly PointSeries[],
  aggregation: Aggregation,
  windows: readonly Window[],
): PointSeries[] {
  const aligned = series
    .map((one) => alignSeries(one, aggregation.aligner, windows))
    .filter((one) => one.points.length > 0)
  return reduceSeries(aligned, aggregation.reducer, aggregation.groupBy)
}

function readGroupByField(name: string, field: string): GroupByField {
  const match = /^(metric|resource)\.labels?\.(?:"([^"]+)"|(.+))$/.exec(name)
  if (match) return { from: match[1] === 'metric' ? 'metric' : 'resource', key: match[2] ?? match[3] ?? '' }
  if (name === 'resource.type') return { from: 'resourceType', key: '' }
  if (name === 'project') return { from: 'project', key: '' }
  if (/^metadata\.(?:system|user)_labels\.(?:"[^"]+"|.+)$/.test(name)) return { from: 'metadata', key: '' }
  // The short form of a resource label in old dashboards.
  const short = /^resource\.([a-z_]+)$/.exec(name)
  if (short) return { from: 'resource', key: short[1] ?? '' }
  throw invalidField(
    field,
    name,
    'Known fields are metric.labels.KEY, resource.labels.KEY, metadata.system_labels.KEY, metadata.user_labels.KEY, resource.type and project.',
  )
}
