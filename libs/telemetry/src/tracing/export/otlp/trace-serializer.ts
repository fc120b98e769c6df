import type { Attributes, AttributeValue, HrTime, Link, SpanStatus } from '@opentelemetry/api'
import type { InstrumentationScope } from '@opentelemetry/core'
import type { Resource } from '@opentelemetry/resources'
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace-base'
import { ProtobufWriter, varintBytes } from './protobuf-writer.ts'

/** Flags of OTLP's Span and Link: whether it is known that the parent is remote, and whether it is. */
const HAS_IS_REMOTE = 0x100
const IS_REMOTE = 0x200

const NANOSECONDS = 1_000_000_000
const TWO_TO_16 = 2 ** 16
const TWO_TO_32 = 2 ** 32

const SPAN_ATTRIBUTES = 9

/** Most spans have 128 bytes to 16 KiB. */
const SPAN_LENGTH_BYTES = 2

/** The initial size of a buffer; later ones have the size of the previous batch. */
const MIN_BYTES = 4_096
let expectedBytes = MIN_BYTES

/** The encoded spans of one tracer. */
interface WrittenScope {
  readonly resource: Resource
  readonly scope: InstrumentationScope
  readonly spans: ProtobufWriter
  readonly lastAttributes: WrittenAttributes
}

/**
 * An ExportTraceServiceRequest to which spans are added as they end. It has the bytes that OpenTelemetry's own
 * serializer produces, in less than a third of the time, since this one writes in one pass and only spans. With one
 * span per request, serialization is the most expensive part of tracing. The spans themselves are not kept, since every
 * garbage collection would copy those that wait for their batch.
 *
 * Fields follow https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto.
 */
export class TraceRequest {
  #length = 0
  readonly #scopes: WrittenScope[] = []
  #last: WrittenScope | undefined

  /** Creates a request of spans that have ended. */
  static of(spans: Iterable<ReadableSpan>): TraceRequest {
    const request = new TraceRequest()
    for (const span of spans) request.push(span)
    return request
  }

  /** The number of spans. */
  get length(): number {
    return this.#length
  }

  /** Adds a span, which must have ended. */
  push(span: ReadableSpan): void {
    let last = this.#last
    if (last === undefined || last.scope !== span.instrumentationScope || last.resource !== span.resource) {
      last = this.#scopeOf(span)
      this.#last = last
    }
    writeSpan(last.spans, span, last.lastAttributes)
    this.#length++
  }

  #scopeOf({ resource, instrumentationScope: scope }: ReadableSpan): WrittenScope {
    const known = this.#scopes.find((each) => each.scope === scope && each.resource === resource)
    if (known !== undefined) return known
    const spans = new ProtobufWriter(this.#scopes.length === 0 ? expectedBytes : MIN_BYTES)
    const added = { resource, scope, spans, lastAttributes: new WrittenAttributes() }
    this.#scopes.push(added)
    return added
  }

  /** Encodes the request, with the attributes that its resource has by now. */
  serialize(): Uint8Array {
    const spanBytes = this.#scopes.reduce((sum, { spans }) => sum + spans.position, 0)
    const lengthBytes = varintBytes(spanBytes)
    const writer = new ProtobufWriter(spanBytes + MIN_BYTES)
    for (const [resource, scopes] of Map.groupBy(this.#scopes, (each) => each.resource)) {
      const resourceSpans = writer.beginMessage(1, lengthBytes)
      writeResource(writer, resource)
      for (const { scope, spans } of scopes) {
        const scopeSpans = writer.beginMessage(2, lengthBytes)
        writeScope(writer, scope)
        writer.append(spans.bytes)
        if (scope.schemaUrl) writer.string(3, scope.schemaUrl)
        writer.endMessage(scopeSpans, lengthBytes)
      }
      if (resource.schemaUrl) writer.string(3, resource.schemaUrl)
      writer.endMessage(resourceSpans, lengthBytes)
    }
    expectedBytes = Math.max(MIN_BYTES, Math.ceil(spanBytes * 1.25))
    return writer.bytes
  }
}

function writeResource(writer: ProtobufWriter, resource: Resource): void {
  const message = writer.beginMessage(1)
  writeAttributes(writer, 1, resource.attributes)
  writer.integer(2, 0)
  writer.endMessage(message)
}

function writeScope(writer: ProtobufWriter, { name, version }: InstrumentationScope): void {
  const message = writer.beginMessage(1)
  writer.string(1, name)
  if (version) writer.string(2, version)
  writer.endMessage(message)
}

function writeSpan(writer: ProtobufWriter, span: ReadableSpan, previous: WrittenAttributes): void {
  const message = writer.beginMessage(2, SPAN_LENGTH_BYTES)
  const { traceId, spanId, traceState, traceFlags } = span.spanContext()
  const parent = span.parentSpanContext
  writer.hex(1, traceId)
  writer.hex(2, spanId)
  const state = traceState?.serialize()
  if (state) writer.string(3, state)
  if (parent?.spanId) writer.hex(4, parent.spanId)
  writer.string(5, span.name)
  // In OTLP, 0 is an unspecified kind.
  writer.integer(6, span.kind + 1)
  writeTime(writer, 7, span.startTime)
  writeTime(writer, 8, span.endTime)
  previous.write(writer, span.attributes)
  writer.integer(10, span.droppedAttributesCount)
  for (const event of span.events) writeEvent(writer, event)
  writer.integer(12, span.droppedEventsCount)
  for (const link of span.links) writeLink(writer, link)
  writer.integer(14, span.droppedLinksCount)
  writeStatus(writer, span.status)
  writer.fixed32(16, flags(traceFlags, parent?.isRemote))
  previous.moved(writer.endMessage(message, SPAN_LENGTH_BYTES))
}

function writeEvent(writer: ProtobufWriter, event: TimedEvent): void {
  const message = writer.beginMessage(11)
  writeTime(writer, 1, event.time)
  writer.string(2, event.name)
  if (event.attributes) writeAttributes(writer, 3, event.attributes)
  writer.integer(4, event.droppedAttributesCount ?? 0)
  writer.endMessage(message)
}

function writeLink(writer: ProtobufWriter, { context, attributes, droppedAttributesCount }: Link): void {
  const message = writer.beginMessage(13)
  writer.hex(1, context.traceId)
  writer.hex(2, context.spanId)
  const state = context.traceState?.serialize()
  if (state) writer.string(3, state)
  if (attributes) writeAttributes(writer, 4, attributes)
  writer.integer(5, droppedAttributesCount ?? 0)
  writer.fixed32(6, flags(context.traceFlags, context.isRemote))
  writer.endMessage(message)
}

function writeStatus(writer: ProtobufWriter, { code, message: text }: SpanStatus): void {
  const message = writer.beginMessage(15)
  if (text) writer.string(2, text)
  writer.integer(3, code)
  writer.endMessage(message)
}

/**
 * The attributes of the previous span. The spans of a service usually start with the same attributes, so those are
 * copied from there, in a quarter of the time.
 */
class WrittenAttributes {
  readonly #keys: string[] = []
  readonly #values: (AttributeValue | undefined)[] = []
  /** The end of each one, relative to the start of the first one. */
  readonly #ends: number[] = []
  #start = 0

