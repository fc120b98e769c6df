import { type Span, type SpanContext, TraceFlags } from '@opentelemetry/api'

export const SPAN_ID_DIGITS = 16
export const TRACE_ID_DIGITS = 32

/**
 * The root span of an unsampled trace, with the same properties as the SDK's span for that. Its ids remain part of a
 * long string of digits until they are needed: by an outgoing request, a log line, or the service itself.
 */
export class UnsampledSpan implements Span {
  readonly #digits: string
  readonly #start: number
  #context: SpanContext | undefined

  /** @param digits with the id of the span at `start`, followed by that of the trace */
  constructor(digits: string, start: number) {
    this.#digits = digits
    this.#start = start
  }

  spanContext(): SpanContext {
    const traceStart = this.#start + SPAN_ID_DIGITS
    this.#context ??= {
      traceId: this.#digits.slice(traceStart, traceStart + TRACE_ID_DIGITS),
      spanId: this.#digits.slice(this.#start, traceStart),
      traceFlags: TraceFlags.NONE,
    }
    return this.#context
  }

  isRecording(): boolean {
    return false
  }

  setAttribute(): this {
    return this
  }

  setAttributes(): this {
    return this
  }

  addEvent(): this {
    return this
  }

  addLink(): this {
    return this
  }

  addLinks(): this {
    return this
  }

  setStatus(): this {
    return this
  }

  updateName(): this {
    return this
  }

  end(): void {}

  recordException(): void {}
}
