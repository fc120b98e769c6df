import { formatHostPort, type HostPort, messageOf } from '@node-to-cloud/command-line'
import { Alerting } from './alerting/alerting.ts'
import { loadPolicies } from './alerting/policies/load-policies.ts'
import { RpcError } from './api/rpc-error.ts'
import type { Service } from './api/service.ts'
import { ChangeFeed } from './change-feed.ts'
import { Clock } from './clock.ts'
import { DashboardStore } from './dashboards/dashboard-store.ts'
import { dashboardsService } from './dashboards/dashboards-service.ts'
import { loadDashboards } from './dashboards/load-dashboards.ts'
import { EmulatorMetrics } from './emulator-metrics.ts'
import type { EmulatorState } from './emulator-state.ts'
import { endpointsOf } from './endpoints.ts'
import { FaultInjector } from './faults/fault-injector.ts'
import { Dispatcher } from './grpc/dispatcher.ts'
import { type GrpcListener, ListenError, listenGrpc, type TlsMaterial } from './grpc/grpc-server.ts'
import { LogWriter } from './logging/log-writer.ts'
import { loggingService } from './logging/logging-service.ts'
import { LogStore } from './logging/store/log-store.ts'
import { memoryLimits } from './memory-limits.ts'
import { metricService } from './monitoring/metric-service.ts'
import { createTimeSeriesRequestCodec } from './monitoring/model/messages.ts'
import { MetricStore } from './monitoring/store/metric-store.ts'
import { OtlpReceiver } from './otlp/otlp-receiver.ts'
import { otlpServices, type Strictness } from './otlp/otlp-services.ts'
import { keepCalls } from './persistence/keep-calls.ts'
import { instantVector } from './promql/instant-vector.ts'
import { messageFromJson } from './protos/proto-json.ts'
import { DEFAULT_QUOTAS, type Quotas } from './quotas/quotas.ts'
import { RequestQuota } from './quotas/request-quota.ts'
import { RefusalLog } from './refusals/refusal-log.ts'
import { SpanStore } from './trace/span-store.ts'
import { traceServiceV1 } from './trace/trace-service-v1.ts'
import { traceServiceV2 } from './trace/trace-service-v2.ts'
import { TraceWriter } from './trace/trace-writer.ts'
import { buildHttpServer, type HttpServer } from './web/http-server.ts'

/** What to start. A port of 0 takes any free one. */
export interface EmulatorOptions {
  readonly httpAddress: HostPort
  readonly grpcAddress: HostPort
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

/** A running emulator. */
export interface Emulator {
  readonly state: EmulatorState
  readonly http: HttpServer
  /** The files of `dashboardsDir` that could not be loaded, and why. */
  readonly dashboardProblems: readonly string[]
  /** The same of `policiesDir`. */
  readonly policyProblems: readonly string[]
  readonly httpPort: number
  readonly grpcPort: number
  readonly grpcTlsPort: number | undefined
  readonly httpsPort: number | undefined
  /** Undefined if the port was taken, too. */
  readonly otlpGrpcPort: number | undefined
  readonly otlpHttpPort: number | undefined
  /** The ports of OTLP that were taken, and what to do. */
  readonly takenPorts: readonly string[]
  close(): Promise<void>
}

type Closer = () => Promise<void>

const SWEEP_INTERVAL_MS = 10_000
const JOURNAL_SWEEP_MS = 60_000
const EVALUATION_CHECK_MS = 1000
const DEFAULTS = {
  project: 'demo-project',
  retentionSeconds: 6 * 3600,
  maxSeries: 50_000,
  maxSpans: 100_000,
}

/** Starts the emulator on its ports. Rejects if a port can't be had or `dashboardsDir` can't be read. */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const state = createState(options)
  const { httpAddress, grpcAddress, grpcTlsAddress, httpsAddress, tls } = options
  const { dashboardProblems, policyProblems } = await loadFolders(state, options)
  const closers: Closer[] = []
  try {
    await keepInDirectory(state, options, closers)
    const grpc = await listen(state, grpcAddress, undefined, closers)
    const grpcTls = tls && grpcTlsAddress ? await listen(state, grpcTlsAddress, tls, closers) : undefined
    const http = await buildHttpServer(state, { host: httpAddress.host, allowedHosts: options.allowedHosts ?? [] })
    closers.push(() => http.close())
    const httpPort = await http.listen(httpAddress)
    const httpsPort = tls && httpsAddress ? await http.listenBeside(httpsAddress, tls) : undefined
    const otlp = await listenOtlp(state, { options, http, closers })
    state.endpoints = endpointsOf(options, {
      http: httpPort,
      grpc: grpc.port,
      grpcTls: grpcTls?.port,
      https: httpsPort,
      otlpGrpc: otlp.grpcPort,
      otlpHttp: otlp.httpPort,
    })
    closers.push(sweepRegularly(state), evaluateRegularly(state))
    return {
      state,
      http,
      dashboardProblems,
      policyProblems,
      httpPort,
      grpcPort: grpc.port,
      grpcTlsPort: grpcTls?.port,
      httpsPort,
      otlpGrpcPort: otlp.grpcPort,
      otlpHttpPort: otlp.httpPort,
      takenPorts: otlp.takenPorts,
      close: () => closeAll(closers),
    }
  } catch (error) {
    await closeAll(closers)
    throw error
  }
}