  /** Writes the attributes of a span. */
  write(writer: ProtobufWriter, attributes: Attributes): void {
    const start = writer.position
    let index = 0
    let common = 0
    let isCommon = true
    for (const key in attributes) {
      const value = attributes[key]
      if (isCommon && (this.#keys[index] !== key || this.#values[index] !== value || typeof value === 'object')) {
        if (index > 0) writer.repeat(this.#start, this.#start + common)
        isCommon = false
      }
      if (isCommon) {
        common = this.#ends[index] ?? common
      } else {
        writeAttribute(writer, SPAN_ATTRIBUTES, key, value)
        this.#keys[index] = key
        this.#values[index] = value
        this.#ends[index] = writer.position - start
      }
      index++
    }
    if (isCommon && index > 0) writer.repeat(this.#start, this.#start + common)
    this.#keys.length = index
    this.#start = start
  }

  /** The span has been moved by some bytes. */
  moved(bytes: number): void {
    this.#start += bytes
  }
}

function writeAttributes(writer: ProtobufWriter, field: number, attributes: Attributes): void {
  for (const key in attributes) writeAttribute(writer, field, key, attributes[key])
}

function writeAttribute(writer: ProtobufWriter, field: number, key: string, value: AttributeValue | undefined): void {
  const keyValue = writer.beginMessage(field)
  writer.string(1, key)
  const anyValue = writer.beginMessage(2)
  writeAnyValue(writer, value)
  writer.endMessage(anyValue)
  writer.endMessage(keyValue)
}

function writeAnyValue(writer: ProtobufWriter, value: AttributeValue | null | undefined): void {
  if (typeof value === 'string') writer.string(1, value)
  else if (typeof value === 'boolean') writer.integer(2, value ? 1 : 0)
  else if (typeof value === 'number') writeNumber(writer, value)
  else if (Array.isArray(value)) writeArray(writer, value)
}

function writeNumber(writer: ProtobufWriter, value: number): void {
  if (Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63) writer.integer(3, value)
  else writer.double(4, value)
}

function writeArray(writer: ProtobufWriter, values: readonly (string | number | boolean | null | undefined)[]): void {
  const array = writer.beginMessage(5)
  for (const value of values) {
    const item = writer.beginMessage(1)
    writeAnyValue(writer, value)
    writer.endMessage(item)
  }
  writer.endMessage(array)
}

/**
 * The seconds that were written last, and their value in 64-bit nanoseconds: the spans of a batch span only a few
 * seconds.
 */
let lastSeconds = 0
let lastHigh = 0
let lastLow = 0

function writeTime(writer: ProtobufWriter, field: number, [seconds, nanoseconds]: HrTime): void {
  if (seconds !== lastSeconds) rememberSeconds(seconds)
  const low = lastLow + nanoseconds
  if (low < TWO_TO_32) writer.fixed64(field, lastHigh, low)
  else writer.fixed64(field, lastHigh + Math.floor(low / TWO_TO_32), low % TWO_TO_32)
}

/** Multiplies in steps that a double represents exactly. */
function rememberSeconds(seconds: number): void {
  const upper = Math.floor(seconds / TWO_TO_16) * NANOSECONDS
  const lower = (seconds % TWO_TO_16) * NANOSECONDS + (upper % TWO_TO_16) * TWO_TO_16
  lastSeconds = seconds
  lastHigh = Math.floor(upper / TWO_TO_16) + Math.floor(lower / TWO_TO_32)
  lastLow = lower % TWO_TO_32
}

function flags(traceFlags: number, isRemote: boolean | undefined): number {
  return (traceFlags & 0xff) | HAS_IS_REMOTE | (isRemote === true ? IS_REMOTE : 0)
}
