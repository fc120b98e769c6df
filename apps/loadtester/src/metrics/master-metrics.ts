import type { Registry } from '@node-to-cloud/telemetry'
import type { WorkerState } from '../contract/api.ts'
import type { Quantiles, RunReport, TimelinePoint } from '../contract/run-report.ts'
import type { Master } from '../run/master.ts'
import { type FamilySample, registerFamily, registerValue } from './family-metric.ts'

const WORKER_STATES: readonly WorkerState[] = [
  'idle',
  'preparing',
  'ready',
  'running',
  'stopping',
  'failed',
  'lost',
  'left',
]

/** One report serves all metrics of a scrape. */
const REPORT_AGE_MS = 100

/** Registers the master's metrics: the live run, or the last one, merged over all workers. */
export function registerMasterMetrics(registry: Registry, master: Master): void {
  const report = createReportReader(master)
  const gauge = (name: string, help: string, read: () => number): void =>
    registerValue(registry, 'gauge', name, help, read)
  /** A metric that has samples only if there is or was a run. */
  const perRun = (
    name: string,
    type: 'counter' | 'gauge',
    help: string,
    read: (run: RunReport) => FamilySample[],
  ): void => {
    const collect = (): FamilySample[] => {
      const run = report()
      return run === undefined ? [] : read(run)
    }
    registerFamily({ registry, name, type, help, collect })
  }
  const live = (): RunReport | undefined => (report()?.endedMs === undefined ? report() : undefined)
  const lastPoint = (): TimelinePoint | undefined => live()?.timeline.at(-1)
  const levelOf = (model: RunReport['model']): number => (live()?.model === model ? (live()?.level ?? 0) : 0)

  gauge('loadtester_run_active', 'Whether a run is active (1) or not (0).', () => (live() === undefined ? 0 : 1))
  gauge('loadtester_run_target_rate', 'Target arrival rate per second (open model).', () => levelOf('open'))
  gauge('loadtester_run_target_users', 'Target number of users (closed model).', () => levelOf('closed'))
  gauge(
    'loadtester_run_achieved_rate',
    'Virtual users that started in the last completed second.',
    () => lastPoint()?.arrivals ?? 0,
  )
  gauge(
    'loadtester_run_request_rate',
    'Requests that ended in the last completed second.',
    () => lastPoint()?.requests ?? 0,
  )
  gauge('loadtester_run_users', 'Current virtual users, over all workers.', () =>
    master.fleet.present.reduce((sum, { gauges }) => sum + gauges.users, 0),
  )
  gauge(
    'loadtester_run_generator_bound',
    'Whether the load generator, not the target, may be the bottleneck (1) or not (0).',
    () => (lastPoint()?.generatorBound === true ? 1 : 0),
  )
  perRun('loadtester_run_requests_total', 'counter', 'Requests of the run, over all workers.', ({ requests }) => [
    { labels: {}, value: requests },
  ])
  perRun('loadtester_run_failures_total', 'counter', 'Failed requests of the run.', ({ failures }) => [
    { labels: {}, value: failures },
  ])
  perRun(
    'loadtester_run_unaccounted_requests',
    'gauge',
    'Requests that lost workers may have sent but never reported.',
    ({ unaccounted }) => [{ labels: {}, value: unaccounted }],
  )
  perRun(
    'loadtester_run_latency_seconds',
    'gauge',
    'Quantiles of the response time over the run so far, merged over all workers.',
    ({ latencyMs }) => quantileSamples(latencyMs),
  )
  perRun(
    'loadtester_run_start_lag_seconds',
    'gauge',
    'Quantiles of the delay with which virtual users started.',
    ({ lagMs }) => quantileSamples(lagMs),
  )
  registerFamily({
    registry,
    name: 'loadtester_run_workers',
    type: 'gauge',
    help: 'Workers by state.',
    collect: () => {
      const counts = master.fleet.countByState()
      return WORKER_STATES.map((state) => ({ labels: { state }, value: counts.get(state) ?? 0 }))
    },
  })
}

function quantileSamples({ p50, p95, p99 }: Quantiles): FamilySample[] {
  const quantiles = [
    [0.5, p50],
    [0.95, p95],
    [0.99, p99],
  ] as const
  return quantiles.map(([quantile, ms]) => ({ labels: { quantile }, value: ms / 1000 }))
}

function createReportReader(master: Master): () => RunReport | undefined {
  let report: RunReport | undefined
  let readAtMs = Number.NEGATIVE_INFINITY
  return () => {
    if (master.now() - readAtMs < REPORT_AGE_MS) return report
    readAtMs = master.now()
    report = master.run?.report(readAtMs)
    return report
  }
}
