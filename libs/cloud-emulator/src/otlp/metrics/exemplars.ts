import { DROPPED_LABELS, SPAN_CONTEXT } from '../../monitoring/model/attachment-types.ts'
import type { AnyMessage, ExemplarMessage } from '../../monitoring/model/messages.ts'
import { int64ToNumber } from '../../protos/int64.ts'
import { messageCodec } from '../../protos/registry.ts'
import { microsToTimestamp } from '../../protos/timestamp.ts'
import { isSpanId, isTraceId } from '../../trace/span.ts'
import { hex, microsOf, textAttributes } from '../any-value.ts'
import type { ExemplarMessage as OtlpExemplar } from './metric-messages.ts'

const MAX_EXEMPLARS = 200

const spanContextCodec = messageCodec<{ spanName: string }>(SPAN_CONTEXT)
const droppedLabelsCodec = messageCodec<{ label: Record<string, string> }>(DROPPED_LABELS)

/** A histogram's exemplars as those of a distribution: the span and the filtered attributes become attachments. */
export function distributionExemplars(exemplars: readonly OtlpExemplar[], projectId: string): ExemplarMessage[] {
  return exemplars.slice(0, MAX_EXEMPLARS).map((exemplar) => ({
    value: exemplar.value === 'asInt' ? int64ToNumber(exemplar.asInt ?? 0) : (exemplar.asDouble ?? 0),
    timestamp: microsToTimestamp(microsOf(exemplar.timeUnixNano)),
    attachments: attachmentsOf(exemplar, projectId),
  }))
}

function attachmentsOf(exemplar: OtlpExemplar, projectId: string): AnyMessage[] {
  const traceId = hex(exemplar.traceId)
  const spanId = hex(exemplar.spanId)
  const attachments: AnyMessage[] = []
  if (isTraceId(traceId) && isSpanId(spanId))
    attachments.push({
      type_url: `type.googleapis.com/${SPAN_CONTEXT}`,
      value: spanContextCodec.encode({ spanName: `projects/${projectId}/traces/${traceId}/spans/${spanId}` }),
    })
  if (exemplar.filteredAttributes.length > 0)
    attachments.push({
      type_url: `type.googleapis.com/${DROPPED_LABELS}`,
      value: droppedLabelsCodec.encode({ label: Object.fromEntries(textAttributes(exemplar.filteredAttributes)) }),
    })
  return attachments
}
