import type { HostPort } from '@node-to-cloud/command-line'
import type { TlsMaterial } from './grpc/grpc-server.ts'
import type { Strictness } from './otlp/otlp-services.ts'
import type { Quotas } from './quotas/quotas.ts'

/** What to start. A port of 0 takes any free one. */
export interface EmulatorOptions {
  /** Any free port of 127.0.0.1 if left out, as of `grpcAddress`. */
  readonly httpAddress?: HostPort
  readonly grpcAddress?: HostPort
  /** Host names, besides loopback and private ones, that HTTP requests may use. */
  readonly allowedHosts?: readonly string[]
  /** Needs `tls`. */
  readonly grpcTlsAddress?: HostPort
  /** REST and all else of `httpAddress` over TLS. Needs `tls`. */
  readonly httpsAddress?: HostPort
  readonly tls?: TlsMaterial
  /** The ports that OTLP's clients know, beside the others. If one is taken, the rest starts. */
  readonly otlpGrpcAddress?: HostPort
  readonly otlpHttpAddress?: HostPort
  /** When OTLP is refused for what its resources lack, as Google does; `auto` if left out. */
  readonly strict?: Strictness
  /** `demo-project` if left out. */
  readonly project?: string
  /** Every `*.json` file in it is loaded as a dashboard of the project. */
  readonly dashboardsDir?: string
  /** Every `*.json` file in it is loaded as an alert policy of the project. */
  readonly policiesDir?: string
  /** Hosts besides this machine that webhooks of notification channels may be sent to. */
  readonly notifyAllow?: readonly string[]
  /** Hosts besides this machine that uptime checks may be made of. */
  readonly uptimeAllow?: readonly string[]
  /** The waits before the second attempt of a webhook, the third and so on. */
  readonly webhookWaitsMs?: readonly number[]
  /** Keeps metrics, spans and all resources over restarts. */
  readonly dataDir?: string
  /** Is told what goes wrong with `dataDir`. */
  readonly warn?: (message: string) => void
  readonly retentionSeconds?: number
  readonly maxSeries?: number
  readonly maxSpans?: number
  /** The memory of the whole process, divided between points, spans, log entries and queries; the limits below win. */
  readonly memoryBytes?: number | undefined
  readonly maxPointBytes?: number | undefined
  readonly maxSpanBytes?: number | undefined
  readonly maxLogBytes?: number | undefined
  /** The points that the queries of one request may keep in memory. */
  readonly maxQuerySamples?: number | undefined
  /** What a project may write and request; Google's for what is left out. */
  readonly quotas?: Partial<Quotas>
  /** The clock, in epoch milliseconds; `Date.now` if left out. */
  readonly nowMs?: () => number
}

/** What holds where an option is left out. */
export const DEFAULTS = {
  project: 'demo-project',
  retentionSeconds: 6 * 3600,
  maxSeries: 50_000,
  maxSpans: 100_000,
}
