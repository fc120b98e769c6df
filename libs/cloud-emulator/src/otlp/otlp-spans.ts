import type { Int64Like } from '../protos/int64.ts'
import {
  type Attributes,
  type AttributeValue,
  CODE_UNKNOWN,
  isSpanId,
  isTraceId,
  SPAN_KINDS,
  type Span,
  serviceOf,
} from '../trace/span.ts'
import { SPAN_LIMITS, truncateToBytes } from '../trace/span-limits.ts'
import type { RejectedSpan } from '../trace/trace-writer.ts'
import {
  type AnyValueMessage,
  hex,
  type KeyValueMessage,
  microsOf,
  plainValue,
  type ResourceMessage,
  type ScopeMessage,
  textValue,
} from './any-value.ts'

interface OtlpSpanMessage {
  traceId: Uint8Array
  spanId: Uint8Array
  parentSpanId: Uint8Array
  name: string
  kind: number
  startTimeUnixNano: Int64Like
  endTimeUnixNano: Int64Like
  attributes: KeyValueMessage[]
  events: { timeUnixNano: Int64Like; name: string; attributes: KeyValueMessage[] }[]
  links: { traceId: Uint8Array; spanId: Uint8Array; attributes: KeyValueMessage[] }[]
  status?: { message: string; code: number } | null
}

export interface ResourceSpansMessage {
  resource?: ResourceMessage | null
  scopeSpans: { scope?: ScopeMessage | null; spans: OtlpSpanMessage[] }[]
}

export interface ExportTraceServiceRequest {
  resourceSpans: ResourceSpansMessage[]
}

const STATUS_ERROR = 2

/** The spans of one resource, and those with an invalid ID, name or time. */
export function spansOfResource({ resource, scopeSpans }: ResourceSpansMessage): {
  spans: Span[]
  rejected: RejectedSpan[]
} {
  const spans: Span[] = []
  const rejected: RejectedSpan[] = []
  const resourceAttributes = attributesOf(resource?.attributes ?? [])
  for (const { scope, spans: messages } of scopeSpans) {
    for (const message of messages) {
      const span = spanOf(message, resourceAttributes, scope?.name ?? '')
      if (typeof span === 'string') rejected.push({ name: message.name, message: span })
      else spans.push(span)
    }
  }
  return { spans, rejected }
}

function spanOf(message: OtlpSpanMessage, resource: Attributes, scopeName: string): Span | string {
  const traceId = hex(message.traceId)
  const spanId = hex(message.spanId)
  const parentSpanId = hex(message.parentSpanId)
  if (!isTraceId(traceId)) return `trace_id "${traceId}" must be 16 bytes, not all zero`
  if (!isSpanId(spanId)) return `span_id "${spanId}" must be 8 bytes, not all zero`
  if (parentSpanId !== '' && !isSpanId(parentSpanId))
    return `parent_span_id "${parentSpanId}" must be 8 bytes, not all zero`
  if (message.name === '') return 'the name is empty'
  const startMicros = microsOf(message.startTimeUnixNano)
  const endMicros = microsOf(message.endTimeUnixNano)
  if (startMicros === 0 || endMicros === 0) return 'start_time_unix_nano and end_time_unix_nano are required'
  if (endMicros < startMicros) return 'end_time_unix_nano is before start_time_unix_nano'
  const failed = message.status?.code === STATUS_ERROR
  return {
    traceId,
    spanId,
    parentSpanId,
    name: truncateToBytes(message.name, SPAN_LIMITS.nameBytes),
    kind: SPAN_KINDS[message.kind] ?? 'UNSPECIFIED',
    startMicros,
    endMicros,
    status: { code: failed ? CODE_UNKNOWN : 0, message: message.status?.message ?? '' },
    attributes: { ...(scopeName === '' ? {} : { 'otel.scope.name': scopeName }), ...attributesOf(message.attributes) },
    events: message.events.slice(0, SPAN_LIMITS.events).map((event) => ({
      timeMicros: microsOf(event.timeUnixNano),
      name: event.name,
      attributes: attributesOf(event.attributes),
    })),
    links: message.links.slice(0, SPAN_LIMITS.links).map((link) => ({
      traceId: hex(link.traceId),
      spanId: hex(link.spanId),
      attributes: attributesOf(link.attributes),
    })),
    resource,
    service: serviceOf(resource),
  }
}

function attributesOf(list: readonly KeyValueMessage[]): Attributes {
  const attributes: Attributes = {}
  for (const { key, value } of list.slice(0, SPAN_LIMITS.attributes)) {
    if (Buffer.byteLength(key) <= SPAN_LIMITS.attributeKeyBytes && value) attributes[key] = attributeValue(value)
  }
  return attributes
}

function attributeValue(message: AnyValueMessage): AttributeValue {
  const value = plainValue(message)
  if (typeof value === 'number' || typeof value === 'boolean') return value
  return truncateToBytes(textValue(value), SPAN_LIMITS.attributeValueBytes)
}
