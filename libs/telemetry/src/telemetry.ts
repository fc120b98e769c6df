import { messageOf } from '@node-to-cloud/command-line'
import { DiagLogLevel, diag, type Tracer, trace } from '@opentelemetry/api'
import { createLogger, type Logger, type ProcessLogger } from './logs/logger.ts'
import { createRegistry, type Registry } from './metrics/client.ts'
import type { MetricFamily } from './metrics/family.ts'
import { FamilyCollector } from './metrics/family-collector.ts'
import { listenMetrics, type MetricsServer } from './metrics/metrics-server.ts'
import { registerProcessMetrics } from './metrics/process-metrics.ts'
import { registerPythonAliases } from './metrics/python-aliases.ts'
import { type ReadinessCheck, reasonsOf } from './metrics/readiness.ts'
import { type CollectableRegistry, RegistryCollector } from './metrics/registry-collector.ts'
import { connectionLimit } from './node-internals/connection-limit.ts'
import type { ServiceIdentity } from './process/package-identity.ts'
import { unknownVariables } from './process/refused-variables.ts'
import { createShutdown, type Shutdown } from './process/shutdown.ts'
import { sendsExponentialHistograms } from './process/signal-environment.ts'
import { type TelemetryEnvironment, telemetryEnvironment } from './process/telemetry-environment.ts'
import { registerExportMetrics, registerTelemetryMetrics } from './telemetry-metrics.ts'
import { reportDrops } from './tracing/export/drop-report.ts'
import { inactiveTracing, startProcessTracing } from './tracing/process-tracing.ts'
import type { Tracing } from './tracing/tracing.ts'

/** How {@link startTelemetry} starts. */
export interface TelemetryOptions {
  readonly service: ServiceIdentity
  /** The result of `readEnvironment(telemetryEnvironment(…))`. */
  readonly environment: TelemetryEnvironment
  /** The shutdown of the process; by default one is created here, with handlers for SIGTERM and SIGINT. */
  readonly shutdown?: Shutdown
  /**
   * The role of this process in its service; default `single`. The `primary` of a cluster does not load OpenTelemetry and has only the `process_*` metrics of
   * Node; a `worker` has no metrics server, and its primary logs where traces go.
   */
  readonly role?: 'single' | 'primary' | 'worker'
  /**
   * Further registries whose metrics are served, and in a worker reported to its primary: those of libraries and of your own code, such as `register` of any
   * prom-client. Of a metric that is in several the first counts.
   */
  readonly registries?: readonly CollectableRegistry[]
  /** Registries that are served elsewhere, such as at an address of their own: their metrics are sent by OTLP with the others. */
  readonly sentRegistries?: readonly CollectableRegistry[]
  /** What `/metrics` serves; default: the registries of this process. */
  readonly collect?: (registry: Registry) => Promise<Iterable<MetricFamily>>
}

/** The telemetry of a process. */
export interface Telemetry {
  readonly service: ServiceIdentity
  readonly environment: TelemetryEnvironment
  /** Where the service registers its metrics (`registers: [telemetry.registry]`). */
  readonly registry: Registry
  /** That registry, and the further ones. */
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
  /** Adds a check to `/readyz`. */
  addReadinessCheck(check: ReadinessCheck): void
}

/**
 * Starts the telemetry of a process: its registry with the process's metrics, its logger, its traces, its metrics server and its graceful
 * shutdown. Logs once where traces go. OpenTelemetry's SDK is loaded only if traces are exported.
 *
 * @throws the system's error when the metrics port is not available
 */
