import { readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { TracingEnvironment } from '../process/telemetry-environment.ts'

/** Where the spans of a process go, decided without loading OpenTelemetry. */
export type TraceDestination =
  | { readonly exporter: 'google_cloud_trace'; readonly endpoint: string; readonly description: string }
  | { readonly exporter: 'otlp'; readonly url: string; readonly googleAuth: boolean; readonly description: string }
  | { readonly exporter: 'console'; readonly description: string }
  | { readonly exporter: 'none'; readonly description: string }

/** Describes the Google credentials that were found, if any; tests replace it. */
export type CredentialsFinder = () => string | undefined

const CLOUD_TRACE_ENDPOINT = 'cloudtrace.googleapis.com:443'
const DEPRECATION =
  'Google has deprecated its exporter; OTEL_TRACES_EXPORTER=otlp with OTEL_EXPORTER_OTLP_ENDPOINT=https://telemetry.googleapis.com is recommended.'
const OTLP_ENDPOINT = 'http://localhost:4318'

/**
 * Decides where spans go: by OTEL_TRACES_EXPORTER, or if that is not set, by whether Google credentials are found.
 * `description` is the sentence that a service logs once at startup.
 */
export function resolveTraceDestination(
  environment: TracingEnvironment,
  findCredentials: CredentialsFinder = () => findGoogleCredentials(environment.GOOGLE_APPLICATION_CREDENTIALS),
): TraceDestination {
  if (environment.OTEL_SDK_DISABLED) return none('OTEL_SDK_DISABLED is true')
  switch (environment.OTEL_TRACES_EXPORTER) {
    case 'none':
      return none('OTEL_TRACES_EXPORTER is none')
    case 'console':
      return { exporter: 'console', description: 'Traces go to standard output.' }
    case 'otlp':
      return otlp(environment)
    case 'google_cloud_trace':
      return cloudTrace(environment, findCredentials())
    case undefined: {
      const credentials = findCredentials()
      return credentials === undefined
        ? withoutGoogle(
            environment,
            'no Google credentials were found; set OTEL_TRACES_EXPORTER to choose another exporter',
          )
        : cloudTrace(environment, credentials)
    }
  }
}

function none(reason: string): TraceDestination {
  return { exporter: 'none', description: `Traces go nowhere: ${reason}.` }
}

function withoutGoogle({ GOOGLE_APPLICATION_CREDENTIALS: file }: TracingEnvironment, reason: string): TraceDestination {
  return none(file === undefined ? reason : `the file of GOOGLE_APPLICATION_CREDENTIALS, ${file}, can't be read`)
}

function cloudTrace(environment: TracingEnvironment, credentials: string | undefined): TraceDestination {
  if (credentials === undefined) {
    return withoutGoogle(
      environment,
      'OTEL_TRACES_EXPORTER is google_cloud_trace, but no Google credentials were found (gcloud auth application-default login)',
    )
  }
  const endpoint = environment.CLOUD_TRACE_ENDPOINT ?? CLOUD_TRACE_ENDPOINT
  return {
    exporter: 'google_cloud_trace',
    endpoint,
    description: `Traces go to Cloud Trace at ${endpoint}, with ${credentials}. ${DEPRECATION}`,
  }
}

function otlp(environment: TracingEnvironment): TraceDestination {
  const url = environment.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? signalUrl(environment, 'traces')
  const googleAuth = isGoogleTelemetry(url)
  return { exporter: 'otlp', url, googleAuth, description: `Traces go to ${withoutCredentials(url)} by OTLP.` }
}

/**
 * The URL of a signal below OTEL_EXPORTER_OTLP_ENDPOINT, whose query is kept:
 * https://opentelemetry.io/docs/specs/otel/protocol/exporter/#endpoint-urls-for-otlphttp.
 */
export function signalUrl(
  environment: Pick<TracingEnvironment, 'OTEL_EXPORTER_OTLP_ENDPOINT'>,
  signal: 'traces' | 'metrics' | 'logs',
): string {
  const url = new URL(environment.OTEL_EXPORTER_OTLP_ENDPOINT ?? OTLP_ENDPOINT)
  url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/${signal}`
  return url.href
}

/** Whether a URL is that of Google's Telemetry API, over TLS: tokens are never sent in plain text. */
export function isGoogleTelemetry(url: string): boolean {
  const { hostname, protocol } = new URL(url)
  const isGoogle = hostname === 'telemetry.googleapis.com' || hostname.endsWith('.telemetry.googleapis.com')
  return isGoogle && protocol === 'https:'
}

/** A URL without credentials, for logs. */
export function withoutCredentials(url: string): string {
  const parsed = new URL(url)
  parsed.username = ''
  parsed.password = ''
  return parsed.href
}

/**
 * Finds Application Default Credentials without using them: the file of GOOGLE_APPLICATION_CREDENTIALS, gcloud's own
 * file, or the metadata server of Google Cloud.
 *
 * @returns a phrase that describes them, or `undefined`
 */
export function findGoogleCredentials(credentialsFile: string | undefined): string | undefined {
  if (credentialsFile !== undefined)
    return isFile(credentialsFile) ? `the credentials of ${credentialsFile}` : undefined
  const gcloudFile = join(
    process.env.CLOUDSDK_CONFIG ?? join(homedir(), '.config', 'gcloud'),
    'application_default_credentials.json',
  )
  if (isFile(gcloudFile)) return `the credentials of ${gcloudFile}`
  return runsOnGoogleCloud() ? 'the credentials of the service account it runs as' : undefined
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

/** Whether this process runs on Google Cloud, as far as can be seen without a request. */
export function runsOnGoogleCloud(): boolean {
  if (process.env.GCE_METADATA_HOST !== undefined || process.env.K_SERVICE !== undefined) return true
  try {
    return readFileSync('/sys/class/dmi/id/bios_vendor', 'utf8').startsWith('Google')
  } catch {
    return false
  }
}
