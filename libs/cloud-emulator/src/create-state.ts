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
import { DEFAULTS, type EmulatorOptions } from './emulator-options.ts'
import type { EmulatorState } from './emulator-state.ts'
import { FaultInjector } from './faults/fault-injector.ts'
import { Dispatcher } from './grpc/dispatcher.ts'
import { LogWriter } from './logging/log-writer.ts'
import { loggingService } from './logging/logging-service.ts'
import { LogStore } from './logging/store/log-store.ts'
import { memoryLimits } from './memory-limits.ts'
import { metricService } from './monitoring/metric-service.ts'
import { createTimeSeriesRequestCodec } from './monitoring/model/messages.ts'
import { MetricStore } from './monitoring/store/metric-store.ts'
import { OtlpReceiver } from './otlp/otlp-receiver.ts'
import { otlpServices } from './otlp/otlp-services.ts'
import { PromqlThreads } from './promql/thread/promql-threads.ts'
import { messageFromJson } from './protos/proto-json.ts'
import { DEFAULT_QUOTAS, type Quotas } from './quotas/quotas.ts'
import { RequestQuota } from './quotas/request-quota.ts'
import { RefusalLog } from './refusals/refusal-log.ts'
import { SpanStore } from './trace/span-store.ts'
import { traceServiceV1 } from './trace/trace-service-v1.ts'
import { traceServiceV2 } from './trace/trace-service-v2.ts'
import { TraceWriter } from './trace/trace-writer.ts'

/** Creates and connects the stores and services of an emulator. It does not listen on any port yet. */
export function createState(options: EmulatorOptions): EmulatorState {
  const clock = new Clock(options.nowMs)
  const nowMs = (): number => clock.nowMs()
  const nowMicros = (): number => Math.floor(nowMs() * 1000)
  const { retentionSeconds = DEFAULTS.retentionSeconds, project = DEFAULTS.project, strict = 'auto' } = options
  const quotas = { ...DEFAULT_QUOTAS, ...options.quotas }
  const quota = new RequestQuota(quotas.requestsPerMinute, nowMs)
  const { metrics, spans, logs } = createStores(options, { quotas, retentionSeconds })
  const promql = new PromqlThreads(metrics)
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
    instantVector: (projectId) => (query, atMs) => promql.vector(projectId, query, atMs),
    pageUrl: () => state.endpoints.http,
  })
  const reset = async (): Promise<void> => {
    clock.run()
    faults.delete()
    for (const part of [metrics, spans, logs, refusals, dashboards, alerting, quota]) part.clear()
    await state.clearStored?.()
    await loadFolders({ dashboards, alerting, project: project }, options)
  }
  const ownMetrics = new EmulatorMetrics({ metrics, spans, logs })
  const observers = observersOf(ownMetrics, changes, nowMicros)
  const traceWriter = new TraceWriter({ store: spans, refusals, nowMicros, observer: observers.spans })
  const logWriter = new LogWriter({ store: logs, refusals, nowMicros, observer: observers.logs })
  const otlp = new OtlpReceiver({
    projectId: project,
    ...{ traceWriter, logWriter, metrics, refusals, faults, nowMicros },
    metricObserver: observers.points,
  })
  const metricMethods = metricService({ store: metrics, refusals, faults, nowMicros, observer: observers.points })
  const dispatcher = new Dispatcher(
    [
      metricMethods,
      dashboardsService(dashboards),
      traceServiceV2(traceWriter),
      traceServiceV1(spans, traceWriter),
      loggingService({ store: logs, writer: logWriter, nowMicros }),
      ...otlpServices(otlp, { strict }),
      ...alerting.services,
    ],
    {
      faults,
      observe: (method, status, seconds) => ownMetrics.call(method.callName, status, seconds),
      quota,
    },
  )
  faults.allowMethods(dispatcher.methods.map((method) => method.callName))
  const state: EmulatorState = {
    ...{ project, strict, retentionSeconds },
    ...{ metrics, promql, spans, logs, dashboards, alerting, refusals },
    ...{ faults, dispatcher, traceWriter, ownMetrics, changes },
    ...{ startedMs: nowMs(), nowMs, clock, reset },
    endpoints: { http: '', grpc: '' },
  }
  return state
}

function createStores(
  options: EmulatorOptions,
  { quotas, retentionSeconds }: { readonly quotas: Quotas; readonly retentionSeconds: number },
) {
  const { maxSeries = DEFAULTS.maxSeries, maxSpans = DEFAULTS.maxSpans } = options
  const { maxPointBytes, maxSpanBytes, maxLogBytes, maxQuerySamples } = memoryLimits(options)
  const retentionMicros = retentionSeconds * 1e6
  return {
    metrics: new MetricStore({ maxSeries, maxPointBytes, maxQuerySamples, retentionMicros, quotas }),
    spans: new SpanStore({ maxSpans, maxBytes: maxSpanBytes, retentionMicros }),
    logs: new LogStore({ maxBytes: maxLogBytes, retentionMicros }),
  }
}

/** Update the emulator's own metrics and open pages when something is written or rejected. */
function observersOf(ownMetrics: EmulatorMetrics, changes: ChangeFeed, nowMicros: () => number) {
  return {
    spans: {
      written: (projectId: string, count: number): void => {
        ownMetrics.spansAccepted(count)
        changes.spans(projectId, count)
      },
      refused: (reason: string, count: number): void => ownMetrics.spansRefused(reason, count),
    },
    points: {
      written: (projectId: string, count: number, types: ReadonlySet<string>): void => {
        ownMetrics.pointsAccepted(count, nowMicros())
        changes.points(projectId, types)
      },
      refused: (projectId: string, reason: string, count: number): void => {
        ownMetrics.pointsRefused(reason, count)
        changes.refusals(projectId, count)
      },
    },
    logs: {
      written: (projectId: string, count: number): void => {
        ownMetrics.entriesAccepted(count)
        changes.logs(projectId, count)
      },
      refused: (projectId: string, reason: string, count: number): void => {
        ownMetrics.entriesRefused(reason, count)
        changes.refusals(projectId, count)
      },
    },
  }
}

/** Loads the dashboards and alert policies in folders. Returns which could not be loaded. */
export async function loadFolders(
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

/** Writes metrics of Google's own services, such as those of uptime checks. Rejected points are in the refusal log. */
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
