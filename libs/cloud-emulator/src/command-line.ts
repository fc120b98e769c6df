import { isIP } from 'node:net'
import {
  byteSize,
  directory,
  duration,
  flag,
  httpUrl,
  integer,
  listenAddress,
  oneOf,
  type ProgramSpec,
  packageVersion,
  parseDuration,
  repeatable,
  required,
  text,
  valueType,
} from '@node-to-cloud/command-line'
import { PROJECT_ID } from './api/resource-name.ts'
import { MIN_MEMORY_BYTES } from './memory-limits.ts'
import { DEFAULT_QUOTAS } from './quotas/quotas.ts'

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
const STRICTNESSES = ['auto', 'on', 'off'] as const
const HOST_NAME = /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

const project = valueType(
  'a project ID of at most 100 letters, digits, ":", ".", "_" and "-"',
  (text) => (PROJECT_ID.test(text) ? text : undefined),
  {
    default: 'demo-project',
    environment: 'GOOGLE_CLOUD_PROJECT',
    placeholder: 'ID',
    help: 'The project of dashboards from --dashboards, of policies from --policies, of OTLP data without a project, and of the first page',
  },
)

const hostName = valueType(
  'a host name without scheme and port, such as metrics.example.com',
  (text) => (HOST_NAME.test(text) ? text : undefined),
  {
    placeholder: 'NAME',
    help: 'A public host name that HTTP requests may use, besides IP addresses and private names',
  },
)

const contactedHost = (help: string) =>
  valueType(
    'a host name or IP address without scheme and port, such as hooks.example.com',
    (text) => (HOST_NAME.test(text) || isIP(text) !== 0 ? text : undefined),
    { placeholder: 'HOST', help },
  )

const EXPECTATIONS = ['fires', 'quiet'] as const

/** Epoch milliseconds. */
const pastTime = (help: string) =>
  valueType('a time such as -1h, -30m or 2026-01-02T03:04:05Z', readPastTime, { placeholder: 'TIME', help })

function readPastTime(text: string): number | undefined {
  const agoMs = text.startsWith('-') ? parseDuration(text.slice(1)) : undefined
  if (agoMs !== undefined) return Date.now() - agoMs
  const timeMs = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(timeMs) ? undefined : timeMs
}

