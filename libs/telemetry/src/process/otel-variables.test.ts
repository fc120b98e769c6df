import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { EnvironmentError, readEnvironment } from '@node-to-cloud/command-line'
import { unknownVariables, withCorrections } from './refused-variables.ts'
import { telemetryEnvironment } from './telemetry-environment.ts'

const spec = telemetryEnvironment({ metricsPort: 9101 })
const FILE = fileURLToPath(import.meta.url)

/**
 * Every variable of https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ and
 * https://opentelemetry.io/docs/specs/otel/protocol/exporter/: a value that is accepted and how it is read, and one
 * that is rejected.
 */
const honoured: readonly (readonly [name: string, good: string, read: unknown, bad: string])[] = [
  ['OTEL_SDK_DISABLED', 'true', true, 'yes'],
  ['OTEL_RESOURCE_ATTRIBUTES', 'a=b,c=%20d', { a: 'b', c: ' d' }, 'a'],
  ['OTEL_SERVICE_NAME', 'shop', 'shop', 'x'.repeat(256)],
  ['OTEL_LOG_LEVEL', 'debug', 'debug', 'loud'],
  ['OTEL_PROPAGATORS', 'tracecontext,baggage', ['tracecontext', 'baggage'], 'tracecontext,jaeger'],
  ['OTEL_PROPAGATORS', 'b3', ['b3'], 'xray'],
  ['OTEL_PROPAGATORS', 'b3multi, tracecontext,b3multi', ['tracecontext', 'b3multi'], 'ottrace'],
  ['OTEL_PROPAGATORS', 'none', [], 'none,b3'],
  ['OTEL_TRACES_SAMPLER', 'always_off', 'always_off', 'parentbased_jaeger_remote'],
  ['OTEL_TRACES_SAMPLER_ARG', '0.25', 0.25, '1.1'],
  ['OTEL_BSP_SCHEDULE_DELAY', '0', 0, '-1'],
  ['OTEL_BSP_EXPORT_TIMEOUT', '0', 2 ** 31 - 1, '-1'],
  ['OTEL_BSP_EXPORT_TIMEOUT', '30000', 30_000, '1.5'],
  ['OTEL_BSP_MAX_QUEUE_SIZE', '1', 1, '0'],
  ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', '1', 1, '0'],
  ['OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT', '0', 0, '-1'],
  ['OTEL_ATTRIBUTE_COUNT_LIMIT', '128', 128, 'many'],
  ['OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', '5', 5, '-1'],
  ['OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', '5', 5, '-1'],
  ['OTEL_SPAN_EVENT_COUNT_LIMIT', '5', 5, '-1'],
  ['OTEL_SPAN_LINK_COUNT_LIMIT', '5', 5, '-1'],
  ['OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT', '5', 5, '-1'],
  ['OTEL_LINK_ATTRIBUTE_COUNT_LIMIT', '5', 5, '-1'],
  ['OTEL_TRACES_EXPORTER', 'otlp', 'otlp', 'zipkin'],
  ['OTEL_METRICS_EXPORTER', 'otlp', ['otlp'], 'console'],
  ['OTEL_METRICS_EXPORTER', 'otlp,prometheus', ['prometheus', 'otlp'], 'prometheus,none'],
  ['OTEL_LOGS_EXPORTER', 'none', [], 'file'],
  ['OTEL_METRIC_EXPORT_INTERVAL', '1000', 1000, '0'],
  ['OTEL_METRIC_EXPORT_TIMEOUT', '0', 2 ** 31 - 1, '-1'],
  ['OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', 'cumulative', 'cumulative', 'delta'],
  [
    'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION',
    'base2_exponential_bucket_histogram',
    'base2_exponential_bucket_histogram',
    'exponential',
  ],
  ['OTEL_BLRP_SCHEDULE_DELAY', '0', 0, '-1'],
  ['OTEL_BLRP_EXPORT_TIMEOUT', '0', 2 ** 31 - 1, '-1'],
  ['OTEL_BLRP_MAX_QUEUE_SIZE', '1', 1, '0'],
  ['OTEL_BLRP_MAX_EXPORT_BATCH_SIZE', '1', 1, '0'],
  ['OTEL_METRICS_EXEMPLAR_FILTER', 'always_off', 'always_off', 'always_on'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://c:4318', 'http://c:4318', 'c:4318'],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'a=b', { a: 'b' }, 'a'],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'http/json', 'http/json', 'grpc'],
  ['OTEL_EXPORTER_OTLP_TIMEOUT', '0', 2 ** 31 - 1, '-1'],
  ['OTEL_EXPORTER_OTLP_COMPRESSION', 'gzip', 'gzip', 'zstd'],
  ['OTEL_EXPORTER_OTLP_CERTIFICATE', FILE, FILE, '/nonexistent'],
  ['OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE', FILE, FILE, '/nonexistent'],
  ['OTEL_EXPORTER_OTLP_CLIENT_KEY', FILE, FILE, '/nonexistent'],
  ['OTEL_EXPORTER_OTLP_INSECURE', 'true', true, 'maybe'],
  ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'http://c:4318/v1/traces', 'http://c:4318/v1/traces', 'c:4318'],
  ['OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'a=b', { a: 'b' }, 'a'],
  ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'http/protobuf', 'http/protobuf', 'grpc'],
  ['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', '1', 1, '-1'],
  ['OTEL_EXPORTER_OTLP_TRACES_COMPRESSION', 'none', 'none', 'zstd'],
  ['OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE', FILE, FILE, '/nonexistent'],
  ['OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE', FILE, FILE, '/nonexistent'],
  ['OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY', FILE, FILE, '/nonexistent'],
  ['OTEL_EXPORTER_OTLP_TRACES_INSECURE', 'false', false, 'maybe'],
  ...['METRICS', 'LOGS'].flatMap((signal): (readonly [string, string, unknown, string])[] => {
    const of = (name: string) => `OTEL_EXPORTER_OTLP_${signal}_${name}`
    return [
      [of('ENDPOINT'), 'http://c:4318/x', 'http://c:4318/x', 'c:4318'],
      [of('HEADERS'), 'a=b', { a: 'b' }, 'a'],
      [of('PROTOCOL'), 'http/json', 'http/json', 'grpc'],
      [of('TIMEOUT'), '1', 1, '-1'],
      [of('COMPRESSION'), 'gzip', 'gzip', 'zstd'],
      [of('CERTIFICATE'), FILE, FILE, '/nonexistent'],
      [of('CLIENT_CERTIFICATE'), FILE, FILE, '/nonexistent'],
      [of('CLIENT_KEY'), FILE, FILE, '/nonexistent'],
      [of('INSECURE'), 'true', true, 'maybe'],
    ]
  }),
]

