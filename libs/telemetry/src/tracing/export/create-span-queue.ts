import { type ExportResult, ExportResultCode } from '@opentelemetry/core'
import { ConsoleSpanExporter, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace-base'
import type { TracingEnvironment } from '../../process/telemetry-environment.ts'
import type { TraceDestination } from '../destination.ts'
import { createGoogleHeaders } from './google-headers.ts'
import { type SpanBatch, SpanQueue, type SpanQueueOptions } from './span-queue.ts'

/** Creates the queue of a destination and its exporter; other exporters are not loaded. */
export async function createSpanQueue(
  destination: TraceDestination,
  environment: TracingEnvironment,
  options: SpanQueueOptions,
): Promise<SpanQueue<SpanBatch>> {
  switch (destination.exporter) {
    case 'none':
      return queueOf(new NoExporter(), options)
    case 'console':
      return queueOf(new ConsoleSpanExporter(), options)
    case 'otlp':
      return createOtlpQueue(destination.url, destination.googleAuth, environment, options)
    case 'google_cloud_trace':
      return queueOf(await createCloudTraceExporter(destination.endpoint, environment), options)
  }
}

/** Creates a queue for an exporter of OpenTelemetry's, which exports arrays of spans. */
export function queueOf(exporter: SpanExporter, options: SpanQueueOptions): SpanQueue<ReadableSpan[]> {
  return new SpanQueue(exporter, () => [], options)
}

class NoExporter implements SpanExporter {
  export(_spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    done({ code: ExportResultCode.SUCCESS })
  }

  async shutdown(): Promise<void> {}
}

async function createCloudTraceExporter(endpoint: string, environment: TracingEnvironment): Promise<SpanExporter> {
  const { TraceExporter } = await import('@google-cloud/opentelemetry-cloud-trace-exporter')
  const projectId = environment.GOOGLE_CLOUD_PROJECT
  return withoutDeprecationWarning(
    () =>
      new TraceExporter({
        apiEndpoint: endpoint,
        // Without this filter the exporter omits all resource attributes, including service.name.
        resourceFilter: /^(service|k8s|cloud|host)\./,
        ...(projectId === undefined ? {} : { projectId }),
      }),
  )
}

/** The exporter warns of its deprecation whenever it is constructed; the log has its own line about where traces go. */
function withoutDeprecationWarning<T>(construct: () => T): T {
  const noDeprecation = process.noDeprecation
  process.noDeprecation = true
  try {
    return construct()
  } finally {
    process.noDeprecation = noDeprecation ?? false
  }
}

async function createOtlpQueue(
  url: string,
  googleAuth: boolean,
  environment: TracingEnvironment,
  options: SpanQueueOptions,
): Promise<SpanQueue<SpanBatch>> {
  const [{ JSON_FORMAT, OtlpTraceExporter, PROTOBUF_FORMAT }, { TraceRequest }] = await Promise.all([
    import('./otlp/trace-exporter.ts'),
    import('./otlp/trace-serializer.ts'),
  ])
  const declared = declaredHeaders(environment)
  const headers = googleAuth ? await createGoogleHeaders(environment.GOOGLE_CLOUD_PROJECT, declared) : declared
  const timeoutMs = environment.OTEL_EXPORTER_OTLP_TRACES_TIMEOUT ?? environment.OTEL_EXPORTER_OTLP_TIMEOUT
  const exporterOptions = {
    url,
    headers,
    timeoutMillis: Math.min(timeoutMs, environment.OTEL_BSP_EXPORT_TIMEOUT),
    concurrencyLimit: 4,
  }
  const protocol = environment.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? environment.OTEL_EXPORTER_OTLP_PROTOCOL
  return protocol === 'http/json'
    ? new SpanQueue<ReadableSpan[]>(new OtlpTraceExporter(exporterOptions, JSON_FORMAT), () => [], options)
    : new SpanQueue(new OtlpTraceExporter(exporterOptions, PROTOBUF_FORMAT), () => new TraceRequest(), options)
}

/**
 * The headers of OTEL_EXPORTER_OTLP_HEADERS and, overriding them name by name, of OTEL_EXPORTER_OTLP_TRACES_HEADERS.
 */
function declaredHeaders(environment: TracingEnvironment): Readonly<Record<string, string>> {
  const { OTEL_EXPORTER_OTLP_HEADERS: generic, OTEL_EXPORTER_OTLP_TRACES_HEADERS: specific } = environment
  const entries = [...Object.entries(generic), ...Object.entries(specific)]
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value]))
}
