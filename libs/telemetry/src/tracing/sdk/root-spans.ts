import { ROOT_CONTEXT, type Span, SpanKind, type Tracer } from '@opentelemetry/api'
import type { InstrumentationScope } from '@opentelemetry/core'
import type { Resource } from '@opentelemetry/resources'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'
import type { PooledIdGenerator } from './id-generator.ts'
import { LazySpan, type LazySpanOrigin } from './lazy-span.ts'
import type { UnsampledSpan } from './unsampled-span.ts'

/** Options of {@link RootSpans}. */
export interface RootSpanOptions {
  /** The SDK's tracer. */
  readonly tracer: Tracer
  readonly resource: Resource
  /** The id generator of the tracer. */
  readonly idGenerator: PooledIdGenerator
  /** How the tracer samples traces by their id, which starts at `start` in `digits`. */
  readonly isSampled: (digits: string, start: number) => boolean
  /** Whether the SDK has non-default limits for the content of a span. */
  readonly hasLimits: boolean
  /** Takes a sampled span that has ended. */
  readonly end: (span: ReadableSpan) => void
}

/**
 * Starts the SERVER spans of requests without a parent trace: the same that the SDK's tracer would start, at a fraction
 * of the cost.
 */
export class RootSpans {
  readonly #options: RootSpanOptions
  readonly #origin: LazySpanOrigin | undefined

  constructor(options: RootSpanOptions) {
    const { tracer, resource, idGenerator, hasLimits, end } = options
    this.#options = options
    if (hasLimits || !isOfSdk(tracer)) return
    this.#origin = {
      resource,
      instrumentationScope: tracer.instrumentationScope,
      start: (span) =>
        idGenerator.give(span.spanContext(), () =>
          tracer.startSpan(span.name, { kind: span.kind, startTime: span.startTime }, ROOT_CONTEXT),
        ),
      end,
    }
  }

  /** A span of a trace that is not sampled; undefined if the next one is. */
  startUnsampled(): UnsampledSpan | undefined {
    return this.#options.idGenerator.startUnsampled(this.#options.isSampled)
  }

  /**
   * A span of a sampled trace, after {@link startUnsampled} has returned undefined.
   *
   * @param startedMs by `performance.now()`
   */
  startSampled(name: string, startedMs: number): Span {
    const { idGenerator, tracer } = this.#options
    if (this.#origin === undefined) return tracer.startSpan(name, { kind: SpanKind.SERVER }, ROOT_CONTEXT)
    return new LazySpan(this.#origin, name, idGenerator.generateSpanId(), idGenerator.generateTraceId(), startedMs)
  }
}

function isOfSdk(tracer: Tracer): tracer is Tracer & { readonly instrumentationScope: InstrumentationScope } {
  return 'instrumentationScope' in tracer
}
