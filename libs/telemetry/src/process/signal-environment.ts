import { httpUrl, integer, oneOf, valueType } from '@node-to-cloud/command-line'
import { headers, OTLP_PROTOCOLS, timeout, transport } from './otlp-variables.ts'

/** A list of exporters, such as `prometheus,otlp`; `none` means an empty one. */
function exporters<const Name extends string>(names: readonly Name[], byDefault: NoInfer<Name>, help: string) {
  return valueType<readonly Name[], readonly Name[]>(
    `one or more of ${names.join(', ')} with commas between them, or none`,
    (text) => {
      if (text === 'none') return []
      const given = [...new Set(text.split(',').map((name) => name.trim()))]
      const known = names.filter((name) => given.includes(name))
      return known.length === given.length ? known : undefined
    },
    { default: [byDefault], defaultText: byDefault, placeholder: 'NAME,…', help },
  )
}

/** The variables that configure where metrics and log lines go, besides those for all signals. */
export const signalEnvironment = {
  OTEL_METRICS_EXPORTER: exporters(['prometheus', 'otlp'], 'prometheus', 'prometheus serves /metrics, otlp sends'),
  OTEL_LOGS_EXPORTER: exporters(['console', 'otlp'], 'console', 'console writes lines to standard output, otlp sends'),
  OTEL_METRIC_EXPORT_INTERVAL: integer({
    min: 100,
    max: 3_600_000,
    default: 60_000,
    help: 'Milliseconds between two exports of metrics by OTLP',
  }),
  OTEL_METRIC_EXPORT_TIMEOUT: timeout({ default: 30_000, help: 'Milliseconds that an export of metrics may take' }),
  OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: oneOf(['cumulative'], { help: 'Totals are cumulative' }),
  OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: oneOf(
    ['explicit_bucket_histogram', 'base2_exponential_bucket_histogram'],
    { default: 'explicit_bucket_histogram', help: 'Whether histograms are sent with their own buckets' },
  ),
  OTEL_BLRP_SCHEDULE_DELAY: integer({
    min: 0,
    max: 3_600_000,
    default: 1_000,
    help: 'Milliseconds between two exports of log lines; 0: immediately',
  }),
  OTEL_BLRP_EXPORT_TIMEOUT: timeout({ default: 30_000, help: 'Milliseconds that an export of log lines may take' }),
  OTEL_BLRP_MAX_QUEUE_SIZE: integer({
    min: 1,
    max: 1_000_000,
    default: 2048,
    help: 'Maximum number of log lines waiting for export; any more are dropped',
  }),
  OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: integer({
    min: 1,
    max: 1_000_000,
    default: 512,
    help: 'Maximum number of log lines per export',
  }),
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: httpUrl({ help: "The OTLP collector's URL for metrics, used as is" }),
  OTEL_EXPORTER_OTLP_METRICS_HEADERS: headers({ help: 'Headers for metrics; they take precedence' }),
  OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: oneOf(OTLP_PROTOCOLS, {
    help: 'Encoding of OTLP for metrics; takes precedence',
  }),
  OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: timeout({ help: 'The same for metrics; takes precedence' }),
  ...transport('_METRICS'),
  OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: httpUrl({ help: "The OTLP collector's URL for log lines, used as is" }),
  OTEL_EXPORTER_OTLP_LOGS_HEADERS: headers({ help: 'Headers for log lines; they take precedence' }),
  OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: oneOf(OTLP_PROTOCOLS, { help: 'Encoding of OTLP for log lines; takes precedence' }),
  OTEL_EXPORTER_OTLP_LOGS_TIMEOUT: timeout({ help: 'The same for log lines; takes precedence' }),
  ...transport('_LOGS'),
} as const

/** Whether histograms are sent with exponential buckets; `/metrics` always uses their own. */
export function sendsExponentialHistograms(environment: {
  readonly OTEL_SDK_DISABLED: boolean
  readonly OTEL_METRICS_EXPORTER: readonly string[]
  readonly OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: string
}): boolean {
  return (
    !environment.OTEL_SDK_DISABLED &&
    environment.OTEL_METRICS_EXPORTER.includes('otlp') &&
    environment.OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION === 'base2_exponential_bucket_histogram'
  )
}
