import { checkedProjectId } from '../api/resource-name.ts'
import { invalidField } from '../api/rpc-error.ts'
import { type Int64Like, int64ToBigInt } from '../protos/int64.ts'
import { type TimestampMessage, timestampToMicros } from '../protos/timestamp.ts'
import { type Attributes, CODE_UNKNOWN, isTraceId, type Span, serviceOf } from './span.ts'
import { SPAN_LIMITS, truncateToBytes } from './span-limits.ts'

/** `google.devtools.cloudtrace.v1.Trace`. */
export interface TraceMessageV1 {
  projectId: string
  traceId: string
  spans: {
    spanId: Int64Like
    kind: number
    name: string
    startTime?: TimestampMessage | null
    endTime?: TimestampMessage | null
    parentSpanId: Int64Like
    labels: Record<string, string>
  }[]
}

const KINDS = ['UNSPECIFIED', 'SERVER', 'CLIENT'] as const
const ERROR_MESSAGE = '/error/message'

/** The spans of a v1 trace. `field` is its path, such as `traces.traces[0]`. Throws INVALID_ARGUMENT. */
export function spansOfTraceV1(
  message: TraceMessageV1,
  { projectId, field }: { projectId: string; field: string },
): Span[] {
  const { traceId, spans } = message
  if (message.projectId !== '' && checkedProjectId(message.projectId) !== projectId)
    throw invalidField(`${field}.project_id`, message.projectId, `It must be the same as in the request, ${projectId}.`)
  if (!isTraceId(traceId))
    throw invalidField(`${field}.trace_id`, traceId, 'It must be 32 hexadecimal digits in lower case, not all zero.')
  return spans.map((span, index) => {
    const place = `${field}.spans[${index}]`
    const spanId = hexOf(span.spanId)
    if (spanId === '') throw invalidField(`${place}.span_id`, '0', 'It must be a 64-bit integer that is not zero.')
    if (!span.startTime) throw invalidField(`${place}.start_time`, undefined, 'The start time is required.')
    if (!span.endTime) throw invalidField(`${place}.end_time`, undefined, 'The end time is required.')
    const startMicros = timestampToMicros(span.startTime)
    const endMicros = timestampToMicros(span.endTime)
    if (endMicros < startMicros)
      throw invalidField(`${place}.end_time`, undefined, 'The end time must not be before the start time.')
    const attributes = attributesOf(span.labels)
    const error = span.labels[ERROR_MESSAGE]
    return {
      traceId,
      spanId,
      parentSpanId: hexOf(span.parentSpanId),
      name: truncateToBytes(span.name, SPAN_LIMITS.nameBytes),
      kind: KINDS[span.kind] ?? 'UNSPECIFIED',
      startMicros,
      endMicros,
      status: error === undefined ? { code: 0, message: '' } : { code: CODE_UNKNOWN, message: error },
      attributes,
      events: [],
      links: [],
      resource: {},
      service: serviceOf(attributes),
    }
  })
}

/** Span IDs are numbers in v1: as the 16 hexadecimal digits of the other APIs; empty for none. */
function hexOf(spanId: Int64Like): string {
  const id = BigInt.asUintN(64, int64ToBigInt(spanId))
  return id === 0n ? '' : id.toString(16).padStart(16, '0')
}

function attributesOf(labels: Record<string, string>): Attributes {
  const entries = Object.entries(labels).filter(([key]) => Buffer.byteLength(key) <= SPAN_LIMITS.attributeKeyBytes)
  return Object.fromEntries(
    entries
      .slice(0, SPAN_LIMITS.attributes)
      .map(([key, value]) => [key, truncateToBytes(value, SPAN_LIMITS.attributeValueBytes)]),
  )
}
