import { DashboardStore } from './dashboards/dashboard-store.ts'
import { dashboardsService } from './dashboards/dashboards-service.ts'
import { loadDashboards } from './dashboards/load-dashboards.ts'
import { EmulatorMetrics } from './emulator-metrics.ts'
import { FaultInjector } from './faults/fault-injector.ts'
import { ChangeFeed } from './http/change-feed.ts'
import { buildHttpServer, type HttpServer } from './http/http-server.ts'
import { OTLP_METHOD } from './http/otlp-routes.ts'
import { metricService } from './monitoring/metric-service.ts'
import { MetricStore } from './monitoring/metric-store.ts'
import { RefusalLog } from './refusals/refusal-log.ts'
import { Dispatcher } from './rpc/dispatcher.ts'
import { type GrpcListener, listenGrpc, type TlsMaterial } from './rpc/grpc-server.ts'
import { SpanStore } from './trace/span-store.ts'
import { traceServiceV1 } from './trace/trace-service-v1.ts'
import { traceServiceV2 } from './trace/trace-service-v2.ts'
import { TraceWriter } from './trace/trace-writer.ts'

export interface EmulatorOptions {
  /** `HOST:PORT`; port 0 takes a free one. */
  readonly httpAddress: { host: string; port: number }
  readonly grpcAddress: { host: string; port: number }
  /** Names, beside loopback or private ones, that requests over HTTP may call the server by. */
  readonly allowedHosts?: readonly string[]
  /** Only with `tls`. */
  readonly grpcTlsAddress?: { host: string; port: number }
  readonly tls?: TlsMaterial
  readonly project?: string
  /** Every `*.json` in it is loaded as a dashboard of the project. */
  readonly dashboardsDir?: string
  readonly retentionSeconds?: number
  readonly maxSeries?: number
  readonly maxSpans?: number
  readonly maxPointBytes?: number
  readonly maxSpanBytes?: number
  /** Milliseconds since the epoch; tests give their own. */
  readonly nowMs?: () => number
}

/** Everything that the parts of a running emulator share. */
export interface EmulatorState {
  readonly project: string
  readonly metrics: MetricStore
  readonly spans: SpanStore
  readonly dashboards: DashboardStore
  readonly refusals: RefusalLog
  readonly faults: FaultInjector
  readonly dispatcher: Dispatcher
  readonly traceWriter: TraceWriter
  readonly own: EmulatorMetrics
  readonly changes: ChangeFeed
  readonly retentionSeconds: number
  readonly startedMs: number
  readonly nowMs: () => number
  endpoints: { http: string; grpc: string; grpcTls?: string }
}

/** A running emulator. */
export interface Emulator {
  readonly state: EmulatorState
  readonly http: HttpServer
  /** Files of `dashboardsDir` that could not be loaded, and why. */
  readonly dashboardProblems: readonly string[]
  readonly httpPort: number
  readonly grpcPort: number
  readonly grpcTlsPort: number | undefined
  close(): Promise<void>
}

const SWEEP_MS = 10_000

/** Starts the emulator on its ports. Throws where a port can't be had. */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const state = createState(options)
  const { host } = options.httpAddress
  const dashboardProblems =
    options.dashboardsDir === undefined
      ? []
      : (await loadDashboards(state.dashboards, { directory: options.dashboardsDir, projectId: state.project }))
          .problems
  const closers: (() => Promise<void>)[] = []
  try {
    const grpc = await listen(state, options.grpcAddress, undefined, closers)
    const grpcTls =
      options.tls && options.grpcTlsAddress
        ? await listen(state, options.grpcTlsAddress, options.tls, closers)
        : undefined
    const http = await buildHttpServer(state, { host, allowedHosts: options.allowedHosts ?? [] })
    closers.push(() => http.close())
    const httpPort = await http.listen(options.httpAddress)
    state.endpoints = {
      http: `http://${urlHost(host)}:${httpPort}`,
      grpc: `${urlHost(options.grpcAddress.host)}:${grpc.port}`,
      ...(grpcTls && options.grpcTlsAddress
        ? { grpcTls: `${urlHost(options.grpcTlsAddress.host)}:${grpcTls.port}` }
        : {}),
    }
    const sweep = setInterval(() => {
      state.metrics.sweep(state.nowMs() * 1000)
      state.spans.sweep(state.nowMs() * 1000)
    }, SWEEP_MS).unref()
    closers.push(async () => clearInterval(sweep))
    return {
      state,
      http,
      dashboardProblems,
      httpPort,
      grpcPort: grpc.port,
      grpcTlsPort: grpcTls?.port,
      close: () => closeAll(closers),
    }
  } catch (error) {
    await closeAll(closers)
    throw error
  }
}

