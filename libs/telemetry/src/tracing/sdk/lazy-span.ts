import {
  type Attributes,
  type AttributeValue,
  diag,
  type Exception,
  type HrTime,
  type Link,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanStatus,
  SpanStatusCode,
  type TimeInput,
  TraceFlags,
} from '@opentelemetry/api'
import type { InstrumentationScope } from '@opentelemetry/core'
import type { Resource } from '@opentelemetry/resources'
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace-base'

const UNSET: SpanStatus = { code: SpanStatusCode.UNSET }
const NO_EVENTS: TimedEvent[] = []
const NO_LINKS: Link[] = []
const NANOSECONDS = 1_000_000_000

/** What the spans of a tracer have in common, and how the SDK's spans are started. */
export interface LazySpanOrigin {
  readonly resource: Resource
  readonly instrumentationScope: InstrumentationScope
  /** Starts the SDK's span that this one stands for. */
  start(span: LazySpan): Span
  /** Takes a span that has ended. */
  end(span: ReadableSpan): void
}

/**
 * The SERVER span of a sampled request, at the root of its trace. It becomes a span of the SDK when a handler sets,
 * adds or ends something, which few requests do; otherwise, what the SDK stores and checks takes longer than encoding
 * the span does.
 */
export class LazySpan implements Span, ReadableSpan {
  name: string
  readonly startTime: HrTime
  endTime: HrTime
  readonly #origin: LazySpanOrigin
  readonly #context: SpanContext
  readonly #startedMs: number
  #attributes: Attributes = {}
  #ended = false
  #span: Span | undefined

  /** @param startedMs by `performance.now()` */
  constructor(origin: LazySpanOrigin, name: string, spanId: string, traceId: string, startedMs: number) {
    const now = Date.now()
    this.#origin = origin
    this.#context = { traceId, spanId, traceFlags: TraceFlags.SAMPLED }
    this.#startedMs = startedMs
    this.name = name
    this.startTime = [Math.floor(now / 1000), (now % 1000) * 1_000_000]
    this.endTime = this.startTime
  }

  get kind(): SpanKind {
    return SpanKind.SERVER
  }

  get attributes(): Attributes {
    return this.#attributes
  }

  get resource(): Resource {
    return this.#origin.resource
  }

  get instrumentationScope(): InstrumentationScope {
    return this.#origin.instrumentationScope
  }

  get status(): SpanStatus {
    return UNSET
  }

  get events(): TimedEvent[] {
    return NO_EVENTS
  }

  get links(): Link[] {
    return NO_LINKS
  }

  get duration(): HrTime {
    const [seconds, nanoseconds] = [this.endTime[0] - this.startTime[0], this.endTime[1] - this.startTime[1]]
    return nanoseconds < 0 ? [seconds - 1, nanoseconds + NANOSECONDS] : [seconds, nanoseconds]
  }

  get ended(): boolean {
    return this.#ended
  }

  get droppedAttributesCount(): number {
    return 0
  }

  get droppedEventsCount(): number {
    return 0
  }

  get droppedLinksCount(): number {
    return 0
  }

  spanContext(): SpanContext {
    return this.#context
  }

  isRecording(): boolean {
    return this.#span?.isRecording() ?? !this.#ended
  }

  /** Sets its attributes, which must be valid and are not changed. */
  describe(attributes: Attributes): void {
    if (this.#span === undefined) this.#attributes = attributes
    else this.#span.setAttributes(attributes)
  }

  setAttribute(key: string, value: AttributeValue): this {
    this.#become()?.setAttribute(key, value)
    return this
  }

  setAttributes(attributes: Attributes): this {
    this.#become()?.setAttributes(attributes)
    return this
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    this.#become()?.addEvent(name, attributesOrTime, time ?? (isTime(attributesOrTime) ? undefined : this.#now()))
    return this
  }

  addLink(link: Link): this {
    this.#become()?.addLink(link)
    return this
  }

  addLinks(links: Link[]): this {
    this.#become()?.addLinks(links)
    return this
  }

  setStatus(status: SpanStatus): this {
    this.#become()?.setStatus(status)
    return this
  }

  updateName(name: string): this {
    if (this.#span === undefined && !this.#ended) this.name = name
    else this.#become()?.updateName(name)
    return this
  }

  recordException(exception: Exception, time?: TimeInput): void {
    this.#become()?.recordException(exception, time ?? this.#now())
  }

  end(endTime: TimeInput = this.#now()): void {
    if (this.#span !== undefined || this.#ended || !Array.isArray(endTime)) {
      this.#become()?.end(endTime)
      return
    }
    this.endTime = endTime
    this.#ended = true
    this.#origin.end(this)
  }

  /** The SDK's span; undefined once it has ended without one. */
  #become(): Span | undefined {
    if (this.#ended) diag.warn(`The span ${this.name} ${this.#context.traceId} has ended already.`)
    else this.#span ??= this.#origin.start(this).setAttributes(this.#attributes)
    return this.#span
  }

  /** A span with a given start time takes times with the precision of its start. */
  #now(): HrTime {
    const nanoseconds = this.startTime[1] + Math.round((performance.now() - this.#startedMs) * 1_000_000)
    return [this.startTime[0] + Math.floor(nanoseconds / NANOSECONDS), nanoseconds % NANOSECONDS]
  }
}

function isTime(value: Attributes | TimeInput | undefined): value is TimeInput {
  return typeof value === 'number' || value instanceof Date || Array.isArray(value)
}
