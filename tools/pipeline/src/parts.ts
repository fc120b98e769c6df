import { join } from 'node:path'
import type { PipelineOptions } from './options.ts'

/** One process of the pipeline on this machine: an nx project with a continuous target `local`. */
export interface Part {
  /** The nx project, as it is named in every message. */
  readonly name: string
  /** Every TCP port the part listens on, on 127.0.0.1. */
  readonly ports: readonly number[]
  /** The URL to open in a browser. */
  readonly url: string
  /** What `url` shows. */
  readonly shows: string
  /** Answers 2xx while the part works. */
  readonly healthUrl: string
  /** The part's environment for this run, written to a file that its target reads. */
  readonly env: Readonly<Record<string, string>>
}

/** The monitored resource and labels under which the pipeline's targets are stored; the same as in a cluster. */
export const IDENTITY = {
  projectId: 'demo-project',
  location: 'us-central1',
  clusterName: 'demo',
  namespace: 'default',
} as const

/** A target that Prometheus or the sidecar scrapes, with the labels that its pod would have. */
export interface ScrapeTarget {
  readonly app: string
  readonly container: string
  readonly port: number
}

/** The ports of all parts, with `--port-offset` added. */
export function portsOf(offset: number) {
  return {
    flaskApp: 8080 + offset,
    flaskAppMetrics: 9101 + offset,
    customMetrics: 9102 + offset,
    loadtester: 8089 + offset,
    loadtesterMetrics: 9103 + offset,
    loadtesterWorkerMetrics: 9104 + offset,
    sidecar: 9091 + offset,
    prometheus: 9090 + offset,
    emulatorHttp: 8085 + offset,
    emulatorGrpc: 8086 + offset,
    emulatorGrpcTls: 8087 + offset,
  } as const
}

/** The scrape targets of the pipeline, for {@link scrapeConfig}. */
export function scrapeTargets({ portOffset }: PipelineOptions): ScrapeTarget[] {
  const ports = portsOf(portOffset)
  return [
    { app: 'flask-app-tutorial', container: 'flask-app-tutorial', port: ports.flaskAppMetrics },
    { app: 'custom-metrics-example', container: 'custom-metrics-example', port: ports.customMetrics },
    { app: 'loadtester', container: 'loadtester-master', port: ports.loadtesterMetrics },
    { app: 'loadtester', container: 'loadtester-worker', port: ports.loadtesterWorkerMetrics },
    { app: 'prometheus-k8s', container: 'prometheus-sidecar', port: ports.sidecar },
  ]
}

/** The file with the token of the load tester's console. */
export function tokenFileOf(loadtesterDir: string): string {
  return join(loadtesterDir, 'token')
}

/**
 * Every part of the pipeline, the emulator first.
 *
 * @param stateDir - an absolute folder for TLS files, generated configuration and state
 * @param loadtesterDir - an absolute folder for the load tester's history and its console's token, kept between runs
 */