function createState(options: EmulatorOptions): EmulatorState {
  const clock = new Clock(options.nowMs)
  const nowMs = (): number => clock.nowMs()
  const nowMicros = (): number => Math.floor(nowMs() * 1000)
  const { retentionSeconds = DEFAULTS.retentionSeconds } = options
  const retentionMicros = retentionSeconds * 1e6
  const quotas = { ...DEFAULT_QUOTAS, ...options.quotas }
  const { maxPointBytes, maxSpanBytes, maxLogBytes, maxQuerySamples } = memoryLimits(options)
  const metrics = new MetricStore({
    maxSeries: options.maxSeries ?? DEFAULTS.maxSeries,
    maxPointBytes,
    maxQuerySamples,
    retentionMicros,
    quotas,
  })
  const spans = new SpanStore({
    maxSpans: options.maxSpans ?? DEFAULTS.maxSpans,
    maxBytes: maxSpanBytes,
    retentionMicros,
  })
  const logs = new LogStore({ maxBytes: maxLogBytes, retentionMicros })
  const refusals = new RefusalLog()
  const faults = new FaultInjector(nowMs)
  const changes = new ChangeFeed()
  const dashboards = new DashboardStore((projectId) => changes.dashboards(projectId))
  const alerting = new Alerting({
    metrics,
    nowMicros,
    changed: (projectId) => changes.alerting(projectId),
    notifyAllow: options.notifyAllow ?? [],
    uptimeAllow: options.uptimeAllow ?? [],
    write: (projectId, timeSeries) => writeOwnSeries(metricMethods, projectId, timeSeries),
    webhookWaitsMs: options.webhookWaitsMs,
    instantVector: (projectId) => instantVector(metrics, projectId),
    pageUrl: () => state.endpoints.http,
  })
  const reset = async (): Promise<void> => {
    clock.run()
    faults.delete()
    for (const part of [metrics, spans, logs, refusals, dashboards, alerting]) part.clear()
    await state.forgetKept?.()
    await loadFolders({ dashboards, alerting, project: options.project ?? DEFAULTS.project }, options)
  }
  const ownMetrics = new EmulatorMetrics({ metrics, spans, logs })
  const traceWriter = new TraceWriter({
    store: spans,
    refusals,
    nowMicros,
    observer: {
      written: (projectId, count) => {
        ownMetrics.spansAccepted(count)
        changes.spans(projectId, count)
      },
      refused: (reason, count) => ownMetrics.spansRefused(reason, count),
    },
  })
  const pointObserver = {
    written: (projectId: string, count: number, types: ReadonlySet<string>): void => {
      ownMetrics.pointsAccepted(count, nowMicros())
      changes.points(projectId, types)
    },
    refused: (projectId: string, reason: string, count: number): void => {
      ownMetrics.pointsRefused(reason, count)
      changes.refusals(projectId, count)
    },
  }
  const logWriter = new LogWriter({
    store: logs,
    refusals,
    nowMicros,
    observer: {
      written: (projectId, count) => {
        ownMetrics.entriesAccepted(count)
        changes.logs(projectId, count)
      },
      refused: (projectId, reason, count) => {
        ownMetrics.entriesRefused(reason, count)
        changes.refusals(projectId, count)
      },
    },
  })
  const otlp = new OtlpReceiver({
    projectId: options.project ?? DEFAULTS.project,
    traceWriter,
    logWriter,
    metrics,
    metricObserver: pointObserver,
    refusals,
    faults,
    nowMicros,
  })
  const metricMethods = metricService({ store: metrics, refusals, faults, nowMicros, observer: pointObserver })
  const dispatcher = new Dispatcher(
    [
      metricMethods,
      dashboardsService(dashboards),
      traceServiceV2(traceWriter),
      traceServiceV1(spans, traceWriter),
      loggingService({ store: logs, writer: logWriter, nowMicros }),
      ...otlpServices(otlp, { strict: options.strict ?? 'auto' }),
      ...alerting.services,
    ],
    {
      faults,
      observe: (method, status, seconds) => ownMetrics.call(method.callName, status, seconds),
      quota: new RequestQuota(quotas.requestsPerMinute, nowMs),
    },
  )
  faults.allowMethods(dispatcher.methods.map((method) => method.callName))
  const state: EmulatorState = {
    project: options.project ?? DEFAULTS.project,
    strict: options.strict ?? 'auto',
    metrics,
    spans,
    logs,
    dashboards,
    alerting,
    refusals,
    faults,
    dispatcher,
    traceWriter,
    ownMetrics,
    changes,
    retentionSeconds,
    startedMs: nowMs(),
    nowMs,
    clock,
    reset,
    endpoints: { http: '', grpc: '' },
  }
  return state
}

