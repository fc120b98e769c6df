import { context, trace } from '@opentelemetry/api'
import { resolveTraceDestination } from './destination.ts'
import type { Tracing, TracingOptions } from './tracing.ts'

let started: Promise<Tracing> | undefined

/**
 * Starts the tracing of this process once: if the preload module has already started it, that is reused. The SDK is
 * loaded only if traces are exported.
 */
export function startProcessTracing(options: TracingOptions): Promise<Tracing> {
  started ??= start(options)
  return started
}

async function start(options: TracingOptions): Promise<Tracing> {
  const destination = resolveTraceDestination(options.environment)
  if (destination.exporter !== 'none' || options.exporter !== undefined) {
    const { startTracing } = await import('./tracing.ts')
    return startTracing(options)
  }
  return inactiveTracing(options)
}

/** Tracing that does nothing but describe its destination. */
export function inactiveTracing(options: TracingOptions): Tracing {
  return {
    destination: resolveTraceDestination(options.environment),
    tracer: trace.getTracer(options.service.name, options.service.version),
    roots: undefined,
    contexts: context,
    counts: { exported: 0, dropped: { queue_full: 0, export_failed: 0, export_stuck: 0, rejected: 0, shutdown: 0 } },
    lastError: undefined,
    flush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  }
}
