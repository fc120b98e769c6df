/**
 * Prometheus metrics, OpenTelemetry traces, Cloud Logging's logs, health and shutdown for Node services, set up in one
 * call.
 *
 * Entry points:
 * - `@node-to-cloud/telemetry`: this file; loads neither Fastify nor OpenTelemetry's SDK
 * - `@node-to-cloud/telemetry/shutdown`: only the signal handlers, for the first line of a program
 * - `@node-to-cloud/telemetry/fastify`: the Fastify plugin
 * - `@node-to-cloud/telemetry/http`: any other HTTP server
 * - `@node-to-cloud/telemetry/run-main`: runs a main function and maps its outcome to an exit code, also for the first
 * line
 * - `@node-to-cloud/telemetry/cluster/primary`, `/cluster/worker`, `/cluster/worker-signals`: several processes as one service
 * - `@node-to-cloud/telemetry/instrumentation`: the preload module (`node --import`)
 */

export {
  boolean,
  EnvironmentError,
  type EnvironmentOf,
  type EnvironmentProblem,
  type EnvironmentSpec,
  hostAndPort,
  httpUrl,
  integer,
  keyValuePairs,
  number,
  oneOf,
  port,
  readEnvironment,
  text,
  type ValueOptions as VariableOptions,
  type ValueType as Variable,
  valueType as variable,
} from '@node-to-cloud/command-line'
export { grantedCpus } from './cluster/sizing/cpu-quota.ts'
export {
  createLogger,
  type Logger,
  type LoggerOptions,
  type ProcessLogger,
  type TraceFields,
  traceFields,
} from './logs/logger.ts'
export { negotiateFormat } from './metrics/accept.ts'
export { Counter, createRegistry, Gauge, Histogram, type Metric, Registry, Summary } from './metrics/client.ts'
export { EXPOSITION_CONTENT_TYPES, type ExpositionFormat, renderExposition } from './metrics/exposition.ts'
export type { Aggregator, Exemplar, MetricFamily, MetricType, Sample } from './metrics/family.ts'
export { listenMetrics, type MetricsServer, type MetricsServerOptions, urlHost } from './metrics/metrics-server.ts'
export { registerProcessMetrics } from './metrics/process-metrics.ts'
export { registerPythonAliases } from './metrics/python-aliases.ts'
export type { ReadinessCheck } from './metrics/readiness.ts'
export { type CollectableRegistry, collectFamilies } from './metrics/registry-collector.ts'
export type { ServiceIdentity } from './process/package-identity.ts'
export { packageIdentity } from './process/package-identity.ts'
export { readEnvironmentOrExit } from './process/read-environment-or-exit.ts'
export { runMain } from './process/run-main.ts'
export { createShutdown, type Shutdown, type ShutdownOptions, type ShutdownStep } from './process/shutdown.ts'
export {
  type TelemetryEnvironment,
  type TracingEnvironment,
  telemetryEnvironment,
  tracingEnvironment,
} from './process/telemetry-environment.ts'
export { startTelemetry, type Telemetry, type TelemetryOptions } from './telemetry.ts'
export { type ClientSpan, startClientSpan } from './tracing/client-span.ts'
export type { SpanCounts, SpanDropReason } from './tracing/export/span-queue.ts'
export type { Tracing } from './tracing/tracing.ts'
