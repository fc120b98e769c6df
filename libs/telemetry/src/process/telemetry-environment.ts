import {
  boolean,
  type EnvironmentOf,
  hostAndPort,
  httpUrl,
  integer,
  keyValuePairs,
  number,
  oneOf,
  port,
  text,
} from './environment.ts'

/** The exporters of OTEL_TRACES_EXPORTER. */
export const TRACES_EXPORTERS = ['google_cloud_trace', 'otlp', 'console', 'none'] as const

/** The samplers of OTEL_TRACES_SAMPLER, by OpenTelemetry's specification. */
export const TRACES_SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const

/** The levels of LOG_LEVEL. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** The variables that decide where traces go and how many. */
export const tracingEnvironment = {
  OTEL_SDK_DISABLED: boolean({ default: false }),
  OTEL_SERVICE_NAME: text({ maxLength: 255 }),
  OTEL_RESOURCE_ATTRIBUTES: keyValuePairs(),
  OTEL_TRACES_EXPORTER: oneOf(TRACES_EXPORTERS),
  OTEL_TRACES_SAMPLER: oneOf(TRACES_SAMPLERS, { default: 'parentbased_always_on' }),
  OTEL_TRACES_SAMPLER_ARG: number({ min: 0, max: 1 }),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: httpUrl(),
  OTEL_EXPORTER_OTLP_HEADERS: keyValuePairs({ secret: true }),
  OTEL_BSP_MAX_QUEUE_SIZE: integer({ min: 1, max: 1_000_000, default: 2048 }),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: integer({ min: 1, max: 1_000_000, default: 512 }),
  OTEL_BSP_SCHEDULE_DELAY: integer({ min: 10, max: 3_600_000, default: 5_000 }),
  OTEL_BSP_EXPORT_TIMEOUT: integer({ min: 10, max: 3_600_000, default: 30_000 }),
  CLOUD_TRACE_ENDPOINT: hostAndPort(),
  GOOGLE_CLOUD_PROJECT: text({ maxLength: 255 }),
  GOOGLE_APPLICATION_CREDENTIALS: text({ maxLength: 4096 }),
} as const

/** The values of {@link tracingEnvironment}. */
export type TracingEnvironment = EnvironmentOf<typeof tracingEnvironment>

/**
 * Every variable that telemetry reads; spread it into the specification of a program, so that one error names all bad ones.
 *
 * @param defaults the port of `/metrics` where METRICS_PORT is not set
 */
export function telemetryEnvironment(defaults: { readonly metricsPort: number }) {
  return {
    ...tracingEnvironment,
    HOST: text({ maxLength: 255, default: '127.0.0.1' }),
    METRICS_PORT: port({ default: defaults.metricsPort }),
    LOG_LEVEL: oneOf(LOG_LEVELS, { default: 'info' }),
    RUNTIME_METRICS_ALIAS: oneOf(['none', 'python'], { default: 'none' }),
    SHUTDOWN_TIMEOUT_SECONDS: number({ min: 0.1, max: 3600, default: 25 }),
  } as const
}

/** The values of {@link telemetryEnvironment}. */
export type TelemetryEnvironment = EnvironmentOf<ReturnType<typeof telemetryEnvironment>>
