import { nearest, valueType } from '@node-to-cloud/command-line'

const refused = (instead: string) => valueType<never>(`left unset: ${instead}`, () => undefined)

const OTLP_ONLY = 'spans can be sent by OTLP (OTEL_TRACES_EXPORTER=otlp)'
const NO_FILES = 'variables are the only configuration'

/**
 * Variables of OpenTelemetry's specification that this library does not support. Each is rejected if it is set: whoever
 * sets it expects an effect.
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export const refusedVariables = {
  OTEL_CONFIG_FILE: refused(NO_FILES),
  OTEL_EXPERIMENTAL_CONFIG_FILE: refused(NO_FILES),
  OTEL_ENTITIES: refused('OTEL_RESOURCE_ATTRIBUTES describes the service'),
  OTEL_EXPORTER_PROMETHEUS_HOST: refused('HOST is where metrics are served'),
  OTEL_EXPORTER_PROMETHEUS_PORT: refused('METRICS_PORT is where metrics are served'),
  OTEL_EXPORTER_ZIPKIN_ENDPOINT: refused(OTLP_ONLY),
  OTEL_EXPORTER_ZIPKIN_TIMEOUT: refused(OTLP_ONLY),
  OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT: refused('log lines are sent whole'),
  OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: refused('log lines are sent whole'),
  OTEL_EXPORTER_JAEGER_ENDPOINT: refused(OTLP_ONLY),
  OTEL_EXPORTER_JAEGER_AGENT_HOST: refused(OTLP_ONLY),
} as const

/** Variables that OpenTelemetry's instrumentations, launchers and Kubernetes operators set for themselves. */
const OF_OTHERS =
  /^OTEL_(NODE|INSTRUMENTATION|INJECTOR|POD|SEMCONV|GO|JAVA|JAVAAGENT|DOTNET|PYTHON|PHP)_|^OTEL_RESOURCE_ATTRIBUTES_/

/**
 * The OpenTelemetry variables in `env` that are neither in `spec` nor known to belong to other software, such as
 * misspelled ones.
 */
export function unknownVariables(
  spec: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>> = process.env,
): readonly string[] {
  return Object.keys(env).filter(
    (name) => name.startsWith('OTEL_') && (env[name] ?? '') !== '' && !(name in spec) && !OF_OTHERS.test(name),
  )
}

/** The names, separated by commas, each with the supported variable in `spec` that was probably meant. */
export function withCorrections(names: readonly string[], spec: Readonly<Record<string, unknown>>): string {
  const supported = Object.keys(spec).filter((name) => name.startsWith('OTEL_') && !(name in refusedVariables))
  return names
    .map((name) => {
      const meant = nearest(name, supported)
      return meant === undefined ? name : `${name} (did you mean ${meant}?)`
    })
    .join(', ')
}
