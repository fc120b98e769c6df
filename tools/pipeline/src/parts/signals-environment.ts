import { join } from 'node:path'
import { IDENTITY } from '../identity.ts'
import type { PipelineOptions } from '../options.ts'
import type { portsOf } from './ports.ts'

/**
 * The variables that send a service's signals to the emulator: traces to the Cloud Trace API and logs by OTLP, or all three by OTLP.
 *
 * @param container - what the service's container is called in a cluster
 * @param context.tlsDir - the folder with the emulator's certificates and credentials
 */
export function signalsEnvironment(
  container: string,
  context: { readonly options: PipelineOptions; readonly ports: ReturnType<typeof portsOf>; readonly tlsDir: string },
): Readonly<Record<string, string>> {
  const { options, ports, tlsDir } = context
  const otlpUrl = `http://127.0.0.1:${ports.emulatorHttp}`
  const common = {
    GOOGLE_CLOUD_PROJECT: IDENTITY.projectId,
    OTEL_RESOURCE_ATTRIBUTES: resourceAttributes(container),
    // Someone who runs this on one machine waits for the first trace; OpenTelemetry's own delay is 5 s.
    OTEL_BSP_SCHEDULE_DELAY: '1000',
    OTEL_LOGS_EXPORTER: 'console,otlp',
  }
  if (options.otlp) {
    return {
      ...common,
      OTEL_EXPORTER_OTLP_ENDPOINT: otlpUrl,
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_METRICS_EXPORTER: 'otlp',
      // As often as the sidecar scrapes.
      OTEL_METRIC_EXPORT_INTERVAL: '10000',
    }
  }
  return {
    ...common,
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${otlpUrl}/v1/logs`,
    OTEL_TRACES_EXPORTER: 'google_cloud_trace',
    CLOUD_TRACE_ENDPOINT: `127.0.0.1:${ports.emulatorGrpcTls}`,
    GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: join(tlsDir, 'ca.crt'),
    GOOGLE_APPLICATION_CREDENTIALS: join(tlsDir, 'credentials.json'),
  }
}

/** The resource that a container would have in a cluster, so that what it sends is found as it is there. */
function resourceAttributes(container: string): string {
  const attributes = {
    'cloud.region': IDENTITY.location,
    'k8s.cluster.name': IDENTITY.clusterName,
    'k8s.namespace.name': IDENTITY.namespace,
    'k8s.pod.name': container,
    'k8s.container.name': container,
  }
  return Object.entries(attributes)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
}
