import type { Fault } from './faults.ts'

/** `GET /api/summary`: one project, and the emulator as a whole. */
export interface Summary {
  readonly project: string
  /** Every project that was written to, has dashboards, or had a write rejected. */
  readonly projects: readonly string[]
  readonly nowMs: number
  readonly startedMs: number
  readonly retentionSeconds: number
  readonly metricTypes: number
  readonly series: number
  readonly points: number
  /** The end of the oldest stored point; null without points. */
  readonly firstPointMs: number | null
  readonly spans: number
  readonly traces: number
  readonly logEntries: number
  readonly dashboards: number
  readonly openIncidents: number
  readonly pointsAccepted: number
  readonly pointsRefused: number
  readonly spansAccepted: number
  readonly spansRefused: number
  readonly entriesAccepted: number
  readonly entriesRefused: number
  readonly pointsPerSecond: number
  readonly evicted: {
    readonly points: number
    readonly series: number
    readonly spans: number
    readonly entries: number
  }
  readonly faults: readonly (Fault & { readonly hits: number })[]
  readonly endpoints: Endpoints
}

/** Where the emulator listens: a URL for HTTP, `HOST:PORT` for gRPC. */
export interface Endpoints {
  readonly http: string
  readonly grpc: string
  readonly grpcTls?: string
  readonly https?: string
  /** OTLP on its default ports. */
  readonly otlpGrpc?: string
  readonly otlpHttp?: string
}

/** The data of a `change` event of `GET /api/events`: what was written since the last event. */
export interface ChangeEvent {
  readonly seq: number
  /** Metric types with new points. */
  readonly metricTypes: readonly string[]
  readonly spans: number
  /** Log entries. */
  readonly logs: number
  readonly refusals: number
  readonly dashboards: number
  /** Changes of policies, incidents, channels and snoozes. */
  readonly alerting: number
}