const refused = [
  'OTEL_CONFIG_FILE',
  'OTEL_ENTITIES',
  'OTEL_EXPORTER_PROMETHEUS_HOST',
  'OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT',
  'OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT',
  'OTEL_EXPORTER_PROMETHEUS_PORT',
  'OTEL_EXPORTER_ZIPKIN_ENDPOINT',
  'OTEL_EXPORTER_ZIPKIN_TIMEOUT',
]

const read = (env: Readonly<Record<string, string>>) => readEnvironment(spec, env) as Readonly<Record<string, unknown>>

describe('of OpenTelemetry’s variables', () => {
  for (const [name, good, expected, bad] of honoured) {
    test(`${name}=${good.slice(0, 40)} is accepted, ${bad.slice(0, 40)} rejected`, () => {
      assert.deepEqual(read({ [name]: good })[name], expected)
      assert.throws(() => read({ [name]: bad }), new RegExp(`${name}=.* can't be used`))
    })
  }

  for (const name of refused) {
    test(`${name} is rejected, with advice on what to do instead`, () => {
      assert.throws(() => read({ [name]: '1' }), new RegExp(`${name}="1" can't be used; it must be left unset: `))
    })
  }

  test('an empty one counts as not set', () => {
    const names = [...honoured.map(([name]) => name), ...refused]
    assert.deepEqual(read(Object.fromEntries(names.map((name) => [name, '']))), read({}))
  })

  test('all bad ones are in one message', () => {
    const bad = new Map(honoured.map(([name, , , value]) => [name, value]))
    for (const name of refused) bad.set(name, '1')
    assert.throws(
      () => read(Object.fromEntries(bad)),
      (error) => error instanceof EnvironmentError && [...bad.keys()].every((name) => error.message.includes(name)),
    )
  })

  test('those that no specification contains are found, unless they belong to other software', () => {
    const env = {
      OTEL_TRACE_EXPORTER: 'otlp',
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_NODE_RESOURCE_DETECTORS: 'all',
      OTEL_RESOURCE_ATTRIBUTES_POD_NAME: 'pod',
      OTEL_EMPTY: '',
      PATH: '/bin',
    }
    assert.deepEqual(unknownVariables(spec, env), ['OTEL_TRACE_EXPORTER'])
  })

  for (const [names, expected] of [
    [['OTEL_TRACE_EXPORTER'], 'OTEL_TRACE_EXPORTER (did you mean OTEL_TRACES_EXPORTER?)'],
    [['OTEL_CONFIG_FLE'], 'OTEL_CONFIG_FLE'],
    [
      ['OTEL_NOTHING_LIKE_IT_EXISTS', 'OTEL_TRACES_EXPORTR'],
      'OTEL_NOTHING_LIKE_IT_EXISTS, OTEL_TRACES_EXPORTR (did you mean OTEL_TRACES_EXPORTER?)',
    ],
  ] as const)
    test(`${names} is named with the variable that was meant, if that is supported`, () =>
      assert.equal(withCorrections(names, spec), expected))
})
