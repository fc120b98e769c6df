import type { HostPort } from '@node-to-cloud/command-line'
import type { TlsMaterial } from './grpc/grpc-server.ts'
import type { Strictness } from './otlp/otlp-services.ts'
import type { Quotas } from './quotas/quotas.ts'

/** Options of the emulator. Port 0 chooses any free port. */
export interface EmulatorOptions {
  /** Default: any free port of 127.0.0.1; the same for `grpcAddress`. */
  readonly httpAddress?: HostPort
  readonly grpcAddress?: HostPort
  /** Host names, besides loopback and private ones, that HTTP requests may use. */
  readonly allowedHosts?: readonly string[]
  /** Needs `tls`. */
  readonly grpcTlsAddress?: HostPort
  /** REST and everything else that `httpAddress` serves, over TLS. Needs `tls`. */
  readonly httpsAddress?: HostPort
  readonly tls?: TlsMaterial
  /** OTLP's default ports, in addition to the others. If one is in use, the emulator starts without it. */
  readonly otlpGrpcAddress?: HostPort
  readonly otlpHttpAddress?: HostPort
  /** When OTLP is rejected because of missing resource attributes, as Google does; default: `auto`. */
  readonly strict?: Strictness
  /** Default: `demo-project`. */
  readonly project?: string
  /** Every `*.json` file in it is loaded as a dashboard of the project. */
  readonly dashboardsDir?: string
  /** Every `*.json` file in it is loaded as an alert policy of the project. */
  readonly policiesDir?: string
  /** Hosts besides this machine that webhooks of notification channels may be sent to. */
  readonly notifyAllow?: readonly string[]
  /** Hosts besides this machine that uptime checks may be made of. */
  readonly uptimeAllow?: readonly string[]
  /** The delays before the second attempt of a webhook, the third and so on. */
  readonly webhookWaitsMs?: readonly number[]
  /** Keeps metrics, spans and all resources across restarts. */
  readonly dataDir?: string
  /** Called with problems of `dataDir`. */
  readonly warn?: (message: string) => void
  readonly retentionSeconds?: number
  readonly maxSeries?: number
  readonly maxSpans?: number
  /**
   * The memory of the whole process, divided between points, spans, log entries and queries; the limits below take
   * precedence.
   */
  readonly memoryBytes?: number | undefined
  readonly maxPointBytes?: number | undefined
  readonly maxSpanBytes?: number | undefined
  readonly maxLogBytes?: number | undefined
  /** How many points the queries of one request may keep in memory. */
  readonly maxQuerySamples?: number | undefined
  /** The quotas of a project; default: Google's. */
  readonly quotas?: Partial<Quotas>
  /** The clock, in epoch milliseconds; default: `Date.now`. */
  readonly nowMs?: () => number
}

/** The defaults of options. */
export const DEFAULTS = {
  project: 'demo-project',
  retentionSeconds: 6 * 3600,
  maxSeries: 50_000,
  maxSpans: 100_000,
}
