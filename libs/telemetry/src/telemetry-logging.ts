import { messageOf } from '@node-to-cloud/command-line'
import { DiagLogLevel, diag } from '@opentelemetry/api'
import { createLogger, type Logger, type ProcessLogger } from './logs/logger.ts'
import type { LogExporter } from './otlp/log-exporter.ts'
import type { ServiceIdentity } from './process/package-identity.ts'
import { unknownVariables, withCorrections } from './process/refused-variables.ts'
import type { Shutdown } from './process/shutdown.ts'
import { type TelemetryEnvironment, telemetryEnvironment } from './process/telemetry-environment.ts'
import { reportUntilShutdown } from './tracing/export/drop-report.ts'

/** The logger of a process, and the exporter of its lines if they are sent by OTLP. */
export interface Logging {
  readonly log: ProcessLogger
  readonly sent: { readonly exporter: LogExporter; readonly description: string } | undefined
}

/** Starts the logger of a process, which is flushed at shutdown, and logs fatal errors and OpenTelemetry's messages. */
export async function startLogging(
  service: ServiceIdentity,
  environment: TelemetryEnvironment,
  shutdown: Shutdown,
): Promise<Logging> {
  const isSent = !environment.OTEL_SDK_DISABLED && environment.OTEL_LOGS_EXPORTER.includes('otlp')
  const sent = isSent ? await (await import('./otlp/start-export.ts')).startLogExport(service, environment) : undefined
  const log = await createLogger({
    level: environment.LOG_LEVEL,
    console: environment.OTEL_LOGS_EXPORTER.includes('console'),
    exporter: sent?.exporter,
  })
  const { logger } = log
  shutdown.setLog(logger)
  shutdown.add('log', () => log.flush())
  if (sent !== undefined)
    reportUntilShutdown(sent.exporter, { shutdown, logger, step: 'log export', what: ['log line', 'log lines'] })
  logCrashes(log, shutdown, service)
  logOpenTelemetry(logger, environment.OTEL_LOG_LEVEL)
  return { log, sent }
}

/** Otherwise misspelled variables would be ignored silently. */
export function warnOfUnknownVariables(logger: Logger): void {
  const spec = telemetryEnvironment({ metricsPort: 0 })
  const names = unknownVariables(spec)
  if (names.length > 0)
    logger.warn(
      { variables: names },
      `Without effect, since OpenTelemetry does not specify them: ${withCorrections(names, spec)}.`,
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
