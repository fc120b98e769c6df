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
} from '@node-to-cloud/command-line'

/** The exporters of OTEL_TRACES_EXPORTER. */
export const TRACES_EXPORTERS = ['google_cloud_trace', 'otlp', 'console', 'none'] as const

/** The samplers of OTEL_TRACES_SAMPLER that OpenTelemetry specifies. */
export const TRACES_SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const

/** The values of OTEL_EXPORTER_OTLP_PROTOCOL; OTLP over gRPC is not supported. */
export const OTLP_PROTOCOLS = ['http/protobuf', 'http/json'] as const

const MAX_TIMEOUT_MS = 3_600_000

/** The levels of LOG_LEVEL. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** The variables that decide where traces go and how many are sampled. */
export const tracingEnvironment = {
  OTEL_SDK_DISABLED: boolean({ default: false, help: 'No traces at all' }),
  OTEL_SERVICE_NAME: text({ maxLength: 255, help: 'Name of the service in traces' }),
  OTEL_RESOURCE_ATTRIBUTES: keyValuePairs({ help: 'Further attributes of the resource in traces' }),
  OTEL_TRACES_EXPORTER: oneOf(TRACES_EXPORTERS, {
    help: 'Where traces go; by default to Cloud Trace where Google credentials are found, else nowhere',
  }),
  OTEL_TRACES_SAMPLER: oneOf(TRACES_SAMPLERS, { default: 'parentbased_always_on', help: 'Which requests are traced' }),
  OTEL_TRACES_SAMPLER_ARG: number({ min: 0, max: 1, help: 'Share of requests that the ratio samplers trace' }),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl({ help: 'The OTLP collector; /v1/traces is added' }),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: httpUrl({ help: "The OTLP collector's URL for traces, as it is" }),
  OTEL_EXPORTER_OTLP_HEADERS: keyValuePairs({ secret: true, help: 'Headers for the OTLP collector' }),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: keyValuePairs({
    secret: true,
    help: 'Headers for the OTLP collector of traces; they win, name by name',
  }),
  OTEL_EXPORTER_OTLP_PROTOCOL: oneOf(OTLP_PROTOCOLS, { default: 'http/protobuf', help: 'Encoding of OTLP' }),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: oneOf(OTLP_PROTOCOLS, { help: 'Encoding of OTLP for traces; wins' }),
  OTEL_EXPORTER_OTLP_TIMEOUT: integer({
    min: 1,
    max: MAX_TIMEOUT_MS,
    default: 10_000,
    help: 'Milliseconds that a request to the OTLP collector may take, with its retries',
  }),
  OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: integer({ min: 1, max: MAX_TIMEOUT_MS, help: 'The same for traces; wins' }),
  OTEL_BSP_MAX_QUEUE_SIZE: integer({
    min: 1,
    max: 1_000_000,
    default: 2048,
    help: 'Spans that wait for export; more are dropped',
  }),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: integer({ min: 1, max: 1_000_000, default: 512, help: 'Spans in one export' }),
  OTEL_BSP_SCHEDULE_DELAY: integer({
    min: 10,
    max: 3_600_000,
    default: 5_000,
    help: 'Milliseconds between two exports',
  }),
  OTEL_BSP_EXPORT_TIMEOUT: integer({
    min: 10,
    max: 3_600_000,
    default: 30_000,
    help: 'Milliseconds that an export may take',
  }),
  CLOUD_TRACE_ENDPOINT: hostAndPort({ help: "Host and port of Cloud Trace, such as an emulator's" }),
  GOOGLE_CLOUD_PROJECT: text({ maxLength: 255, help: 'Google Cloud project of traces and log lines' }),
  GOOGLE_APPLICATION_CREDENTIALS: text({ maxLength: 4096, help: 'File with Google credentials' }),
} as const

/** The values of {@link tracingEnvironment}. */
export type TracingEnvironment = EnvironmentOf<typeof tracingEnvironment>

/**
 * Every variable that this library reads. Spread it into the specification of a program, so that one error names all bad variables.
 *
 * @param defaults the port of `/metrics` if METRICS_PORT is not set
 */
export function telemetryEnvironment(defaults: { readonly metricsPort: number }) {
  return {
    ...tracingEnvironment,
    HOST: text({ maxLength: 255, default: '127.0.0.1', help: 'Address that the servers listen on' }),
    METRICS_PORT: port({ default: defaults.metricsPort, help: 'Port of /metrics, /healthz and /readyz' }),
    LOG_LEVEL: oneOf(LOG_LEVELS, { default: 'info', help: 'Least severe level that is logged' }),
    RUNTIME_METRICS_ALIAS: oneOf(['none', 'python'], {
      default: 'none',
      help: "python: runtime metrics under the Python client's names too",
    }),
    WORKER_TIMEOUT_SECONDS: number({
      min: 0,
      max: 3600,
      default: 30,
      help: 'A worker whose event loop stands still for this long is replaced; 0: never',
    }),
    SHUTDOWN_TIMEOUT_SECONDS: number({
      min: 0.1,
      max: 3600,
      default: 25,
      help: 'How long the process may take to end after a signal',
    }),
  } as const
}

/** The values of {@link telemetryEnvironment}. */
export type TelemetryEnvironment = EnvironmentOf<ReturnType<typeof telemetryEnvironment>>
