import { ExportResultCode } from '@opentelemetry/core'
import { ConsoleSpanExporter, type SpanExporter } from '@opentelemetry/sdk-trace-base'
import type { TracingEnvironment } from '../process/telemetry-environment.ts'
import type { TraceDestination } from './destination.ts'
import { createGoogleHeaders } from './google-headers.ts'

/** Makes the exporter of a destination; only the one that is needed is loaded. */
export async function createSpanExporter(
  destination: TraceDestination,
  environment: TracingEnvironment,
): Promise<SpanExporter> {
  switch (destination.exporter) {
    case 'none':
      return { export: (_spans, done) => done({ code: ExportResultCode.SUCCESS }), shutdown: () => Promise.resolve() }
    case 'console':
      return new ConsoleSpanExporter()
    case 'otlp':
      return createOtlpExporter(destination.url, destination.googleAuth, environment)
    case 'google_cloud_trace':
      return createCloudTraceExporter(destination.endpoint, environment)
  }
}

async function createCloudTraceExporter(endpoint: string, environment: TracingEnvironment): Promise<SpanExporter> {
  const { TraceExporter } = await import('@google-cloud/opentelemetry-cloud-trace-exporter')
  const projectId = environment.GOOGLE_CLOUD_PROJECT
  return withoutDeprecationWarning(
    () =>
      new TraceExporter({
        apiEndpoint: endpoint,
        // Without this filter the exporter leaves every attribute of the resource out, service.name too.
        resourceFilter: /^(service|k8s|cloud|host)\./,
        ...(projectId === undefined ? {} : { projectId }),
      }),
  )
}

/** The exporter warns at each construction that OTLP is its successor; the log says it in the sentence of where traces go. */
function withoutDeprecationWarning<T>(construct: () => T): T {
  const noDeprecation = process.noDeprecation
  process.noDeprecation = true
  try {
    return construct()
  } finally {
    process.noDeprecation = noDeprecation ?? false
  }
}

async function createOtlpExporter(
  url: string,
  googleAuth: boolean,
  environment: TracingEnvironment,
): Promise<SpanExporter> {
  const { OtlpTraceExporter } = await import('./otlp/trace-exporter.ts')
  const headers = googleAuth
    ? await createGoogleHeaders(environment.GOOGLE_CLOUD_PROJECT, environment.OTEL_EXPORTER_OTLP_HEADERS)
    : environment.OTEL_EXPORTER_OTLP_HEADERS
  return new OtlpTraceExporter({
    url,
    headers,
    timeoutMillis: environment.OTEL_BSP_EXPORT_TIMEOUT,
    concurrencyLimit: 4,
  })
}