export function partsOf(
  options: PipelineOptions,
  { stateDir, loadtesterDir }: { readonly stateDir: string; readonly loadtesterDir: string },
): Part[] {
  const ports = portsOf(options.portOffset)
  const at = (port: number) => `http://127.0.0.1:${port}`
  const tlsDir = join(stateDir, 'tls')
  const tracing = {
    OTEL_TRACES_EXPORTER: 'google_cloud_trace',
    CLOUD_TRACE_ENDPOINT: `127.0.0.1:${ports.emulatorGrpcTls}`,
    GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: join(tlsDir, 'ca.crt'),
    GOOGLE_APPLICATION_CREDENTIALS: join(tlsDir, 'credentials.json'),
    GOOGLE_CLOUD_PROJECT: IDENTITY.projectId,
  }
  const offline = { METADATA_SERVER_DETECTION: 'none' }
  const service = { HOST: '127.0.0.1', ENVIRONMENT: 'staging', SHUTDOWN_TIMEOUT_SECONDS: '3', ...offline, ...tracing }
  const parts: Part[] = [
    {
      name: 'cloud-emulator',
      ports: [ports.emulatorHttp, ports.emulatorGrpc, ports.emulatorGrpcTls],
      url: `${at(ports.emulatorHttp)}/`,
      shows: 'dashboards, metrics, traces, refused writes',
      healthUrl: `${at(ports.emulatorHttp)}/healthz`,
      env: {
        EMULATOR_HTTP: `127.0.0.1:${ports.emulatorHttp}`,
        EMULATOR_GRPC: `127.0.0.1:${ports.emulatorGrpc}`,
        EMULATOR_GRPC_TLS: `127.0.0.1:${ports.emulatorGrpcTls}`,
        EMULATOR_TLS_DIR: tlsDir,
      },
    },
    {
      name: 'prometheus-sidecar',
      ports: [ports.sidecar],
      url: `${at(ports.sidecar)}/`,
      shows: 'status: targets, points written, drops by reason',
      healthUrl: `${at(ports.sidecar)}/healthz`,
      env: {
        ...offline,
        SIDECAR_PROJECT: IDENTITY.projectId,
        SIDECAR_LOCATION: IDENTITY.location,
        SIDECAR_CLUSTER: IDENTITY.clusterName,
        SIDECAR_API: `http://127.0.0.1:${ports.emulatorGrpc}/?auth=false`,
        SIDECAR_PROMETHEUS: `${at(ports.prometheus)}/`,
        SIDECAR_LISTEN: `127.0.0.1:${ports.sidecar}`,
        SIDECAR_SCRAPE: join(stateDir, 'scrape.yml'),
        SIDECAR_STATE: join(stateDir, 'sidecar-state'),
      },
    },
    {
      name: 'flask-app',
      ports: [ports.flaskApp, ports.flaskAppMetrics],
      url: `${at(ports.flaskApp)}/`,
      shows: `the service under load; its metrics: ${at(ports.flaskAppMetrics)}/metrics`,
      healthUrl: `${at(ports.flaskAppMetrics)}/healthz`,
      env: {
        ...service,
        PORT: String(ports.flaskApp),
        METRICS_PORT: String(ports.flaskAppMetrics),
        CHAOS_TARGET_PERCENT: '10',
        OTEL_SERVICE_NAME: 'flask-app',
      },
    },
    {
      name: 'custom-metrics-example',
      ports: [ports.customMetrics],
      url: `${at(ports.customMetrics)}/metrics`,
      shows: 'one custom metric, and the metrics of the process',
      healthUrl: `${at(ports.customMetrics)}/healthz`,
      env: {
        ...service,
        METRICS_PORT: String(ports.customMetrics),
        RUNTIME_METRICS_ALIAS: 'python',
        OTEL_SERVICE_NAME: 'custom-metrics-example',
      },
    },
    {
      name: 'loadtester',
      ports: [ports.loadtester, ports.loadtesterMetrics, ports.loadtesterWorkerMetrics],
      url: `${at(ports.loadtester)}/`,
      shows: 'the running load: rates, latencies, failures',
      healthUrl: `${at(ports.loadtesterMetrics)}/healthz`,
      env: {
        ...service,
        PORT: String(ports.loadtester),
        METRICS_PORT: String(ports.loadtesterMetrics),
        WORKER_METRICS_PORT: String(ports.loadtesterWorkerMetrics),
        LOAD_MODE: 'standalone',
        LOAD_AUTOSTART: 'true',
        LOAD_STATE_DIR: loadtesterDir,
        LOAD_TOKEN_FILE: tokenFileOf(loadtesterDir),
        TARGET_HOST: at(ports.flaskApp),
        OTEL_SERVICE_NAME: 'loadtester',
        OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
        OTEL_TRACES_SAMPLER_ARG: '0.2',
      },
    },
  ]
  if (options.prometheus) {
    parts.splice(1, 0, {
      name: 'prometheus',
      ports: [ports.prometheus],
      url: `${at(ports.prometheus)}/`,
      shows: 'Prometheus itself: targets, queries',
      healthUrl: `${at(ports.prometheus)}/-/healthy`,
      env: {
        PROMETHEUS_CONFIG: join(stateDir, 'prometheus.yml'),
        PROMETHEUS_DATA: join(stateDir, 'prometheus-data'),
        PROMETHEUS_LISTEN: `127.0.0.1:${ports.prometheus}`,
      },
    })
  }
  return parts
}
