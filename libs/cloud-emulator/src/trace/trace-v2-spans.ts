import { checkedProjectId } from '../api/resource-name.ts'
import { invalidField, type RpcError } from '../api/rpc-error.ts'
import { type Int64Like, int64ToNumber } from '../protos/int64.ts'
import { type TimestampMessage, timestampToMicros } from '../protos/timestamp.ts'
import {
  type Attributes,
  type AttributeValue,
  isSpanId,
  isTraceId,
  SPAN_KINDS,
  type Span,
  type SpanEvent,
  serviceOf,
} from './span.ts'
import { SPAN_LIMITS, truncateToBytes } from './span-limits.ts'

export interface TruncatableString {
  value: string
  truncatedByteCount?: number
}

export interface AttributesMessage {
  attributeMap: Record<
    string,
    { value?: string; stringValue?: TruncatableString | null; intValue?: Int64Like; boolValue?: boolean }
  >
}

/** `google.devtools.cloudtrace.v2.Span`. */
export interface SpanMessage {
  name: string
  spanId: string
  parentSpanId: string
  displayName?: TruncatableString | null
  startTime?: TimestampMessage | null
  endTime?: TimestampMessage | null
  attributes?: AttributesMessage | null
  timeEvents?: {
    timeEvent: {
      time?: TimestampMessage | null
      value?: string
      annotation?: { description?: TruncatableString | null; attributes?: AttributesMessage | null } | null
      messageEvent?: { type: number; id: Int64Like; uncompressedSizeBytes: Int64Like } | null
    }[]
  } | null
  links?: { link: { traceId: string; spanId: string; type: number; attributes?: AttributesMessage | null }[] } | null
  status?: { code: number; message: string } | null
  spanKind: number
}

const NAME = /^projects\/([^/]+)\/traces\/([^/]+)\/spans\/([^/]+)$/

/**
 * The project and the span of a v2 message. Throws INVALID_ARGUMENT with `field` if a required part is missing or
 * invalid.
 */
export function spanOfMessage(message: SpanMessage, field: string): { projectId: string; span: Span } {
  const { projectId, traceId, spanId } = checkIds(message, field)
  const { displayName, startTime, endTime, parentSpanId } = message
  if (!displayName?.value) throw invalidField(`${field}.display_name`, undefined, 'The display name is required.')
  if (!startTime) throw invalidField(`${field}.start_time`, undefined, 'The start time is required.')
  if (!endTime) throw invalidField(`${field}.end_time`, undefined, 'The end time is required.')
  const startMicros = timestampToMicros(startTime)
  const endMicros = timestampToMicros(endTime)
  if (endMicros < startMicros)
    throw invalidField(`${field}.end_time`, undefined, 'The end time must not be before the start time.')
  const attributes = attributesOf(message.attributes)
  const span: Span = {
    traceId,
    spanId,
    parentSpanId,
    name: truncateToBytes(displayName.value, SPAN_LIMITS.nameBytes),
    kind: SPAN_KINDS[message.spanKind] ?? 'UNSPECIFIED',
    startMicros,
    endMicros,
    status: { code: message.status?.code ?? 0, message: message.status?.message ?? '' },
    attributes,
    events: eventsOf(message, startMicros),
    links: (message.links?.link ?? []).slice(0, SPAN_LIMITS.links).map((link) => ({
      traceId: link.traceId,
      spanId: link.spanId,
      attributes: attributesOf(link.attributes),
    })),
    resource: {},
    service: serviceOf(attributes),
  }
  return { projectId, span }
}

function checkIds(message: SpanMessage, field: string): { projectId: string; traceId: string; spanId: string } {
  const { name, parentSpanId } = message
  const [, project = '', traceId = '', spanId = ''] = NAME.exec(name) ?? []
  const refuse = (part: string, value: string, reason: string): RpcError =>
    invalidField(`${field}.${part}`, value, reason)
  if (project === '')
    throw refuse('name', name, 'It must have the form projects/[PROJECT_ID]/traces/[TRACE_ID]/spans/[SPAN_ID].')
  const projectId = checkedProjectId(project)
  if (!isTraceId(traceId))
    throw refuse('name', name, '[TRACE_ID] must be 32 hexadecimal digits in lower case, not all zero.')
  if (!isSpanId(spanId))
    throw refuse('name', name, '[SPAN_ID] must be 16 hexadecimal digits in lower case, not all zero.')
  if (message.spanId !== spanId)
    throw refuse('span_id', message.spanId, `It is required and must be the [SPAN_ID] of the name, ${spanId}.`)
  if (parentSpanId !== '' && !isSpanId(parentSpanId))
    throw refuse('parent_span_id', parentSpanId, 'It must be empty or 16 hexadecimal digits, not all zero.')
  return { projectId, traceId, spanId }
}

function attributesOf(message: AttributesMessage | null | undefined): Attributes {
  const attributes: Attributes = {}
  let count = 0
  for (const [key, value] of Object.entries(message?.attributeMap ?? {})) {
    if (count >= SPAN_LIMITS.attributes) break
    if (Buffer.byteLength(key) > SPAN_LIMITS.attributeKeyBytes) continue
    attributes[key] = attributeValue(value)
    count++
  }
  return attributes
}

function attributeValue(value: AttributesMessage['attributeMap'][string]): AttributeValue {
  if (value.stringValue) return truncateToBytes(value.stringValue.value, SPAN_LIMITS.attributeValueBytes)
  if (value.value === 'intValue') return int64ToNumber(value.intValue ?? 0)
  return value.boolValue ?? false
}

function eventsOf(message: SpanMessage, startMicros: number): SpanEvent[] {
  return (message.timeEvents?.timeEvent ?? []).slice(0, SPAN_LIMITS.events).map((event) => {
    const timeMicros = event.time ? timestampToMicros(event.time) : startMicros
    if (event.messageEvent) {
      const { type, id, uncompressedSizeBytes } = event.messageEvent
      const name = type === 1 ? 'message sent' : type === 2 ? 'message received' : 'message'
      return {
        timeMicros,
        name,
        attributes: { id: int64ToNumber(id), uncompressedSizeBytes: int64ToNumber(uncompressedSizeBytes) },
      }
    }
    const description = event.annotation?.description?.value ?? ''
    return {
      timeMicros,
      name: truncateToBytes(description, SPAN_LIMITS.nameBytes),
      attributes: attributesOf(event.annotation?.attributes),
    }
  })
}
