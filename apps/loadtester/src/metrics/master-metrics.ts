import { Gauge, type Registry } from '@node-to-cloud/telemetry'
import type { RunReport } from '../contract/api-types.ts'
import type { Master } from '../run/master.ts'
import { type FamilySample, registerFamily } from './family-metric.ts'

const workerStates = ['idle', 'preparing', 'ready', 'running', 'stopping', 'failed', 'lost', 'left'] as const

/** Registers the master's metrics: the run that is on, or was last, merged over all workers. */
export function registerMasterMetrics(registry: Registry, master: Master): void {
  const gauge = (name: string, help: string, read: (report: RunReport | undefined) => number): void => {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read(current(master)))
      },
    })
  }
  const perRun = (
    name: string,
    type: 'counter' | 'gauge',
    help: string,
    read: (report: RunReport) => FamilySample[],
  ): void => {
    registerFamily({
      registry,
      name,
      type,
      help,
      collect: () => {
        const report = current(master)
        return report === undefined ? [] : read(report)
      },
    })
  }
  gauge('loadtester_run_active', '1 while a run is on.', (report) =>
    report === undefined || report.endedMs !== undefined ? 0 : 1,
  )
  gauge('loadtester_run_target_rate', 'Arrivals a second that are asked for (open model).', (report) =>
    report?.model === 'open' && report.endedMs === undefined ? report.level : 0,
  )
  gauge('loadtester_run_target_users', 'Users that are asked for (closed model).', (report) =>
    report?.model === 'closed' && report.endedMs === undefined ? report.level : 0,
  )
  gauge(
    'loadtester_run_achieved_rate',
    'Virtual users that began in the last settled second.',
    (report) => lastPoint(report)?.arrivals ?? 0,
  )
  gauge(
    'loadtester_run_request_rate',
    'Requests that ended in the last settled second.',
    (report) => lastPoint(report)?.requests ?? 0,
  )
  gauge('loadtester_run_users', 'Virtual users that run now, over all workers.', () =>
    master.fleet.present.reduce((sum, { gauges }) => sum + gauges.users, 0),
  )
  gauge('loadtester_run_generator_bound', '1 while the generator, not the target, may be the bottleneck.', (report) =>
    lastPoint(report)?.generatorBound === true ? 1 : 0,
  )
  perRun('loadtester_run_requests_total', 'counter', 'Requests of the run, over all workers.', (report) => [
    { labels: {}, value: report.requests },
  ])
  perRun('loadtester_run_failures_total', 'counter', 'Failed requests of the run.', (report) => [
    { labels: {}, value: report.failures },
  ])
  perRun(
    'loadtester_run_unaccounted_requests',
    'gauge',
    'Requests that lost workers may have sent and never reported.',
    (report) => [{ labels: {}, value: report.unaccounted }],
  )
  perRun(
    'loadtester_run_latency_seconds',
    'gauge',
    'Quantiles of service time over the run so far, merged over all workers.',
    (report) => quantileSamples(report.latencyMs),
  )
  perRun('loadtester_run_start_lag_seconds', 'gauge', 'Quantiles of how late virtual users began.', (report) =>
    quantileSamples(report.lagMs),
  )
  registerFamily({
    registry,
    name: 'loadtester_run_workers',
    type: 'gauge',
    help: 'Workers by state.',
    collect: () => {
      const counts = master.fleet.countByState()
      return workerStates.map((state) => ({ labels: { state }, value: counts.get(state) ?? 0 }))
    },
  })
}

function quantileSamples(quantiles: {
  readonly p50: number
  readonly p95: number
  readonly p99: number
}): FamilySample[] {
  return [
    { labels: { quantile: 0.5 }, value: quantiles.p50 / 1000 },
    { labels: { quantile: 0.95 }, value: quantiles.p95 / 1000 },
    { labels: { quantile: 0.99 }, value: quantiles.p99 / 1000 },
  ]
}

const reports = new WeakMap<Master, { readonly atMs: number; readonly report: RunReport | undefined }>()

/** One report for all the gauges of a scrape. */
function current(master: Master): RunReport | undefined {
  const known = reports.get(master)
  if (known !== undefined && master.now() - known.atMs < 100) return known.report
  const report = master.run?.report(master.now())
  reports.set(master, { atMs: master.now(), report })
  return report
}

function lastPoint(report: RunReport | undefined): RunReport['timeline'][number] | undefined {
  return report?.endedMs === undefined ? report?.timeline.at(-1) : undefined
}
