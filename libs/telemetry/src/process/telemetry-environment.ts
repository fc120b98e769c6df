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
  valueType,
} from '@node-to-cloud/command-line'
import { headers, OTLP_PROTOCOLS, timeout, transport } from './otlp-variables.ts'
import { refusedVariables } from './refused-variables.ts'
import { signalEnvironment } from './signal-environment.ts'

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

/** The propagators of OTEL_PROPAGATORS; `none` means an empty list. */
export const PROPAGATORS = ['tracecontext', 'baggage', 'b3', 'b3multi'] as const

/** One of {@link PROPAGATORS}. */
export type PropagatorName = (typeof PROPAGATORS)[number]

const propagators = valueType<readonly PropagatorName[], readonly PropagatorName[]>(
  `one or more of ${PROPAGATORS.join(', ')} with commas between them, or none`,
  (text) => {
    if (text === 'none') return []
    const names = [...new Set(text.split(',').map((name) => name.trim()))]
    const known = PROPAGATORS.filter((name) => names.includes(name))
    return known.length === names.length ? known : undefined
  },
  {
    default: ['tracecontext', 'baggage'],
    defaultText: 'tracecontext,baggage',
    placeholder: 'NAME,…',
    help: 'How the trace of a request is propagated',
  },
)

/** A limit of OpenTelemetry's, such as for the attributes of a span. */
const limit = (help: string) => integer({ min: 0, max: 2 ** 31 - 1, help })

/** The levels of OTEL_LOG_LEVEL. */
export const OTEL_LOG_LEVELS = ['none', 'error', 'warn', 'info', 'debug', 'verbose', 'all'] as const

/** The levels of LOG_LEVEL. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** The variables that configure where traces go and how many are sampled. */
export const tracingEnvironment = {
  OTEL_SDK_DISABLED: boolean({ default: false, help: 'Disables tracing' }),
  OTEL_SERVICE_NAME: text({ maxLength: 255, help: 'Name of the service in traces' }),
  OTEL_RESOURCE_ATTRIBUTES: keyValuePairs({ help: 'Additional resource attributes in traces' }),
  OTEL_TRACES_EXPORTER: oneOf(TRACES_EXPORTERS, {
    help: 'Where traces go; by default to Cloud Trace if Google credentials are found, otherwise nowhere',
  }),
  OTEL_TRACES_SAMPLER: oneOf(TRACES_SAMPLERS, { default: 'parentbased_always_on', help: 'Which requests are traced' }),
  OTEL_TRACES_SAMPLER_ARG: number({ min: 0, max: 1, help: 'Fraction of requests that the ratio samplers trace' }),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl({ help: "The OTLP collector's base URL; /v1/traces is appended" }),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: httpUrl({ help: "The OTLP collector's URL for traces, used as is" }),
  OTEL_EXPORTER_OTLP_HEADERS: headers({ help: 'Headers for the OTLP collector' }),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: headers({
    help: 'Headers for the OTLP collector of traces; they take precedence, name by name',
  }),
  OTEL_EXPORTER_OTLP_PROTOCOL: oneOf(OTLP_PROTOCOLS, { default: 'http/protobuf', help: 'Encoding of OTLP' }),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: oneOf(OTLP_PROTOCOLS, { help: 'Encoding of OTLP for traces; takes precedence' }),
  OTEL_EXPORTER_OTLP_TIMEOUT: timeout({
    default: 10_000,
    help: 'Milliseconds that a request to the OTLP collector may take, including retries',
  }),
  OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: timeout({ help: 'The same for traces; takes precedence' }),
  ...transport(''),
  ...transport('_TRACES'),
  OTEL_PROPAGATORS: propagators,
  OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: limit('Maximum number of characters of an attribute'),
  OTEL_ATTRIBUTE_COUNT_LIMIT: limit('Maximum number of attributes of a span'),
  OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: limit('The same for spans; takes precedence'),
  OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: limit('The same for spans; takes precedence'),
  OTEL_SPAN_EVENT_COUNT_LIMIT: limit('Maximum number of events of a span'),
  OTEL_SPAN_LINK_COUNT_LIMIT: limit('Maximum number of links of a span'),
  OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: limit('Maximum number of attributes of an event'),
  OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: limit('Maximum number of attributes of a link'),
  OTEL_BSP_MAX_QUEUE_SIZE: integer({
    min: 1,
    max: 1_000_000,
    default: 2048,
    help: 'Maximum number of spans waiting for export; any more are dropped',
  }),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: integer({
    min: 1,
    max: 1_000_000,
    default: 512,
    help: 'Maximum number of spans per export',
  }),
  OTEL_BSP_SCHEDULE_DELAY: integer({
    min: 0,
    max: 3_600_000,
    default: 5_000,
    help: 'Milliseconds between two exports; 0: immediately',
  }),
  OTEL_BSP_EXPORT_TIMEOUT: timeout({ default: 30_000, help: 'Milliseconds that an export may take' }),
  CLOUD_TRACE_ENDPOINT: hostAndPort({ help: "Host and port of Cloud Trace, such as an emulator's" }),
  GOOGLE_CLOUD_PROJECT: text({ maxLength: 255, help: 'Google Cloud project of traces and log lines' }),
  GOOGLE_APPLICATION_CREDENTIALS: text({ maxLength: 4096, help: 'File with Google credentials' }),
} as const

/** The values of {@link tracingEnvironment}. */
export type TracingEnvironment = EnvironmentOf<typeof tracingEnvironment>

/**
 * All variables that this library reads. Spread it into the specification of a program, so that one error names all bad
 * variables.
 *
 * @param defaults the port of `/metrics` if METRICS_PORT is not set
 */
export function telemetryEnvironment(defaults: { readonly metricsPort: number }) {
  return {
    ...tracingEnvironment,
    ...refusedVariables,
    ...signalEnvironment,
    OTEL_LOG_LEVEL: oneOf(OTEL_LOG_LEVELS, {
      default: 'none',
      help: "Level of OpenTelemetry's own messages that are logged",
    }),
    OTEL_METRICS_EXEMPLAR_FILTER: oneOf(['trace_based', 'always_off'], {
      default: 'trace_based',
      help: 'Whether the durations of requests in a sampled trace have that trace as an exemplar',
    }),
    HOST: text({ maxLength: 255, default: '127.0.0.1', help: 'Address that the servers listen on' }),
    METRICS_PORT: port({ default: defaults.metricsPort, help: 'Port of /metrics, /healthz and /readyz' }),
    LOG_LEVEL: oneOf(LOG_LEVELS, { default: 'info', help: 'Lowest level that is logged' }),
    RUNTIME_METRICS_ALIAS: oneOf(['none', 'python'], {
      default: 'none',
      help: "python: runtime metrics under the Python client's names too",
    }),
    WORKER_TIMEOUT_SECONDS: number({
      min: 0,
      max: 3600,
      default: 30,
      help: 'A worker whose event loop is blocked for this long is replaced; 0: never',
    }),
    SHUTDOWN_TIMEOUT_SECONDS: number({
      min: 0.1,
      max: 3600,
      default: 25,
      help: 'How long the process may take to exit after a signal',
    }),
    LAST_SCRAPE_SECONDS: number({
      min: 0,
      max: 3600,
      default: 0,
      help: 'How much longer it may then wait for a last scrape, so that everything it has counted is scraped; 0: not at all',
    }),
  } as const
}

/** The values of {@link telemetryEnvironment}. */
export type TelemetryEnvironment = EnvironmentOf<ReturnType<typeof telemetryEnvironment>>
