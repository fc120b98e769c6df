import { join } from 'node:path'
import { IDENTITY } from '../identity.ts'
import type { PipelineOptions } from '../options.ts'
import { portsOf } from './ports.ts'
import { signalsEnvironment } from './signals-environment.ts'

/** What is started for a part: a launcher of this repository, or a program from PATH. */
export type Command =
  | { readonly launcher: string; readonly args: readonly string[] }
  | { readonly program: string; readonly args: readonly string[] }

/** One program of the pipeline on this machine. */
export interface Part {
  /** Its name in every message and of its log file. */
  readonly name: string
  /** Every TCP port the part listens on, on 127.0.0.1. */
  readonly ports: readonly number[]
  /** The URL to open in a browser. */
  readonly url: string
  /** What `url` shows. */
  readonly shows: string
  /** Answers 2xx while the part works. */
  readonly healthUrl: string
  readonly command: Command
  /** Its environment variables, beside those of the pipeline itself. */
  readonly env: Readonly<Record<string, string>>
}

/** A target that Prometheus or the sidecar scrapes, with the labels that its pod would have. */
export interface ScrapeTarget {
  readonly app: string
  readonly container: string
  readonly port: number
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

const OFFLINE = { METADATA_SERVER_DETECTION: 'none' }
const SERVICE = { HOST: '127.0.0.1', ENVIRONMENT: 'staging', SHUTDOWN_TIMEOUT_SECONDS: '1', ...OFFLINE }

/** What each part's command and environment are made from. */
interface PartContext {
  readonly options: PipelineOptions
  readonly ports: ReturnType<typeof portsOf>
  readonly stateDir: string
  readonly loadtesterDir: string
  readonly tlsDir: string
  /** The URL of a port. */
  readonly at: (port: number) => string
  /** The variables that send the signals of a container. */
  readonly signals: (container: string) => Readonly<Record<string, string>>
}

function emulatorPart({ options, ports, at, stateDir, tlsDir }: PartContext): Part {
  return {
    name: 'cloud-emulator',
    // Without those of OTLP, which another program may have: the emulator starts without them.
    ports: [ports.emulatorHttp, ports.emulatorGrpc, ports.emulatorGrpcTls, ports.emulatorHttps],
    url: `${at(ports.emulatorHttp)}/`,
    shows: 'dashboards, metrics, traces, logs, alerts, rejected writes',
    healthUrl: `${at(ports.emulatorHttp)}/healthz`,
    command: {
      launcher: 'libs/cloud-emulator/bin/cloud-emulator.js',
      args: [
        `--http.listen-address=127.0.0.1:${ports.emulatorHttp}`,
        `--grpc.listen-address=127.0.0.1:${ports.emulatorGrpc}`,
        `--grpc-tls.listen-address=127.0.0.1:${ports.emulatorGrpcTls}`,
        `--https.listen-address=127.0.0.1:${ports.emulatorHttps}`,
        `--otlp-grpc.listen-address=127.0.0.1:${ports.emulatorOtlpGrpc}`,
        `--otlp-http.listen-address=127.0.0.1:${ports.emulatorOtlpHttp}`,
        `--tls-dir=${tlsDir}`,
        `--dashboards=${options.otlp ? join(stateDir, 'otlp/dashboards') : 'deploy/dashboards'}`,
        `--policies=${options.otlp ? join(stateDir, 'otlp/alerts') : 'deploy/alerts'}`,
      ],
    },
    env: {},
  }
}

function prometheusPart({ ports, at, stateDir }: PartContext): Part {
  return {
    name: 'prometheus',
    ports: [ports.prometheus],
    url: `${at(ports.prometheus)}/`,
    shows: 'Prometheus itself: targets, queries',
    healthUrl: `${at(ports.prometheus)}/-/healthy`,
    command: {
      program: 'prometheus',
      args: [
        `--config.file=${join(stateDir, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(stateDir, 'prometheus-data')}`,
        `--web.listen-address=127.0.0.1:${ports.prometheus}`,
      ],
    },
    env: {},
  }
}

function sidecarPart({ options, ports, at, stateDir }: PartContext): Part {
  return {
    name: 'prometheus-sidecar',
    ports: [ports.sidecar],
    url: `${at(ports.sidecar)}/`,
    shows: 'status: targets, points written, drops by reason',
    healthUrl: `${at(ports.sidecar)}/healthz`,
    command: {
      launcher: 'libs/prometheus-sidecar/bin/prometheus-sidecar.js',
      args: [
        `--stackdriver.project-id=${IDENTITY.projectId}`,
        `--stackdriver.kubernetes.location=${IDENTITY.location}`,
        `--stackdriver.kubernetes.cluster-name=${IDENTITY.clusterName}`,
        `--stackdriver.api-address=http://127.0.0.1:${ports.emulatorGrpc}/?auth=false`,
        `--web.listen-address=127.0.0.1:${ports.sidecar}`,
        `--state-file=${join(stateDir, 'sidecar-state')}`,
        ...(options.prometheus
          ? [`--prometheus.api-address=${at(ports.prometheus)}/`, `--audit.every=${options.auditEveryMs}ms`]
          : [`--scrape.config=${join(stateDir, 'scrape.yml')}`, `--scrape.buffer-points=${options.bufferPoints}`]),
      ],
    },
    env: OFFLINE,
  }
}

function flaskAppPart({ options, ports, at, signals }: PartContext): Part {
  return {
    name: 'flask-app',
    ports: [ports.flaskApp, ports.flaskAppMetrics],
    url: `${at(ports.flaskApp)}/`,
    shows: `the service under load${options.otlp ? '' : `; its metrics: ${at(ports.flaskAppMetrics)}/metrics`}`,
    healthUrl: `${at(ports.flaskAppMetrics)}/healthz`,
    command: { launcher: 'apps/flask-app/bin/flask-app.js', args: [] },
    env: {
      ...SERVICE,
      PORT: String(ports.flaskApp),
      METRICS_PORT: String(ports.flaskAppMetrics),
      WORKERS: process.env.WORKERS ?? '1',
      CHAOS_TARGET_PERCENT: '10',
      OTEL_SERVICE_NAME: 'flask-app',
      ...signals('flask-app-tutorial'),
    },
  }
}

function customMetricsPart({ options, ports, at, signals }: PartContext): Part {
  return {
    name: 'custom-metrics-example',
    ports: [ports.customMetrics],
    url: `${at(ports.customMetrics)}/${options.otlp ? 'healthz' : 'metrics'}`,
    shows: options.otlp
      ? 'health; its one custom metric goes to the emulator'
      : 'one custom metric, and the metrics of the process',
    healthUrl: `${at(ports.customMetrics)}/healthz`,
    command: { launcher: 'apps/custom-metrics-example/bin/custom-metrics-example.js', args: [] },
    env: {
      ...SERVICE,
      METRICS_PORT: String(ports.customMetrics),
      RUNTIME_METRICS_ALIAS: 'python',
      OTEL_SERVICE_NAME: 'custom-metrics-example',
      ...signals('custom-metrics-example'),
    },
  }
}

function loadTesterPart({ ports, at, loadtesterDir, signals }: PartContext): Part {
  return {
    name: 'loadtester',
    ports: [ports.loadtester, ports.loadtesterMetrics, ports.loadtesterWorkerMetrics],
    url: `${at(ports.loadtester)}/`,
    shows: 'the running load: rates, latencies, failures',
    healthUrl: `${at(ports.loadtesterMetrics)}/healthz`,
    command: { launcher: 'apps/loadtester/bin/loadtester.js', args: ['standalone'] },
    env: {
      ...SERVICE,
      PORT: String(ports.loadtester),
      METRICS_PORT: String(ports.loadtesterMetrics),
      WORKER_METRICS_PORT: String(ports.loadtesterWorkerMetrics),
      LOAD_MODE: 'standalone',
      LOAD_AUTOSTART: 'true',
      LOAD_STATE_DIR: loadtesterDir,
      LOAD_TOKEN_FILE: tokenFileOf(loadtesterDir),
      TARGET_HOST: at(ports.flaskApp),
      OTEL_SERVICE_NAME: 'loadtester',
      ...signals('loadtester-master'),
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.2',
    },
  }
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
  const tlsDir = join(stateDir, 'tls')
  const context: PartContext = {
    options,
    ports,
    stateDir,
    loadtesterDir,
    tlsDir,
    at: (port) => `http://127.0.0.1:${port}`,
    signals: (container) => signalsEnvironment(container, { options, ports, tlsDir }),
  }
  return [
    emulatorPart(context),
    ...(options.prometheus ? [prometheusPart(context)] : []),
    ...(options.otlp ? [] : [sidecarPart(context)]),
    flaskAppPart(context),
    customMetricsPart(context),
    loadTesterPart(context),
  ]
}