async function listen(
  state: EmulatorState,
  address: HostPort,
  tls: TlsMaterial | undefined,
  closers: Closer[],
): Promise<GrpcListener> {
  const listener = await listenGrpc(state.dispatcher, { address: formatHostPort(address), ...(tls ? { tls } : {}) })
  closers.push(() => listener.close())
  return listener
}

/** Another program, such as a Collector, may have these ports, and the emulator is as useful without them. */
async function listenOtlp(
  state: EmulatorState,
  { options, http, closers }: { options: EmulatorOptions; http: HttpServer; closers: Closer[] },
): Promise<{ grpcPort: number | undefined; httpPort: number | undefined; takenPorts: string[] }> {
  const takenPorts: string[] = []
  const unlessTaken = async (what: string, port: Promise<number> | undefined): Promise<number | undefined> => {
    try {
      return await port
    } catch (error) {
      if (!(error instanceof ListenError)) throw error
      takenPorts.push(`${what}: ${error.message}`)
      return undefined
    }
  }
  const { otlpGrpcAddress, otlpHttpAddress } = options
  const grpcPort = await unlessTaken(
    'No OTLP over gRPC',
    otlpGrpcAddress && listen(state, otlpGrpcAddress, undefined, closers).then(({ port }) => port),
  )
  const httpPort = await unlessTaken('No OTLP over HTTP', otlpHttpAddress && http.listenBeside(otlpHttpAddress))
  return { grpcPort, httpPort, takenPorts }
}

/** Brings back what `dataDir` has, and keeps what comes. */
async function keepInDirectory(state: EmulatorState, options: EmulatorOptions, closers: Closer[]): Promise<void> {
  const { dataDir, warn = () => {} } = options
  if (dataDir === undefined) return
  const { dispatcher, clock, ownMetrics } = state
  const journal = await keepCalls({
    directory: dataDir,
    dispatcher,
    clock,
    retentionMs: state.retentionSeconds * 1000,
    warn,
    failed: (error, calls) => {
      ownMetrics.callsNotKept(calls)
      warn(`${calls} calls could not be kept in ${dataDir}, and will be missing after a restart: ${messageOf(error)}`)
    },
  })
  const timer = setInterval(() => void journal.sweep(state.nowMs()).catch(() => {}), JOURNAL_SWEEP_MS).unref()
  state.forgetKept = () => journal.clear()
  closers.push(async () => {
    clearInterval(timer)
    await journal.close()
  })
}

function sweepRegularly({ metrics, spans, logs, nowMs }: EmulatorState): Closer {
  const timer = setInterval(() => {
    metrics.sweep(nowMs() * 1000)
    spans.sweep(nowMs() * 1000)
    logs.sweep(nowMs() * 1000)
  }, SWEEP_INTERVAL_MS).unref()
  return async () => clearInterval(timer)
}

function evaluateRegularly({ alerting }: EmulatorState): Closer {
  const timer = setInterval(() => void alerting.catchUp(), EVALUATION_CHECK_MS).unref()
  return async () => {
    clearInterval(timer)
    alerting.close()
  }
}

/** Loads the dashboards and alert policies of folders. Returns what could not be loaded. */
async function loadFolders(
  { dashboards, alerting, project: projectId }: Pick<EmulatorState, 'dashboards' | 'alerting' | 'project'>,
  { dashboardsDir, policiesDir }: EmulatorOptions,
): Promise<{ dashboardProblems: string[]; policyProblems: string[] }> {
  return {
    dashboardProblems:
      dashboardsDir === undefined ? [] : await loadDashboards(dashboards, { directory: dashboardsDir, projectId }),
    policyProblems:
      policiesDir === undefined ? [] : await loadPolicies(alerting.policies, { directory: policiesDir, projectId }),
  }
}

/** Writes metrics that Google's services write, such as those of uptime checks. What is refused is in the log of refusals. */
function writeOwnSeries(metricMethods: Service, projectId: string, timeSeries: readonly object[]): void {
  const method = 'CreateServiceTimeSeries'
  const request = { name: `projects/${projectId}`, timeSeries }
  const message = messageFromJson(createTimeSeriesRequestCodec, request, '')
  try {
    metricMethods.handlers[method]?.(message, { method, secure: false })
  } catch (error) {
    if (!(error instanceof RpcError)) throw error
  }
}

async function closeAll(closers: readonly Closer[]): Promise<void> {
  await Promise.all(closers.map((close) => close()))
}
