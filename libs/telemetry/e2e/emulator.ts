import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ServiceProcess } from '@node-to-cloud/telemetry/testing'

/** The exporters whose spans the emulator accepts. */
export type ExporterName = 'google_cloud_trace' | 'otlp'

/** A trace in the form of Cloud Trace's API v1. */
export interface Trace {
  readonly traceId: string
  readonly spans: readonly {
    readonly name: string
    readonly kind?: string
    readonly labels?: Readonly<Record<string, string>>
  }[]
}

/** A point of a cumulative series in the form of Cloud Monitoring's API v3. */
export interface Point {
  readonly interval: { readonly startTime: string; readonly endTime: string }
  readonly value: {
    readonly doubleValue?: number
    readonly distributionValue?: {
      readonly count: string
      readonly bucketOptions?: { readonly exponentialBuckets?: object }
    }
  }
}

/** An entry in the form of Cloud Logging's API v2. */
export interface Entry {
  readonly severity?: string
  readonly textPayload?: string
  readonly trace?: string
}

/** A cloud-emulator in a process of its own. */
export class Emulator {
  /** The environment variables with which a service sends its spans here, by exporter. */
  readonly environments: Readonly<Record<ExporterName, Readonly<Record<string, string>>>>
  /** The address of Cloud Monitoring, over plaintext gRPC. */
  readonly grpcAddress: string
  readonly #process: ServiceProcess
  readonly #httpUrl: string

  private constructor(process: ServiceProcess, folder: string, httpUrl: string, tlsEndpoint: string) {
    this.#process = process
    this.#httpUrl = httpUrl
    this.grpcAddress = /gRPC at (127\.0\.0\.1:\d+)/.exec(process.stdout)?.[1] ?? ''
    this.environments = {
      google_cloud_trace: {
        OTEL_TRACES_EXPORTER: 'google_cloud_trace',
        CLOUD_TRACE_ENDPOINT: tlsEndpoint,
        GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: join(folder, 'ca.crt'),
        GOOGLE_APPLICATION_CREDENTIALS: join(folder, 'credentials.json'),
        GOOGLE_CLOUD_PROJECT: 'demo-project',
      },
      otlp: {
        OTEL_TRACES_EXPORTER: 'otlp',
        OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl,
        GOOGLE_CLOUD_PROJECT: 'demo-project',
      },
    }
  }

  /** Starts one, and waits until it prints its addresses. */
  static async start(): Promise<Emulator> {
    const folder = mkdtempSync(join(tmpdir(), 'telemetry-emulator-'))
    const listen = ['http', 'https', 'grpc', 'grpc-tls', 'otlp-grpc', 'otlp-http'].flatMap((part) => [
      `--${part}.listen-address`,
      '127.0.0.1:0',
    ])
    const process = new ServiceProcess({
      module: fileURLToPath(new URL('../../cloud-emulator/src/main.ts', import.meta.url)),
      args: [...listen, '--tls-dir', folder],
      env: { GOOGLE_CLOUD_PROJECT: 'demo-project' },
    })
    const [httpUrl, tlsEndpoint] = await process.until('the emulator prints its addresses', () => {
      const http = /Cloud emulator: (http:\/\/127\.0\.0\.1:\d+)/.exec(process.stdout)?.[1]
      const tls = /gRPC over TLS at (127\.0\.0\.1:\d+)/.exec(process.stdout)?.[1]
      return http !== undefined && tls !== undefined && ([http, tls] as const)
    })
    return new Emulator(process, folder, httpUrl, tlsEndpoint)
  }

  /** The trace with this id; undefined if there is none. */
  async readTrace(traceId: string): Promise<Trace | undefined> {
    const response = await fetch(`${this.#httpUrl}/v1/projects/demo-project/traces/${traceId}`)
    return response.ok ? ((await response.json()) as Trace) : undefined
  }

  /** The number of traces whose spans have this label. */
  async countTraces(label: string, value: string): Promise<number> {
    const filter = encodeURIComponent(`+${label}:${value}`)
    const response = await fetch(`${this.#httpUrl}/v1/projects/demo-project/traces?pageSize=1000&filter=${filter}`)
    if (!response.ok) throw new Error(await response.text())
    const { traces = [] } = (await response.json()) as { readonly traces?: readonly Trace[] }
    return traces.length
  }

  /**
   * The points of a metric, the earliest first: those that the sidecar has written, or those with another prefix and of
   * one job.
   */
  async readPoints(
    name: string,
    options: { readonly prefix?: string; readonly job?: string } = {},
  ): Promise<readonly Point[]> {
    const { prefix = 'external.googleapis.com/prometheus', job } = options
    const query = new URLSearchParams({
      filter: `metric.type="${prefix}/${name}"${job === undefined ? '' : ` resource.labels.job="${job}"`}`,
      'interval.startTime': new Date(Date.now() - 3_600_000).toISOString(),
      'interval.endTime': new Date(Date.now() + 60_000).toISOString(),
    })
    const response = await fetch(`${this.#httpUrl}/v3/projects/demo-project/timeSeries?${query}`)
    if (!response.ok) return []
    const { timeSeries = [] } = (await response.json()) as {
      readonly timeSeries?: readonly { readonly points: readonly Point[] }[]
    }
    return timeSeries
      .flatMap(({ points }) => points)
      .sort((one, other) => Date.parse(one.interval.endTime) - Date.parse(other.interval.endTime))
  }

  /** The entries of Cloud Logging that match a filter. */
  async readEntries(filter: string): Promise<readonly Entry[]> {
    const response = await fetch(`${this.#httpUrl}/v2/entries:list`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceNames: ['projects/demo-project'], filter }),
    })
    if (!response.ok) throw new Error(await response.text())
    const { entries = [] } = (await response.json()) as { readonly entries?: readonly Entry[] }
    return entries
  }

  /** Injects a fault, such as `{ code: 'PERMISSION_DENIED' }`, until the returned function is called. */
  async inject(fault: object): Promise<() => Promise<void>> {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${this.#httpUrl}/faults`, { method: 'POST', headers, body: JSON.stringify(fault) })
    if (!response.ok) throw new Error(await response.text())
    return async () => void (await fetch(`${this.#httpUrl}/faults`, { method: 'DELETE', headers }))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]()
  }
}
