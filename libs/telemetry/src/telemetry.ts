import { type Tracer, trace } from '@opentelemetry/api'
import { createLogger, type Logger, type ProcessLogger } from './logs/logger.ts'
import { createRegistry, type Registry } from './metrics/client.ts'
import { collectFamilies, type MetricFamily } from './metrics/family.ts'
import { registerProcessMetrics } from './metrics/process-metrics.ts'
import { registerPythonAliases } from './metrics/python-aliases.ts'
import { registerTelemetryMetrics } from './metrics/telemetry-metrics.ts'
import { listenMetrics, type MetricsServer } from './process/metrics-server.ts'
import { createShutdown, type Shutdown } from './process/shutdown.ts'
import type { TelemetryEnvironment } from './process/telemetry-environment.ts'
import { reportDrops } from './tracing/export/drop-report.ts'
import { inactiveTracing, startProcessTracing } from './tracing/process-tracing.ts'
import type { ServiceIdentity } from './tracing/resource/resource.ts'
import type { Tracing } from './tracing/tracing.ts'

/** What {@link startTelemetry} starts. */
export interface TelemetryOptions {
  readonly service: ServiceIdentity
  /** As read by `readEnvironment` from `telemetryEnvironment`. */
  readonly environment: TelemetryEnvironment
  /** The process's shutdown, where it was made before; else one is made here, and with it the handlers of SIGTERM and SIGINT. */
  readonly shutdown?: Shutdown
  /**
   * What this process is in its service; default `single`. A cluster's `primary` loads no OpenTelemetry and shows of Node only the `process_*` metrics; a
   * `worker` serves no metrics itself, and leaves it to its primary to say where traces go.
   */
  readonly role?: 'single' | 'primary' | 'worker'
  /** What `/metrics` shows; default the registry of this process. */
  readonly collect?: (registry: Registry) => Promise<Iterable<MetricFamily>>
}

/** The telemetry of a process. */
export interface Telemetry {
  readonly service: ServiceIdentity
  readonly environment: TelemetryEnvironment
  /** Where the service registers its metrics (`registers: [telemetry.registry]`). */
  readonly registry: Registry
  readonly logger: Logger
  /** OpenTelemetry's tracer of this service; does nothing where traces go nowhere. */
  readonly tracer: Tracer
  readonly tracing: Tracing
  readonly shutdown: Shutdown
  /** Where metrics are served, such as `http://127.0.0.1:9101`; `undefined` where they are not. */
  readonly metricsUrl: string | undefined
  /** From now on `/readyz` says 200, but for what the checks say. Until it is called it says that the service starts. */
  setReady(): void
  /** Adds a check to `/readyz`: the reasons why the service is not ready, none if it is. */
  addReadinessCheck(check: () => readonly string[]): void
}

/**
 * Starts the telemetry of a process: its registry with the process's metrics, its logger, its traces, its metrics server and its orderly
 * end. Logs once where traces go. OpenTelemetry is loaded only where traces go somewhere.
 *
 * @throws the system's error when the metrics port can't be had
 */
export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const { environment } = options
  const shutdown = options.shutdown ?? createShutdown()
  shutdown.setTimeoutMs(environment.SHUTDOWN_TIMEOUT_SECONDS * 1000)
  const service = { ...options.service, name: environment.OTEL_SERVICE_NAME ?? options.service.name }
  const log = await createLogger({ level: environment.LOG_LEVEL })
  shutdown.setLog(log.logger)
  shutdown.add('log', () => log.flush())
  logCrashes(log, shutdown)

  const role = options.role ?? 'single'
  const tracing =
    role === 'primary' ? inactiveTracing({ service, environment }) : await startProcessTracing({ service, environment })
  shutdown.add('tracing', () => tracing.shutdown())
  reportDrops(tracing, log.logger)

  const registry = createRegistry()
  registerProcessMetrics(registry, { onlyProcess: role === 'primary' })
  if (role !== 'primary' && environment.RUNTIME_METRICS_ALIAS === 'python') registerPythonAliases(registry)
  registerTelemetryMetrics(registry, { tracing, log })

  const readiness = createReadiness(shutdown)
  let metricsServer: MetricsServer | undefined
  if (role !== 'worker') {
    const collect = options.collect ?? collectFamilies
    metricsServer = await listenMetrics({
      host: environment.HOST,
      port: environment.METRICS_PORT,
      collect: () => collect(registry),
      readiness: readiness.reasons,
    })
    shutdown.add('metrics server', metricsServer.close)
    log.logger.info({ url: `${metricsServer.url}/metrics` }, `Metrics are at ${metricsServer.url}/metrics.`)
    log.logger.info(tracing.destination.description)
  }
  return {
    service,
    environment,
    registry,
    logger: log.logger,
    tracer: trace.getTracer(service.name, service.version),
    tracing,
    shutdown,
    metricsUrl: metricsServer?.url,
    setReady: readiness.setReady,
    addReadinessCheck: readiness.addCheck,
  }
}

interface Readiness {
  readonly reasons: () => readonly string[]
  readonly setReady: () => void
  readonly addCheck: (check: () => readonly string[]) => void
}

function createReadiness(shutdown: Shutdown): Readiness {
  const checks: (() => readonly string[])[] = []
  let started = false
  return {
    setReady: () => {
      started = true
    },
    addCheck: (check) => checks.push(check),
    reasons() {
      if (shutdown.begun) return ['shutting down']
      if (!started) return ['starting']
      return checks.flatMap((check) => check())
    },
  }
}

function logCrashes(log: ProcessLogger, shutdown: Shutdown): void {
  process.on('uncaughtException', (error: unknown, origin) => {
    // Anything can be thrown.
    log.logger.fatal({ err: error, origin }, `The process ends: ${error instanceof Error ? error.message : error}`)
    void shutdown.begin(origin, 1)
  })
}
