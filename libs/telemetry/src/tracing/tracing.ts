import { type ContextManager, context, createContextKey, ROOT_CONTEXT, type Tracer } from '@opentelemetry/api'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base'
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import type { TracingEnvironment } from '../process/telemetry-environment.ts'
import { resolveTraceDestination, type TraceDestination } from './destination.ts'
import { createSpanQueue, queueOf } from './export/create-span-queue.ts'
import type { SpanCounts, SpanQueueOptions } from './export/span-queue.ts'
import { detectResource, type ServiceIdentity } from './resource/resource.ts'
import { ShallowContextManager } from './sdk/context-manager.ts'
import { PooledIdGenerator } from './sdk/id-generator.ts'
import { RatioSampler } from './sdk/ratio-sampler.ts'

const PROBE = ROOT_CONTEXT.setValue(createContextKey('probe'), true)

/** What a process traces with. */
export interface Tracing {
  readonly destination: TraceDestination
  readonly tracer: Tracer
  /** Runs a function in a context: the API's `context` without its look at what is registered. */
  readonly contexts: Pick<ContextManager, 'with'>
  /** What became of the sampled spans so far. */
  readonly counts: SpanCounts
  /** The message of the newest failed export. */
  readonly lastError: string | undefined
  /** Hands every ended span to the exporter. */
  flush(): Promise<void>
  /** Flushes and ends the export. */
  shutdown(): Promise<void>
}

/** How tracing is started. */
export interface TracingOptions {
  readonly service: ServiceIdentity
  readonly environment: TracingEnvironment
  /** Spans go here instead; for tests and for exporters of one's own. */
  readonly exporter?: SpanExporter
}

/**
 * Starts OpenTelemetry for this process: makes the tracer provider global, with W3C trace context and AsyncLocalStorage, a sampler by
 * OTEL_TRACES_SAMPLER, the resource, and a bounded queue before the exporter.
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
  const provider = new NodeTracerProvider({
    resource,
    sampler: createSampler(environment),
    spanProcessors: [queue],
    idGenerator: new PooledIdGenerator(),
  })
  const contextManager = new ShallowContextManager()
  provider.register({ contextManager })
  // Where somebody has registered another one before, that one counts.
  const isRegistered = contextManager.with(PROBE, () => context.active()) === PROBE
  return {
    destination,
    tracer: provider.getTracer(options.service.name, options.service.version),
    contexts: isRegistered ? contextManager : context,
    counts: queue.counts,
    get lastError() {
      return queue.lastError
    },
    flush: () => queue.forceFlush(),
    shutdown: () => provider.shutdown(),
  }
}

/** The sampler of OTEL_TRACES_SAMPLER and its argument, 1 where none is given. */
export function createSampler(environment: TracingEnvironment): Sampler {
  const share = environment.OTEL_TRACES_SAMPLER_ARG ?? 1
  // All or none needs no look at the trace id.
  const ratio = () =>
    share === 1 ? new AlwaysOnSampler() : share === 0 ? new AlwaysOffSampler() : new RatioSampler(share)
  switch (environment.OTEL_TRACES_SAMPLER) {
    case 'always_on':
      return new AlwaysOnSampler()
    case 'always_off':
      return new AlwaysOffSampler()
    case 'traceidratio':
      return ratio()
    case 'parentbased_always_on':
      return new ParentBasedSampler({ root: new AlwaysOnSampler() })
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: new AlwaysOffSampler() })
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({ root: ratio() })
  }
}