/** What `cloud-emulator` takes. */
export const PROGRAM = {
  name: 'cloud-emulator',
  version: packageVersion(import.meta.url),
  summary: 'Google Cloud Monitoring, Dashboards and Cloud Trace on localhost',
  defaultCommand: 'serve',
  commands: {
    serve: {
      summary: 'Serve the APIs and the web UI',
      options: {
        'http.listen-address': listenAddress({ port: 8085, help: 'Web UI, REST, OTLP over HTTP, /metrics' }),
        'http.allowed-host': repeatable(hostName),
        'https.listen-address': listenAddress({ port: 8088, help: 'The same over TLS; needs --tls-dir' }),
        'grpc.listen-address': listenAddress({ port: 8086, help: 'gRPC, plaintext' }),
        'grpc-tls.listen-address': listenAddress({ port: 8087, help: 'gRPC over TLS; needs --tls-dir' }),
        'otlp-grpc.listen-address': listenAddress({
          port: 4317,
          help: 'OTLP over gRPC; skipped if the port is in use',
        }),
        'otlp-http.listen-address': listenAddress({
          port: 4318,
          help: 'OTLP over HTTP; skipped if the port is in use',
        }),
        strict: oneOf(STRICTNESSES, {
          default: 'auto',
          help: 'Whether to reject what Google rejects: OTLP without gcp.project_id, metrics without location or instance, and PromQL that Cloud Monitoring does not support; auto: on the TLS ports',
        }),
        'tls-dir': directory({
          help: 'Certificates and credentials for the TLS ports; created if they are missing or about to expire',
        }),
        dashboards: directory({ help: 'Load every *.json file in this directory as a dashboard' }),
        'notify.allow': repeatable(
          contactedHost('A host besides this machine to which webhooks of notification channels may be sent'),
        ),
        'uptime.allow': repeatable(contactedHost('A host besides this machine that uptime checks may probe')),
        policies: directory({ help: 'Load every *.json file in this directory as an alert policy' }),
        project,
        'data-dir': directory({
          help: 'Keep metrics, spans, dashboards and all other resources in this directory across restarts; created if it is missing',
        }),
        retention: duration({
          min: MINUTE_MS,
          max: 7 * 24 * HOUR_MS,
          default: 6 * HOUR_MS,
          help: 'How long points, spans and log entries are kept',
        }),
        memory: byteSize({
          min: MIN_MEMORY_BYTES,
          help: 'Memory of the process, which is divided between points, spans, log entries and queries; --max-* and --query.max-samples take precedence',
        }),
        'max-series': integer({
          min: 1,
          max: 1_000_000,
          default: 50_000,
          help: 'Time series to keep; the least recently written ones are evicted',
        }),
        'max-spans': integer({
          min: 1,
          max: 10_000_000,
          default: 100_000,
          help: 'Spans to keep; the oldest traces are evicted',
        }),
        'max-point-megabytes': integer({
          min: 1,
          max: 65_536,
          defaultText: '512, or from --memory',
          help: 'Memory for points; the oldest points are evicted',
        }),
        'max-span-megabytes': integer({
          min: 1,
          max: 65_536,
          defaultText: '256, or from --memory',
          help: 'Memory for spans; the oldest traces are evicted',
        }),
        'max-log-megabytes': integer({
          min: 1,
          max: 65_536,
          defaultText: '256, or from --memory',
          help: 'Memory for log entries; the oldest ones are evicted',
        }),
        'query.max-samples': integer({
          min: 1,
          max: 1_000_000_000,
          defaultText: '4000000, or from --memory',
          help: 'How many points the queries of one request may keep in memory; five times as many may be read',
        }),
        'quota.active-series': integer({
          min: 1,
          max: 1_000_000_000,
          default: DEFAULT_QUOTAS.activeSeries,
          help: "Google's quota of time series per monitored resource type and project; more are rejected",
        }),
        'quota.requests-per-minute': integer({
          min: 0,
          max: 1_000_000_000,
          default: DEFAULT_QUOTAS.requestsPerMinute,
          help: 'Requests per minute and project for writing time series, for reading them, and for all other methods of Cloud Monitoring, each; 0: no limit',
        }),
        'quota.sampling-period': duration({
          min: 0,
          max: HOUR_MS,
          default: DEFAULT_QUOTAS.samplingPeriodMicros / 1000,
          help: 'The minimum time between two points of a series',
        }),
        'log.level': oneOf(LOG_LEVELS, {
          default: 'info',
          environment: 'LOG_LEVEL',
          help: 'The minimum level to log',
        }),
      },
    },
    check: {
      summary: 'Check dashboard and alert policy files without serving anything; exit code 1 if one is rejected',
      arguments: {
        PATH: required(repeatable(text({ help: 'A dashboard or alert policy as JSON, or a folder with them' }))),
      },
      options: {
        json: flag({ help: 'Print one JSON object' }),
      },
    },
    'test-policy': {
      summary: 'Print when an alert policy would have fired, with the data of a running emulator',
      arguments: { FILE: required(text({ help: 'An alert policy as JSON' })) },
      options: {
        from: required(pastTime('Start of the time range')),
        to: pastTime('End of the time range'),
        url: httpUrl({ default: 'http://127.0.0.1:8085', help: 'URL of the emulator' }),
        project,
        expect: oneOf(EXPECTATIONS, { help: 'Exit with 1 unless the policy would have fired, or stayed quiet' }),
        json: flag({ help: 'Print one JSON object' }),
      },
    },
    tls: {
      summary: 'Write certificates and credentials for clients of the TLS ports',
      options: {
        'tls-dir': required(directory({ help: 'Where to write ca.crt and credentials.json' })),
        'http.listen-address': listenAddress({
          port: 8085,
          help: 'Where the emulator will listen; clients get their token there',
        }),
        project,
      },
    },
  },
} as const satisfies ProgramSpec
