import type { DistributionPoint, Exemplar, QueryAnswer, QuerySeries } from '../contract/charts.ts'
import type { PointSeries } from '../monitoring/aggregation/point-series.ts'
import { DROPPED_LABELS, SPAN_CONTEXT } from '../monitoring/model/attachment-types.ts'
import type { ExemplarMessage } from '../monitoring/model/messages.ts'
import { isDistribution, type PointValue } from '../monitoring/model/point-value.ts'
import { registry } from '../protos/registry.ts'
import { timestampToMicros } from '../protos/timestamp.ts'
import type { ChartResult } from './run-chart-query.ts'

const MAX_EXEMPLARS = 300
const SPAN_NAME = /^projects\/[^/]+\/traces\/([0-9a-f]{32})\/spans\/([0-9a-f]{16})$/
const TRACE_ID = /^[0-9a-f]{32}$/

/** A chart's result as columns, which are small and fast to read. */
export function chartAnswer(result: ChartResult, options: { maxSeries: number; exemplars: boolean }): QueryAnswer {
  return {
    metricKind: result.metricKind,
    valueType: result.valueType,
    unit: result.unit,
    alignmentPeriodSeconds: result.periodMicros / 1e6,
    totalSeries: result.series.length,
    series: result.series.slice(0, options.maxSeries).map((series) => seriesColumns(series, result, options.exemplars)),
  }
}

function seriesColumns(series: PointSeries, result: ChartResult, withExemplars: boolean): QuerySeries {
  const { metricType, metricLabels, resourceType, resourceLabels, points } = series
  const partialFrom = points.findIndex((point) => point.endMicros > result.wholeUntilMicros)
  const exemplars = withExemplars ? exemplarsOf(series) : []
  return {
    metricType,
    metricLabels,
    resourceType,
    resourceLabels,
    timesMs: points.map((point) => point.endMicros / 1000),
    ...valueColumns(series),
    ...(exemplars.length > 0 ? { exemplars } : {}),
    ...(partialFrom < 0 ? {} : { partialFrom }),
  }
}

function valueColumns({ valueType, points }: PointSeries): Pick<QuerySeries, 'values' | 'distributions' | 'bounds'> {
  if (valueType !== 'DISTRIBUTION') return { values: points.map((point) => plainValue(point.value)) }
  const distributions = points.map((point) => point.value).filter(isDistribution)
  const bounds = distributions.findLast((value) => value.layout.buckets > 0)?.layout.bounds ?? []
  return {
    bounds,
    distributions: distributions.map(
      ({ count, mean, counts, layout }): DistributionPoint => ({
        count,
        mean,
        counts: layout.bounds.length === bounds.length ? Array.from(counts) : [],
      }),
    ),
  }
}

function plainValue(value: PointValue): number | boolean | null {
  if (typeof value === 'boolean') return value
  const number = Number(value)
  return Number.isFinite(number) ? number : null
}

function exemplarsOf({ points }: PointSeries): Exemplar[] {
  return points
    .flatMap(({ endMicros, exemplars = [] }) => exemplars.map((message) => ({ message, endMicros })))
    .slice(-MAX_EXEMPLARS)
    .map(({ message, endMicros }) => exemplarOf(message, endMicros))
}

/** An exemplar with the trace that it belongs to. */
export function exemplarOf({ value, timestamp, attachments = [] }: ExemplarMessage, pointEndMicros: number): Exemplar {
  let traceId: string | undefined
  let spanId: string | undefined
  const labels: Record<string, string> = {}
  for (const attachment of attachments) {
    const type = attachment.type_url.slice(attachment.type_url.lastIndexOf('/') + 1)
    const decoded = decodeAttachment(type, attachment.value)
    const span = SPAN_NAME.exec(String(decoded?.spanName ?? ''))
    if (span) [, traceId, spanId] = span
    if (type === DROPPED_LABELS) Object.assign(labels, decoded?.label)
  }
  // Prometheus clients omit the span ID, and have the trace ID in a label, if an exemplar's labels would be too long.
  if (traceId === undefined && TRACE_ID.test(labels.trace_id ?? '')) traceId = labels.trace_id
  return {
    timeMs: (timestamp ? timestampToMicros(timestamp) : pointEndMicros) / 1000,
    value,
    ...(traceId === undefined ? {} : { traceId }),
    ...(spanId === undefined ? {} : { spanId }),
    labels,
  }
}

/** Undefined for attachments of other types, or with invalid bytes. */
function decodeAttachment(type: string, bytes: Uint8Array): Record<string, unknown> | undefined {
  if (type !== SPAN_CONTEXT && type !== DROPPED_LABELS) return undefined
  try {
    const message = registry.lookupType(type)
    return message.toObject(message.decode(bytes))
  } catch {
    return undefined
  }
}