function createState(options: EmulatorOptions): EmulatorState {
  const nowMs = options.nowMs ?? Date.now
  const nowMicros = (): number => Math.floor(nowMs() * 1000)
  const project = options.project ?? 'demo-project'
  const retentionSeconds = options.retentionSeconds ?? 6 * 3600
  const retentionMicros = retentionSeconds * 1e6
  const metrics = new MetricStore({
    maxSeries: options.maxSeries ?? 50_000,
    maxPointBytes: options.maxPointBytes ?? 512 * 1024 * 1024,
    retentionMicros,
  })
  const spans = new SpanStore({
    maxSpans: options.maxSpans ?? 100_000,
    maxBytes: options.maxSpanBytes ?? 256 * 1024 * 1024,
    retentionMicros,
  })
  const refusals = new RefusalLog()
  const faults = new FaultInjector(nowMs)
  const changes = new ChangeFeed()
  const dashboards = new DashboardStore((projectId) => changes.dashboards(projectId))
  const own = new EmulatorMetrics({ metrics, spans })
  const traceWriter = new TraceWriter({
    store: spans,
    refusals,
    nowMicros,
    observer: {
      written: (projectId, count) => {
        own.spansAccepted(count)
        changes.spans(projectId, count)
      },
      refused: (reason, count) => own.spansRefused(reason, count),
    },
  })
  const dispatcher = new Dispatcher(
    [
      metricService({
        store: metrics,
        refusals,
        faults,
        nowMicros,
        observer: {
          written: (projectId, count, types) => {
            own.pointsAccepted(count, nowMicros())
            changes.points(projectId, types)
          },
          refused: (projectId, reason, count) => {
            own.pointsRefused(reason, count)
            changes.refusals(projectId, count)
          },
        },
      }),
      dashboardsService(dashboards),
      traceServiceV2(traceWriter),
      traceServiceV1(spans),
    ],
    { faults, observe: (method, status, seconds) => own.call(method, status, seconds) },
  )
  faults.allowMethods([...dispatcher.methods.map((method) => method.name), OTLP_METHOD])
  return {
    project,
    metrics,
    spans,
    dashboards,
    refusals,
    faults,
    dispatcher,
    traceWriter,
    own,
    changes,
    retentionSeconds,
    startedMs: nowMs(),
    nowMs,
    endpoints: { http: '', grpc: '' },
  }
}

async function listen(
  state: EmulatorState,
  address: { host: string; port: number },
  tls: TlsMaterial | undefined,
  closers: (() => Promise<void>)[],
): Promise<GrpcListener> {
  const listener = await listenGrpc(state.dispatcher, {
    address: `${bracketed(address.host)}:${address.port}`,
    ...(tls ? { tls } : {}),
  })
  closers.push(() => listener.close())
  return listener
}

async function closeAll(closers: (() => Promise<void>)[]): Promise<void> {
  await Promise.all(closers.map((close) => close()))
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

function urlHost(host: string): string {
  return host === '0.0.0.0' || host === '::' ? 'localhost' : bracketed(host)
}
