import type { Alerting } from './alerting/alerting.ts'
import type { ChangeFeed } from './change-feed.ts'
import type { Clock } from './clock.ts'
import type { Endpoints } from './contract/summary.ts'
import type { DashboardStore } from './dashboards/dashboard-store.ts'
import type { EmulatorMetrics } from './emulator-metrics.ts'
import type { FaultInjector } from './faults/fault-injector.ts'
import type { Dispatcher } from './grpc/dispatcher.ts'
import type { LogStore } from './logging/store/log-store.ts'
import type { MetricStore } from './monitoring/store/metric-store.ts'
import type { Strictness } from './otlp/otlp-services.ts'
import type { PromqlThreads } from './promql/thread/promql-threads.ts'
import type { RefusalLog } from './refusals/refusal-log.ts'
import type { SpanStore } from './trace/span-store.ts'
import type { TraceWriter } from './trace/trace-writer.ts'

/** The shared state of a running emulator. */
export interface EmulatorState {
  /** The project of dashboards, of OTLP spans, and of requests without a project. */
  readonly project: string
  /** When requests are validated as strictly as Google does. */
  readonly strict: Strictness
  readonly metrics: MetricStore
  /** Evaluates PromQL over the stored metrics. */
  readonly promql: PromqlThreads
  readonly spans: SpanStore
  readonly logs: LogStore
  readonly dashboards: DashboardStore
  readonly alerting: Alerting
  readonly refusals: RefusalLog
  readonly faults: FaultInjector
  readonly dispatcher: Dispatcher
  readonly traceWriter: TraceWriter
  readonly ownMetrics: EmulatorMetrics
  readonly changes: ChangeFeed
  readonly retentionSeconds: number
  readonly startedMs: number
  readonly nowMs: () => number
  readonly clock: Clock
  /**
   * Resets everything except its options: metrics, spans, log entries, refusals, faults, the clock; dashboards are
   * loaded again.
   */
  readonly reset: () => Promise<void>
  /** Deletes everything that is stored on disk. */
  clearStored?: () => Promise<void>
  endpoints: Endpoints
}
