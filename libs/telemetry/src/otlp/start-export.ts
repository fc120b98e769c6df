import type { MetricFamily } from '../metrics/family.ts'
import type { ServiceIdentity } from '../process/package-identity.ts'
import type { TelemetryEnvironment } from '../process/telemetry-environment.ts'
import { LogExporter } from './log-exporter.ts'
import { MetricsExporter } from './metrics-exporter.ts'
import { createOtlpSender } from './otlp-sender.ts'

/** Starts sending metrics by OTLP. `description` is the sentence that a service logs once at startup. */
export async function startMetricsExport(
  collect: () => Promise<Iterable<MetricFamily>>,
  service: ServiceIdentity,
  environment: TelemetryEnvironment,
) {
  const sender = await createOtlpSender('metrics', service, environment)
  const exporter = new MetricsExporter(collect, sender, environment.OTEL_METRIC_EXPORT_INTERVAL)
  return { exporter, description: `Metrics go to ${sender.url} by OTLP.` }
}

/** Starts sending log lines by OTLP. */
export async function startLogExport(service: ServiceIdentity, environment: TelemetryEnvironment) {
  const sender = await createOtlpSender('logs', service, environment)
  const exporter = new LogExporter(sender, {
    maxQueueSize: environment.OTEL_BLRP_MAX_QUEUE_SIZE,
    maxExportBatchSize: environment.OTEL_BLRP_MAX_EXPORT_BATCH_SIZE,
    scheduledDelayMs: environment.OTEL_BLRP_SCHEDULE_DELAY,
  })
  return { exporter, description: `Log lines go to ${sender.url} by OTLP.` }
}
