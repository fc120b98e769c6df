import { type Tracer, trace } from '@opentelemetry/api'
import type { Logger } from './logs/logger.ts'
import { createRegistry, type Registry } from './metrics/client.ts'
import type { MetricFamily } from './metrics/family.ts'
import { FamilyCollector } from './metrics/family-collector.ts'
import { registerProcessMetrics } from './metrics/process-metrics.ts'
import { registerPythonAliases } from './metrics/python-aliases.ts'
import type { ReadinessCheck } from './metrics/readiness.ts'
import { type CollectableRegistry, RegistryCollector } from './metrics/registry-collector.ts'
import { connectionLimit } from './node-internals/connection-limit.ts'
import type { ServiceIdentity } from './process/package-identity.ts'
import { createShutdown, type Shutdown } from './process/shutdown.ts'
import { sendsExponentialHistograms } from './process/signal-environment.ts'
import type { TelemetryEnvironment } from './process/telemetry-environment.ts'
import { createReadiness, serveMetrics } from './telemetry-endpoint.ts'
import { startLogging, warnOfUnknownVariables } from './telemetry-logging.ts'
import { registerExportMetrics, registerTelemetryMetrics } from './telemetry-metrics.ts'
import { reportUntilShutdown } from './tracing/export/drop-report.ts'
import { inactiveTracing, startProcessTracing } from './tracing/process-tracing.ts'
import type { Tracing } from './tracing/tracing.ts'

/** Options of {@link startTelemetry}. */
export interface TelemetryOptions {
  readonly service: ServiceIdentity
  /** The result of `readEnvironment(telemetryEnvironment(…))`. */
  readonly environment: TelemetryEnvironment
  /** The shutdown of the process; by default one is created here, with handlers for SIGTERM and SIGINT. */
  readonly shutdown?: Shutdown
  /**
   * The role of this process in its service; default `single`. The `primary` of a cluster does not load OpenTelemetry
   * and has only the `process_*` metrics of Node; a `worker` has no metrics server, and its primary logs where traces
   * go.
   */
  readonly role?: 'single' | 'primary' | 'worker'
  /**
   * Additional registries whose metrics are served, and reported to the primary in a worker: those of libraries and of
   * your own code, such as `register` of any prom-client. If several have the same metric, the first one is used.
   */
  readonly registries?: readonly CollectableRegistry[]
  /**
   * Registries that are served elsewhere, for example at an address of their own: their metrics are sent by OTLP with
   * the others.
   */
  readonly sentRegistries?: readonly CollectableRegistry[]
  /** Returns the metrics that `/metrics` serves; default: the registries of this process. */
  readonly collect?: (registry: Registry) => Promise<Iterable<MetricFamily>>
}

/** The telemetry of a process. */
export interface Telemetry {
  readonly service: ServiceIdentity
  readonly environment: TelemetryEnvironment
  /** Where the service registers its metrics (`registers: [telemetry.registry]`). */
  readonly registry: Registry
  /** That registry, and the additional ones. */
  readonly registries: readonly CollectableRegistry[]
  readonly logger: Logger
  /** OpenTelemetry's tracer of this service; does nothing if traces are not exported. */
  readonly tracer: Tracer
  readonly tracing: Tracing
  readonly shutdown: Shutdown
  /** Where metrics are served, such as `http://127.0.0.1:9101`; `undefined` in a worker. */
  readonly metricsUrl: string | undefined
  /** From now on `/readyz` answers 200 unless a check fails; before, it answers 503 with the reason `starting`. */
  setReady(): void
  /** Adds a check to `/readyz`; without effect in a worker, whose primary serves that. */
  addReadinessCheck(check: ReadinessCheck): void
}

/**
 * Starts the telemetry of a process: its registry with the process's metrics, its logger, its traces, its metrics
 * server and its graceful shutdown. Logs once where traces go. OpenTelemetry's SDK is loaded only if traces are
 * exported.
 *
 * @throws the system's error if the metrics port is not available
 */
export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const { environment, role = 'single', sentRegistries = [] } = options
  const shutdown = options.shutdown ?? createShutdown()
  shutdown.setTimeoutMs((environment.SHUTDOWN_TIMEOUT_SECONDS + environment.LAST_SCRAPE_SECONDS) * 1000)
  const service = { ...options.service, name: environment.OTEL_SERVICE_NAME ?? options.service.name }
  const { log, sent } = await startLogging(service, environment, shutdown)
  const { logger } = log
  if (role !== 'worker') warnOfUnknownVariables(logger)
  const tracing =
    role === 'primary' ? inactiveTracing({ service, environment }) : await startProcessTracing({ service, environment })
  reportUntilShutdown(tracing, { shutdown, logger, step: 'tracing', what: ['span', 'spans'] })

  const registry = createRegistry()
  const registries = [registry, ...(options.registries ?? [])]
  watchRegistries(registries, logger)
  if (sendsExponentialHistograms(environment))
    for (const each of [...registries, ...sentRegistries]) RegistryCollector.of(each).recordExponentially()
  registerProcessMetrics(registry, { onlyProcess: role === 'primary' })
  if (role !== 'primary' && environment.RUNTIME_METRICS_ALIAS === 'python') registerPythonAliases(registry)
  registerTelemetryMetrics(registry, { tracing, log, registries })
  if (sent !== undefined) registerExportMetrics(registry, 'log_records', 'Log lines', sent.exporter.counts)

  const readiness = createReadiness(shutdown)
  let metricsUrl: string | undefined
  if (role !== 'worker') {
    const own = new FamilyCollector(registries)
    const collect = async () => (await options.collect?.(registry)) ?? own.families()
    metricsUrl = await serveMetrics(environment, { collect, readiness, shutdown, logger })
    logger.info(tracing.destination.description)
    const all = new FamilyCollector([...registries, ...sentRegistries])
    const collectSent = options.collect === undefined ? () => all.families() : collect
    await sendMetrics(collectSent, { service, environment, registry, shutdown, logger })
    if (sent !== undefined) logger.info(sent.description)
  }
  return {
    ...{ service, environment, registry, registries, logger, tracing, shutdown, metricsUrl },
    tracer: trace.getTracer(service.name, service.version),
    setReady: readiness.setReady,
    addReadinessCheck: readiness.addCheck,
  }
}

function watchRegistries(registries: readonly CollectableRegistry[], logger: Logger): void {
  for (const registry of registries)
    RegistryCollector.of(registry).onFailure((metric, reason) =>
      logger.error({ metric, reason }, `The metric ${metric} can't be collected: ${reason}.`),
    )
  connectionLimit.onRefusal((refused) =>
    logger.warn({ refused }, `${refused} connections were refused: the process has too few descriptors (ulimit -n).`),
  )
}

/** Sends metrics by OTLP until the process exits, if so configured. */
async function sendMetrics(
  collect: () => Promise<Iterable<MetricFamily>>,
  {
    service,
    environment,
    registry,
    shutdown,
    logger,
  }: Pick<Telemetry, 'service' | 'environment' | 'registry' | 'shutdown' | 'logger'>,
): Promise<void> {
  if (environment.OTEL_SDK_DISABLED || !environment.OTEL_METRICS_EXPORTER.includes('otlp')) return
  const { startMetricsExport } = await import('./otlp/start-export.ts')
  const { exporter, description } = await startMetricsExport(collect, service, environment)
  reportUntilShutdown(exporter, {
    shutdown,
    logger,
    step: 'metrics export',
    what: ['point of a metric', 'points of metrics'],
  })
  registerExportMetrics(registry, 'metric_points', 'Points of metrics', exporter.counts)
  logger.info(description)
}
