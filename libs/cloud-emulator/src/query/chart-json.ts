import type { PointSeries } from '../monitoring/aggregation/point-series.ts'
import type { ExemplarMessage } from '../monitoring/messages.ts'
import { isDistribution, type PointValue } from '../monitoring/point-columns.ts'
import { registry } from '../protos/registry.ts'
import { timestampToMicros } from '../protos/timestamp.ts'
import type { ChartResult } from './run-chart-query.ts'

const MAX_EXEMPLARS = 100
const SPAN_NAME = /^projects\/[^/]+\/traces\/([0-9a-f]{32})\/spans\/([0-9a-f]{16})$/

const TRACE_ID = /^[0-9a-f]{32}$/

/** A chart's result as columns, which are small and quick to read. */
export function chartJson(result: ChartResult, options: { maxSeries: number; exemplars: boolean }): object {
  return {
    metricKind: result.metricKind,
    valueType: result.valueType,
    unit: result.unit,
    alignmentPeriodSeconds: result.periodMicros / 1e6,
    totalSeries: result.series.length,
    series: result.series.slice(0, options.maxSeries).map((series) => seriesJson(series, result, options.exemplars)),
  }
}

function seriesJson(series: PointSeries, result: ChartResult, withExemplars: boolean): object {
  const { metricType, metricLabels, resourceType, resourceLabels, points } = series
  const partialFrom = points.findIndex((point) => point.endMicros > result.wholeUntilMicros)
  const exemplars = withExemplars ? points.flatMap((point) => point.exemplars ?? []).slice(-MAX_EXEMPLARS) : []
  return {
    metricType,
    metricLabels,
    resourceType,
    resourceLabels,
    timesMs: points.map((point) => point.endMicros / 1000),
    ...valuesJson(series),
    ...(exemplars.length > 0 ? { exemplars: exemplars.map(exemplarJson) } : {}),
    ...(partialFrom < 0 ? {} : { partialFrom }),
  }
}

function valuesJson(series: PointSeries): object {
  if (series.valueType !== 'DISTRIBUTION') return { values: series.points.map((point) => plainValue(point.value)) }
  const distributions = series.points.map((point) => point.value).filter(isDistribution)
  const bounds = distributions.findLast((value) => value.layout.buckets > 0)?.layout.bounds ?? []
  return {
    bounds,
    distributions: distributions.map((value) => ({
      count: value.count,
      mean: value.mean,
      counts: value.layout.bounds.length === bounds.length ? Array.from(value.counts) : [],
    })),
  }
}

function plainValue(value: PointValue): unknown {
  if (typeof value === 'bigint') return Number(value)
  return typeof value === 'number' && !Number.isFinite(value) ? null : value
}

function exemplarJson(exemplar: ExemplarMessage): object {
  let traceId: string | undefined
  let spanId: string | undefined
  const labels: Record<string, string> = {}
  for (const attachment of exemplar.attachments ?? []) {
    const name = attachment.type_url.slice(attachment.type_url.lastIndexOf('/') + 1)
    const decoded = decodeAttachment(name, attachment.value)
    const span = SPAN_NAME.exec(String(decoded?.spanName ?? ''))
    if (span) [, traceId, spanId] = span
    if (name === 'google.monitoring.v3.DroppedLabels') Object.assign(labels, decoded?.label ?? {})
  }
  // Where there was no room for the span Prometheus' clients give the trace alone, as a label.
  if (traceId === undefined && TRACE_ID.test(labels.trace_id ?? '')) traceId = labels.trace_id
  return {
    timeMs: exemplar.timestamp ? timestampToMicros(exemplar.timestamp) / 1000 : null,
    value: exemplar.value,
    ...(traceId === undefined ? {} : { traceId }),
    ...(spanId === undefined ? {} : { spanId }),
    labels,
  }
}

/** Attachments of unknown types, or with bytes that are not theirs, say nothing. */
function decodeAttachment(name: string, value: Uint8Array): Record<string, unknown> | undefined {
  if (name !== 'google.monitoring.v3.SpanContext' && name !== 'google.monitoring.v3.DroppedLabels') return undefined
  try {
    const type = registry.lookupType(name)
    return type.toObject(type.decode(value))
  } catch {
    return undefined
  }
}
