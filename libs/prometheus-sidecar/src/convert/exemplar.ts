import type { Exemplar } from '../model/sample.ts'
import type { DistributionExemplar } from '../model/time-series.ts'

const TRACE_ID = /^[0-9a-f]{32}$/i
const SPAN_ID = /^[0-9a-f]{16}$/i

/** Label names that clients use for the ids of a span. */
const TRACE_LABELS = ['trace_id', 'traceID', 'traceId']
const SPAN_LABELS = ['span_id', 'spanID', 'spanId']

/** Converts an exemplar. If its labels identify a trace and a span, the result refers to that span in `projectId`. */
export function convertExemplar(exemplar: Exemplar, projectId: string): DistributionExemplar {
  const traceLabel = TRACE_LABELS.find((name) => TRACE_ID.test(exemplar.labels.get(name) ?? ''))
  const spanLabel = SPAN_LABELS.find((name) => SPAN_ID.test(exemplar.labels.get(name) ?? ''))
  const labels = new Map(exemplar.labels)
  let spanName: string | undefined
  if (traceLabel !== undefined && spanLabel !== undefined) {
    const traceId = exemplar.labels.get(traceLabel)?.toLowerCase()
    const spanId = exemplar.labels.get(spanLabel)?.toLowerCase()
    spanName = `projects/${projectId}/traces/${traceId}/spans/${spanId}`
    labels.delete(traceLabel)
    labels.delete(spanLabel)
  }
  return { value: exemplar.value, timestampMs: exemplar.timestampMs, spanName, labels }
}
