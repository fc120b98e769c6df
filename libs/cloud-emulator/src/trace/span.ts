export type AttributeValue = string | number | boolean

export type Attributes = Record<string, AttributeValue>

/** OpenTelemetry's span kinds, by number. */
export const SPAN_KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'] as const
export type SpanKind = (typeof SPAN_KINDS)[number]

export interface SpanEvent {
  readonly timeMicros: number
  readonly name: string
  readonly attributes: Attributes
}

export interface SpanLink {
  readonly traceId: string
  readonly spanId: string
  readonly attributes: Attributes
}

/** A span from any API. */
export interface Span {
  /** 32 hex digits. */
  readonly traceId: string
  /** 16 hex digits. */
  readonly spanId: string
  readonly parentSpanId: string
  readonly name: string
  readonly kind: SpanKind
  readonly startMicros: number
  readonly endMicros: number
  /** A google.rpc.Code: 0 if unset or OK, 2 (UNKNOWN) for an error without a code. */
  readonly status: { readonly code: number; readonly message: string }
  readonly attributes: Attributes
  readonly events: readonly SpanEvent[]
  readonly links: readonly SpanLink[]
  readonly resource: Attributes
  readonly service: string
}

/** `google.rpc.Code` UNKNOWN: a span that failed without a code. */
export const CODE_UNKNOWN = 2
const TRACE_ID = /^[0-9a-f]{32}$/
const SPAN_ID = /^[0-9a-f]{16}$/

/** Whether an ID has 32 hexadecimal digits in lower case that are not all zero. */
export function isTraceId(id: string): boolean {
  return TRACE_ID.test(id) && !/^0+$/.test(id)
}

/** Whether an ID has 16 hexadecimal digits in lower case that are not all zero. */
export function isSpanId(id: string): boolean {
  return SPAN_ID.test(id) && !/^0+$/.test(id)
}

const SERVICE_KEYS = [
  'service.name',
  'g.co/r/generic_task/job',
  'g.co/r/k8s_container/container_name',
  'g.co/r/k8s_pod/pod_name',
  'g.co/r/gae_instance/module_id',
  'g.co/r/cloud_run_revision/service_name',
]

/** The service that created a span, from its resource or attributes; `unknown` if they don't have it. */
export function serviceOf(...sources: readonly Attributes[]): string {
  for (const key of SERVICE_KEYS) {
    for (const source of sources) {
      const value = source[key]
      if (typeof value === 'string' && value !== '') return value
    }
  }
  return 'unknown'
}
