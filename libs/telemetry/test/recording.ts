import { readEnvironment } from '@node-to-cloud/command-line'
import { defaultResource } from '@opentelemetry/resources'
import {
  AlwaysOnSampler,
  InMemorySpanExporter,
  ParentBasedSampler,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { createLogger, type Logger } from '../src/logs/logger.ts'
import { Registry } from '../src/metrics/client.ts'
import { createShutdown, type Shutdown } from '../src/process/shutdown.ts'
import { telemetryEnvironment } from '../src/process/telemetry-environment.ts'
import type { Telemetry } from '../src/telemetry.ts'
import { ShallowContextManager } from '../src/tracing/sdk/context-manager.ts'
import { PooledIdGenerator } from '../src/tracing/sdk/id-generator.ts'
import { RootSpans } from '../src/tracing/sdk/root-spans.ts'

const exporter = new InMemorySpanExporter()
const processor = new SimpleSpanProcessor(exporter)
const idGenerator = new PooledIdGenerator()
const contexts = new ShallowContextManager()
const resource = defaultResource()
const provider = new NodeTracerProvider({
  sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
  resource,
  idGenerator,
  spanProcessors: [processor],
})
const roots = new RootSpans({
  ...{ tracer: provider.getTracer('test'), resource, idGenerator },
  isSampled: () => true,
  hasLimits: false,
  end: (span) => processor.onEnd(span),
})

/** A telemetry whose signals are kept in memory. */
export interface Recording {
  readonly telemetry: Telemetry
  readonly registry: Registry
  readonly logger: Logger
  readonly shutdown: Shutdown
  /** The codes with which the process would have exited. */
  readonly exits: readonly number[]
  /** The spans that have ended. */
  spans(): readonly ReadableSpan[]
  /** The log lines so far, parsed. */
  lines(): Record<string, unknown>[]
}

/**
 * Starts a recording; the spans of an earlier one are discarded.
 *
 * @param destination where spans would go
 */
export async function startRecording(destination: 'otlp' | 'google_cloud_trace' | 'none' = 'otlp'): Promise<Recording> {
  provider.register({ contextManager: contexts })
  exporter.reset()
  let output = ''
  const { logger } = await createLogger({
    destination: {
      write(text) {
        output += text
      },
    },
  })
  const registry = new Registry()
  const exits: number[] = []
  const shutdown = createShutdown({ signals: [], exit: (code) => exits.push(code) })
  const telemetry = {
    environment: readEnvironment(telemetryEnvironment({ metricsPort: 0 }), {}),
    service: { name: 'test', version: '1.2.3' },
    registry,
    logger,
    tracer: provider.getTracer('test'),
    tracing: { destination: { exporter: destination }, contexts, roots },
    shutdown,
  } as unknown as Telemetry
  return {
    telemetry,
    registry,
    logger,
    shutdown,
    exits,
    spans: () => exporter.getFinishedSpans(),
    lines: () =>
      output
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  }
}

/** The metrics of requests that the tests check. */
export const TEST_METRICS = {
  durationName: 'duration_seconds',
  durationBuckets: [1, 10],
  requestsName: 'requests_total',
  exceptionsName: 'exceptions_total',
  labels: { method: 'method', route: 'path', status: 'status' },
} as const
