import {
  type Context,
  isSpanContextValid,
  isValidSpanId,
  isValidTraceId,
  type SpanContext,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  TraceFlags,
  trace,
} from '@opentelemetry/api'
import { isTracingSuppressed } from '@opentelemetry/core'

const SINGLE = 'b3'
const TRACE_ID = 'x-b3-traceid'
const SPAN_ID = 'x-b3-spanid'
const SAMPLED = 'x-b3-sampled'
const FLAGS = 'x-b3-flags'

/** The values for "sampled" in B3; `d` is the debug flag. */
const SAMPLED_STATES: ReadonlySet<string> = new Set(['1', 'd', 'true'])

/**
 * B3, the propagation of Zipkin (https://github.com/openzipkin/b3-propagation), as OpenTelemetry specifies it: both
 * forms are read, the single header first, and one of them is written.
 */
export class B3Propagator implements TextMapPropagator {
  readonly #form: 'single' | 'multi'

  constructor(form: 'single' | 'multi') {
    this.#form = form
  }

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const span = trace.getSpanContext(context)
    if (span === undefined || !isSpanContextValid(span) || isTracingSuppressed(context)) return
    const sampled = (span.traceFlags & TraceFlags.SAMPLED) === 0 ? '0' : '1'
    if (this.#form === 'single') {
      setter.set(carrier, SINGLE, `${span.traceId}-${span.spanId}-${sampled}`)
    } else {
      setter.set(carrier, TRACE_ID, span.traceId)
      setter.set(carrier, SPAN_ID, span.spanId)
      setter.set(carrier, SAMPLED, sampled)
    }
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const read = (name: string) => {
      const value = getter.get(carrier, name)
      return (typeof value === 'string' ? value : value?.[0]) ?? ''
    }
    const [traceId = '', spanId = '', state = ''] = read(SINGLE).split('-', 4)
    const span =
      spanContextOf(traceId, spanId, state) ??
      spanContextOf(read(TRACE_ID), read(SPAN_ID), read(FLAGS) === '1' ? 'd' : read(SAMPLED))
    return span === undefined ? context : trace.setSpanContext(context, span)
  }

  fields(): string[] {
    return this.#form === 'single' ? [SINGLE] : [TRACE_ID, SPAN_ID, SAMPLED]
  }
}

/**
 * Ids may have half the length of W3C's. A missing state leaves the decision to the receiver, which can't be
 * distinguished from "not sampled" here.
 */
function spanContextOf(id: string, spanId: string, state: string): SpanContext | undefined {
  const traceId = id.padStart(32, '0').toLowerCase()
  if (!isValidTraceId(traceId) || !isValidSpanId(spanId.toLowerCase())) return undefined
  const traceFlags = SAMPLED_STATES.has(state) ? TraceFlags.SAMPLED : TraceFlags.NONE
  return { traceId, spanId: spanId.toLowerCase(), traceFlags, isRemote: true }
}
