import { randomUUID } from 'node:crypto'
import { convertLegacyHttpOptions } from '@opentelemetry/otlp-exporter-base/node-http'
import type { ServiceIdentity } from '../process/package-identity.ts'
import type { TelemetryEnvironment } from '../process/telemetry-environment.ts'
import { isGoogleTelemetry, signalUrl, withoutCredentials } from '../tracing/destination.ts'
import { createGoogleHeaders } from '../tracing/export/google-headers.ts'
import { UndiciTransport } from '../tracing/export/otlp/undici-transport.ts'
import { detectResource } from '../tracing/resource/resource.ts'
import type { Origin } from './metrics-request.ts'

/** A signal that is sent here; spans have their own exporter. */
export type Signal = 'metrics' | 'logs'

/** How a request ended: the number of items that the collector rejected, or why it failed. */
export type Outcome =
  | { readonly isSuccess: true; readonly rejected: number; readonly reason: string }
  | { readonly isSuccess: false; readonly reason: string }

/** Sends the metrics or log lines of a process by OTLP. */
export interface OtlpSender {
  /** Without credentials. */
  readonly url: string
  /** Whether requests are JSON, else protobuf. */
  readonly isJson: boolean
  origin(): Promise<Origin>
  /** Sends a request, and retries after temporary failures; does not reject. */
  send(encode: () => Uint8Array): Promise<Outcome>
  close(): void
}

/** Counts all signals of this process. */
const INSTANCE = { 'service.instance.id': randomUUID() }

/** Creates the sender of a signal, as configured by OTEL_EXPORTER_OTLP_…. */
export async function createOtlpSender(
  signal: Signal,
  service: ServiceIdentity,
  environment: TelemetryEnvironment,
): Promise<OtlpSender> {
  const { url, headers, timeoutMs, protocol } = settingsOf(signal, environment)
  const isJson = protocol === 'http/json'
  const googleAuth = isGoogleTelemetry(url)
  const configuration = convertLegacyHttpOptions(
    {
      url,
      headers: googleAuth ? await createGoogleHeaders(environment.GOOGLE_CLOUD_PROJECT, headers) : headers,
      timeoutMillis: timeoutMs,
      concurrencyLimit: 1,
    },
    signal.toUpperCase(),
    `v1/${signal}`,
    { 'Content-Type': isJson ? 'application/json' : 'application/x-protobuf' },
  )
  const transport = new UndiciTransport(configuration)
  const resource = detectResource(service, environment, { exporter: 'otlp', url, googleAuth, description: '' })
  return {
    url: withoutCredentials(url),
    isJson,
    async origin() {
      await resource.waitForAsyncAttributes?.()
      return { attributes: { ...INSTANCE, ...resource.attributes }, scope: service }
    },
    async send(encode) {
      try {
        const response = await transport.send(encode(), timeoutMs)
        if (response.status === 'success') return readSuccess(isJson, response.data)
        const reason = 'error' in response ? response.error?.message : undefined
        return { isSuccess: false, reason: reason ?? 'no reason given' }
      } catch (error) {
        return { isSuccess: false, reason: error instanceof Error ? error.message : String(error) }
      }
    },
    close: () => transport.shutdown(),
  }
}

/** The variables of the signal override those for all signals; headers are overridden name by name. */
function settingsOf(signal: Signal, environment: TelemetryEnvironment) {
  const isMetrics = signal === 'metrics'
  const own = isMetrics
    ? {
        url: environment.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT,
        headers: environment.OTEL_EXPORTER_OTLP_METRICS_HEADERS,
        timeoutMs: environment.OTEL_EXPORTER_OTLP_METRICS_TIMEOUT,
        protocol: environment.OTEL_EXPORTER_OTLP_METRICS_PROTOCOL,
        exportTimeoutMs: environment.OTEL_METRIC_EXPORT_TIMEOUT,
      }
    : {
        url: environment.OTEL_EXPORTER_OTLP_LOGS_ENDPOINT,
        headers: environment.OTEL_EXPORTER_OTLP_LOGS_HEADERS,
        timeoutMs: environment.OTEL_EXPORTER_OTLP_LOGS_TIMEOUT,
        protocol: environment.OTEL_EXPORTER_OTLP_LOGS_PROTOCOL,
        exportTimeoutMs: environment.OTEL_BLRP_EXPORT_TIMEOUT,
      }
  const headers = [...Object.entries(environment.OTEL_EXPORTER_OTLP_HEADERS), ...Object.entries(own.headers)]
  return {
    url: own.url ?? signalUrl(environment, signal),
    headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
    timeoutMs: Math.min(own.timeoutMs ?? environment.OTEL_EXPORTER_OTLP_TIMEOUT, own.exportTimeoutMs),
    protocol: own.protocol ?? environment.OTEL_EXPORTER_OTLP_PROTOCOL,
  }
}

/** Reads a partial success: https://opentelemetry.io/docs/specs/otlp/#partial-success. */
function readSuccess(isJson: boolean, data: Uint8Array | undefined): Outcome {
  const bytes = Buffer.from(data ?? [])
  const { rejected, reason } = isJson ? partialOfJson(bytes) : partialOfProtobuf(bytes)
  return { isSuccess: true, rejected, reason: reason || 'the collector rejected it and gave no reason' }
}

function partialOfJson(bytes: Buffer): { readonly rejected: number; readonly reason: string } {
  try {
    const { partialSuccess = {} } = JSON.parse(bytes.toString() || '{}')
    const { rejectedDataPoints, rejectedLogRecords, errorMessage } = partialSuccess
    const rejected = Number(rejectedDataPoints ?? rejectedLogRecords ?? 0)
    return { rejected: rejected > 0 ? rejected : 0, reason: String(errorMessage ?? '') }
  } catch {
    return { rejected: 0, reason: '' }
  }
}

/** Field 1 of the response is the partial success, of which field 1 is the number and field 2 the message. */
function partialOfProtobuf(bytes: Buffer): { readonly rejected: number; readonly reason: string } {
  let at = 0
  let rejected = 0
  let reason = ''
  const varint = () => {
    let value = 0
    for (let factor = 1; at < bytes.length; factor *= 128) {
      const byte = bytes[at++] ?? 0
      value += (byte & 0x7f) * factor
      if (byte < 0x80) break
    }
    return value
  }
  if (bytes[at++] !== 0x0a) return { rejected, reason }
  varint()
  while (at < bytes.length) {
    const tag = varint()
    if (tag === 0x08) rejected = varint()
    else if (tag === 0x12) {
      const length = varint()
      reason = bytes.toString('utf8', at, at + length)
      at += length
    } else break
  }
  return { rejected, reason }
}
