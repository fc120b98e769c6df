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
  const live = (): RunReport | undefined => (report()?.endedMs === undefined ? report() : undefined)
  const lastPoint = (): TimelinePoint | undefined => live()?.timeline.at(-1)
  const levelOf = (model: RunReport['model']): number => (live()?.model === model ? (live()?.level ?? 0) : 0)
  const gauge = (name: string, help: string, read: () => number): void =>
    registerValue(registry, 'gauge', `loadtester_run_${name}`, help, read)
  gauge('active', 'Whether a run is active (1) or not (0).', () => (live() === undefined ? 0 : 1))
  gauge('target_rate', 'Target arrival rate per second (open model).', () => levelOf('open'))
  gauge('target_users', 'Target number of users (closed model).', () => levelOf('closed'))
  gauge('achieved_rate', 'Virtual users that started in the last second.', () => lastPoint()?.arrivals ?? 0)
  gauge('request_rate', 'Requests that ended in the last second.', () => lastPoint()?.requests ?? 0)
  gauge('users', 'Current virtual users, over all workers.', () =>
    master.fleet.present.reduce((sum, { gauges }) => sum + gauges.users, 0),
  )
  gauge('generator_bound', 'Whether the load generator may be the bottleneck (1) or not (0).', () =>
    lastPoint()?.generatorBound === true ? 1 : 0,
  )
  const family = (
    name: string,
    type: 'counter' | 'gauge' | 'summary',
    help: string,
    collect: () => FamilySample[],
  ): void => registerFamily({ registry, name: `loadtester_run_${name}`, type, help, collect })
  /** A metric that has samples only if there is or was a run. */
  const perRun = (name: string, type: 'counter' | 'gauge', help: string, read: (run: RunReport) => number): void =>
    family(name, type, help, () => {
      const run = report()
      return run === undefined ? [] : [{ labels: {}, value: read(run) }]
    })
  const summary = (name: string, help: string, read: (run: RunReport) => Quantiles): void =>
    family(name, 'summary', help, () => {
      const run = report()
      return run === undefined ? [] : summarySamples(`loadtester_run_${name}`, read(run))
    })
  perRun('requests_total', 'counter', 'Requests of the run, over all workers.', ({ requests }) => requests)
  perRun('failures_total', 'counter', 'Failed requests of the run.', ({ failures }) => failures)
  perRun(
    'unaccounted_arrivals',
    'gauge',
    'Arrivals that lost workers may have started but never reported.',
    ({ unaccounted }) => unaccounted,
  )
  perRun('requests_in_flight', 'gauge', 'Requests of the run that have not ended.', ({ inFlight }) => inFlight)
  perRun('failed_users_total', 'counter', 'Virtual users that ended with an error.', ({ users }) => users.failed)
  perRun(
    'exceptions_total',
    'counter',
    'Virtual users that failed because of an engine, a processor or a hook, not because of a request.',
    ({ users }) => users.failed - users.failedByRequest,
  )
  perRun('skipped_arrivals_total', 'counter', 'Arrivals that were due but not started.', ({ skipped }) => skipped)
  summary('latency_seconds', 'Response time of the run so far, over all workers.', ({ latencyMs }) => latencyMs)
  summary('start_lag_seconds', 'Time between when virtual users were due and when they started.', ({ lagMs }) => lagMs)
  family('workers', 'gauge', 'Workers by state.', () => {
    const counts = master.fleet.countByState()
    return WORKER_STATES.map((state) => ({ labels: { state }, value: counts.get(state) ?? 0 }))
  })
}

/** The samples of a summary in seconds. */
function summarySamples(name: string, { p50, p95, p99, mean, count }: Quantiles): FamilySample[] {
  const quantiles = [
    [0.5, p50],
    [0.95, p95],
    [0.99, p99],
  ] as const
  return [
    ...quantiles.map(([quantile, valueMs]) => ({ labels: { quantile }, value: valueMs / 1000 })),
    { metricName: `${name}_sum`, labels: {}, value: (mean * count) / 1000 },
    { metricName: `${name}_count`, labels: {}, value: count },
  ]
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
