import { context, createContextKey, ROOT_CONTEXT, type Tracer } from '@opentelemetry/api'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  type SpanExporter,
  type SpanLimits,
} from '@opentelemetry/sdk-trace-base'
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import type { ServiceIdentity } from '../process/package-identity.ts'
import type { TracingEnvironment } from '../process/telemetry-environment.ts'
import { resolveTraceDestination, type TraceDestination } from './destination.ts'
import { createSpanQueue, queueOf } from './export/create-span-queue.ts'
import type { SpanCounts, SpanQueueOptions } from './export/span-queue.ts'
import { createPropagator } from './propagation/create-propagator.ts'
import { detectResource } from './resource/resource.ts'
import { type RequestContexts, ShallowContextManager } from './sdk/context-manager.ts'
import { PooledIdGenerator } from './sdk/id-generator.ts'
import { RatioSampler } from './sdk/ratio-sampler.ts'
import { RootSpans } from './sdk/root-spans.ts'

const PROBE = ROOT_CONTEXT.setValue(createContextKey('probe'), true)

/** The tracing of a process. */
export interface Tracing {
  readonly destination: TraceDestination
  readonly tracer: Tracer
  /** Starts the spans of requests without a parent trace; undefined if nothing is traced. */
  readonly roots: RootSpans | undefined
  /** Runs a function in a context, like the API's `context` but without looking up the registered context manager. */
  readonly contexts: RequestContexts
  readonly counts: SpanCounts
  /** The message of the latest failed export. */
  readonly lastError: string | undefined
  /** Exports every ended span. */
  flush(): Promise<void>
  /** Exports every ended span and stops. */
  shutdown(): Promise<void>
}

/** Options of {@link startTracing}. */
export interface TracingOptions {
  readonly service: ServiceIdentity
  readonly environment: TracingEnvironment
  /** An exporter to use instead; for tests and custom exporters. */
  readonly exporter?: SpanExporter
}

/**
 * Starts OpenTelemetry for this process: registers a tracer provider with AsyncLocalStorage, the propagators of
 * OTEL_PROPAGATORS, the sampler of OTEL_TRACES_SAMPLER, the resource, and a bounded queue in front of the exporter.
 */
export async function startTracing(options: TracingOptions): Promise<Tracing> {
  const { environment } = options
  const destination = resolveTraceDestination(environment)
  const resource = detectResource(options.service, environment, destination)
  const queueOptions: SpanQueueOptions = {
    maxQueueSize: environment.OTEL_BSP_MAX_QUEUE_SIZE,
    maxExportBatchSize: environment.OTEL_BSP_MAX_EXPORT_BATCH_SIZE,
    scheduledDelayMs: environment.OTEL_BSP_SCHEDULE_DELAY,
    exportTimeoutMs: environment.OTEL_BSP_EXPORT_TIMEOUT,
    ready: resource.asyncAttributesPending ? resource.waitForAsyncAttributes?.() : undefined,
  }
  const queue =
    options.exporter === undefined
      ? await createSpanQueue(destination, environment, queueOptions)
      : queueOf(options.exporter, queueOptions)
  const idGenerator = new PooledIdGenerator()
  const rootSampler = createRootSampler(environment)
  const limits = spanLimits(environment)
  const provider = new NodeTracerProvider({
    resource,
    sampler: createSampler(environment, rootSampler),
    spanProcessors: [queue],
    idGenerator,
    spanLimits: limits,
  })
  const tracer = provider.getTracer(options.service.name, options.service.version)
  const contextManager = new ShallowContextManager()
  provider.register({ contextManager, propagator: createPropagator(environment.OTEL_PROPAGATORS) })
  // Another context manager may have been registered before; in that case it is used.
  const isRegistered = contextManager.with(PROBE, () => context.active()) === PROBE
  return {
    destination,
    tracer,
    roots: new RootSpans({
      ...{ tracer, resource, idGenerator },
      isSampled:
        rootSampler instanceof RatioSampler
          ? (digits, start) => rootSampler.isSampled(digits, start)
          : () => rootSampler instanceof AlwaysOnSampler,
      hasLimits: Object.keys(limits).length > 0,
      end: (span) => queue.onEnd(span),
    }),
    contexts: isRegistered ? contextManager : context,
    counts: queue.counts,
    get lastError() {
      return queue.lastError
    },
    flush: () => queue.forceFlush(),
    shutdown: () => provider.shutdown(),
  }
}

/** The limits of OTEL_SPAN_… and OTEL_…_ATTRIBUTE_COUNT_LIMIT; those that are not set have OpenTelemetry's defaults. */
function spanLimits(environment: TracingEnvironment): SpanLimits {
  const limits = {
    attributeValueLengthLimit:
      environment.OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT ?? environment.OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT,
    attributeCountLimit: environment.OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT ?? environment.OTEL_ATTRIBUTE_COUNT_LIMIT,
    eventCountLimit: environment.OTEL_SPAN_EVENT_COUNT_LIMIT,
    linkCountLimit: environment.OTEL_SPAN_LINK_COUNT_LIMIT,
    attributePerEventCountLimit: environment.OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT,
    attributePerLinkCountLimit: environment.OTEL_LINK_ATTRIBUTE_COUNT_LIMIT,
  }
  return Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined))
}

/** The sampler of OTEL_TRACES_SAMPLER; its argument defaults to 1. */
export function createSampler(environment: TracingEnvironment, root = createRootSampler(environment)): Sampler {
  return environment.OTEL_TRACES_SAMPLER.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root
}

/** The sampler for spans without a parent. */
function createRootSampler(environment: TracingEnvironment): Sampler {
  switch (environment.OTEL_TRACES_SAMPLER) {
    case 'always_on':
    case 'parentbased_always_on':
      return new AlwaysOnSampler()
    case 'always_off':
    case 'parentbased_always_off':
      return new AlwaysOffSampler()
    case 'traceidratio':
    case 'parentbased_traceidratio': {
      const share = environment.OTEL_TRACES_SAMPLER_ARG ?? 1
      // Sampling all or none does not depend on the trace id.
      return share === 1 ? new AlwaysOnSampler() : share === 0 ? new AlwaysOffSampler() : new RatioSampler(share)
    }
  }
}