export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const { environment } = options
  const shutdown = options.shutdown ?? createShutdown()
  shutdown.setTimeoutMs((environment.SHUTDOWN_TIMEOUT_SECONDS + environment.LAST_SCRAPE_SECONDS) * 1000)
  const service = { ...options.service, name: environment.OTEL_SERVICE_NAME ?? options.service.name }
  const isEnabled = !environment.OTEL_SDK_DISABLED
  const logExport =
    isEnabled && environment.OTEL_LOGS_EXPORTER.includes('otlp')
      ? await (await import('./otlp/start-export.ts')).startLogExport(service, environment)
      : undefined
  const log = await createLogger({
    level: environment.LOG_LEVEL,
    console: environment.OTEL_LOGS_EXPORTER.includes('console'),
    exporter: logExport?.exporter,
  })
  shutdown.setLog(log.logger)
  shutdown.add('log', () => log.flush())
  if (logExport !== undefined) shutdown.add('log export', () => logExport.exporter.shutdown())
  logCrashes(log, shutdown, service)

  const role = options.role ?? 'single'
  if (role !== 'worker') warnOfUnknownVariables(log.logger)
  logOpenTelemetry(log.logger, environment.OTEL_LOG_LEVEL)
  const tracing =
    role === 'primary' ? inactiveTracing({ service, environment }) : await startProcessTracing({ service, environment })
  shutdown.add('tracing', () => tracing.shutdown())
  reportDrops(tracing, log.logger)

  const registry = createRegistry()
  const registries = [registry, ...(options.registries ?? [])]
  for (const each of registries)
    RegistryCollector.of(each).onFailure((metric, reason) =>
      log.logger.error({ metric, reason }, `The metric ${metric} can't be collected: ${reason}.`),
    )
  connectionLimit.onRefusal((refused) =>
    log.logger.warn(
      { refused },
      `${refused} connections were refused: the process has too few descriptors (ulimit -n).`,
    ),
  )
  if (sendsExponentialHistograms(environment))
    for (const each of [...registries, ...(options.sentRegistries ?? [])])
      RegistryCollector.of(each).recordExponentially()
  registerProcessMetrics(registry, { onlyProcess: role === 'primary' })
  if (role !== 'primary' && environment.RUNTIME_METRICS_ALIAS === 'python') registerPythonAliases(registry)
  registerTelemetryMetrics(registry, { tracing, log, registries })

  if (logExport !== undefined) reportDrops(logExport.exporter, log.logger, 'log lines')
  if (logExport !== undefined) registerExportMetrics(registry, 'log_records', 'Log lines', logExport.exporter.counts)

  const readiness = createReadiness(shutdown)
  let metricsServer: MetricsServer | undefined
  if (role !== 'worker') {
    const collector = new FamilyCollector(registries)
    const collect = async () => (await options.collect?.(registry)) ?? collector.families()
    const isServed = environment.OTEL_METRICS_EXPORTER.includes('prometheus')
    metricsServer = await listenMetrics({
      host: environment.HOST,
      port: environment.METRICS_PORT,
      collect: isServed ? collect : undefined,
      readiness: readiness.reasons,
    })
    shutdown.add('metrics server', metricsServer.close)
    if (isServed && environment.LAST_SCRAPE_SECONDS > 0)
      addLastScrape(metricsServer, {
        shutdown,
        readiness,
        logger: log.logger,
        seconds: environment.LAST_SCRAPE_SECONDS,
      })
    const { url } = metricsServer
    if (isServed) log.logger.info({ url: `${url}/metrics` }, `Metrics are at ${url}/metrics.`)
    else log.logger.info({ url: `${url}/healthz` }, `Metrics are at no URL; health is at ${url}/healthz.`)
    log.logger.info(tracing.destination.description)
    if (isEnabled && environment.OTEL_METRICS_EXPORTER.includes('otlp')) {
      const { startMetricsExport } = await import('./otlp/start-export.ts')
      const sent = new FamilyCollector([...registries, ...(options.sentRegistries ?? [])])
      const collectSent = options.collect === undefined ? () => sent.families() : collect
      const { exporter, description } = await startMetricsExport(collectSent, service, environment)
      shutdown.add('metrics export', () => exporter.shutdown())
      registerExportMetrics(registry, 'metric_points', 'Points of metrics', exporter.counts)
      reportDrops(exporter, log.logger, 'points of metrics')
      log.logger.info(description)
    }
    if (logExport !== undefined) log.logger.info(logExport.description)
  }
  return {
    service,
    environment,
    registry,
    registries,
    logger: log.logger,
    tracer: trace.getTracer(service.name, service.version),
    tracing,
    shutdown,
    metricsUrl: metricsServer?.url,
    setReady: readiness.setReady,
    addReadinessCheck: readiness.addCheck,
  }
}

interface LastScrape {
  readonly shutdown: Shutdown
  readonly readiness: Readiness
  readonly logger: Logger
  readonly seconds: number
}

/** Once nothing more is counted, all of it is scraped once more. A process that fails, or was never ready, ends sooner. */
function addLastScrape({ nextScrape }: MetricsServer, { shutdown, readiness, logger, seconds }: LastScrape): void {
  shutdown.add('last scrape', async () => {
    if (!shutdown.isOrderly || !readiness.hasStarted() || (await nextScrape(seconds * 1000))) return
    logger.warn({ seconds }, `Not scraped within ${seconds} s: what was counted since the last scrape is lost.`)
  })
}

interface Readiness {
  readonly reasons: ReadinessCheck
  /** Whether the service has been ready. */
  readonly hasStarted: () => boolean
  readonly setReady: () => void
  readonly addCheck: (check: ReadinessCheck) => void
}

function createReadiness(shutdown: Shutdown): Readiness {
  const checks: ReadinessCheck[] = []
  let started = false
  return {
    setReady: () => {
      started = true
    },
    addCheck: (check) => checks.push(check),
    hasStarted: () => started,
    async reasons() {
      if (shutdown.begun) return ['shutting down']
      if (!started) return ['starting']
      return (await Promise.all(checks.map((check) => reasonsOf(check)))).flat()
    },
  }
}

/** Misspelt variables would be ignored silently. */
function warnOfUnknownVariables(logger: Logger): void {
  const names = unknownVariables(telemetryEnvironment({ metricsPort: 0 }))
  if (names.length > 0)
    logger.warn(
      { variables: names },
      `OpenTelemetry specifies no variable ${names.join(', ')}: see --help for those that are read.`,
    )
}

function logOpenTelemetry(logger: Logger, level: TelemetryEnvironment['OTEL_LOG_LEVEL']): void {
  if (level === 'none') return
  const of =
    (name: 'error' | 'warn' | 'info' | 'debug' | 'trace') =>
    (message: string, ...details: unknown[]) =>
      logger[name]({ details }, `OpenTelemetry: ${message}`)
  const levels = { error: of('error'), warn: of('warn'), info: of('info'), debug: of('debug'), verbose: of('trace') }
  const logLevel = {
    error: 'ERROR',
    warn: 'WARN',
    info: 'INFO',
    debug: 'DEBUG',
    verbose: 'VERBOSE',
    all: 'ALL',
  } as const
  diag.setLogger(levels, { logLevel: DiagLogLevel[logLevel[level]], suppressOverrideMessage: true })
}

function logCrashes(log: ProcessLogger, shutdown: Shutdown, { name, version }: ServiceIdentity): void {
  process.on('uncaughtException', (error: unknown, origin) => {
    // Anything can be thrown.
    const stack = error instanceof Error ? error.stack : undefined
    log.logger.fatal(
      { origin, serviceContext: { service: name, version }, stack_trace: stack },
      `The process ends: ${messageOf(error)}`,
    )
    void shutdown.begin(origin, 1)
  })
}
