import cluster from 'node:cluster'
import { Counter, Gauge, type Registry } from '../metrics/client.ts'
import type { MetricFamily } from '../metrics/family.ts'
import { collectFamilies } from '../metrics/registry-collector.ts'
import type { ServiceIdentity } from '../process/package-identity.ts'
import type { Shutdown } from '../process/shutdown.ts'
import type { TelemetryEnvironment } from '../process/telemetry-environment.ts'
import { startTelemetry, type Telemetry } from '../telemetry.ts'
import type { BackoffOptions } from './backoff.ts'
import { MetricsLedger } from './ledger.ts'
import { ScrapeRound } from './scrape-round.ts'
import { chooseWorkerCount, readGrantedResources } from './sizing/worker-count.ts'
import { workerHeapOptions } from './sizing/worker-heap.ts'
import { Supervisor } from './supervisor.ts'

/** Options of {@link runPrimary}. */
export interface PrimaryOptions {
  readonly service: ServiceIdentity
  readonly environment: TelemetryEnvironment
  readonly shutdown: Shutdown
  /** The number of workers; default: as many as the control group's CPUs and memory allow. */
  readonly workers?: number | undefined
  /** The module that workers run; default: the primary's own. */
  readonly exec?: string
  /** Node's options for workers, such as `--import` of the preload module; default: the primary's own. */
  readonly execArgv?: readonly string[]
  /** SIGHUP restarts the workers one by one. Default false: it ends the service, as when a terminal is closed. */
  readonly reloadOnSighup?: boolean
  readonly backoff?: BackoffOptions
  /** A new worker that is not ready after this time is killed and counts as failed to start; default 60 s. */
  readonly readyTimeoutMs?: number
}

const SCRAPE_TIMEOUT_MS = 1_000
/** The share of the shutdown timeout that is reserved for the steps after the workers have drained. */
const STOP_RESERVE = 0.1

/**
 * Runs the primary of a cluster: it starts and replaces workers, and serves the merged metrics and the health of all
 * processes; requests go to the workers. The service is ready while at least one worker is. SIGTERM and SIGINT drain
 * all workers.
 */
export async function runPrimary(options: PrimaryOptions): Promise<Telemetry> {
  const { environment, shutdown } = options
  const ledger = new MetricsLedger()
  const round = new ScrapeRound(SCRAPE_TIMEOUT_MS)
  let supervisor: Supervisor | undefined

  const collect = async (registry: Registry): Promise<MetricFamily[]> => {
    if (supervisor !== undefined) {
      const { reachable } = supervisor
      await round.ask(reachable, (worker, scrape) => supervisor?.collect(worker, scrape))
    }
    return ledger.merge(await collectFamilies(registry))
  }

  const telemetry = await startTelemetry({ service: options.service, environment, shutdown, role: 'primary', collect })
  const { logger } = telemetry
  const execArgv = options.execArgv ?? process.execArgv
  const granted = readGrantedResources()
  const workers = options.workers ?? chooseWorkerCount(granted)
  supervisor = new Supervisor({
    workers,
    logger,
    ...(options.backoff === undefined ? {} : { backoff: options.backoff }),
    ...(options.readyTimeoutMs === undefined ? {} : { readyTimeoutMs: options.readyTimeoutMs }),
    workerTimeoutMs: isDebugged(execArgv) ? 0 : environment.WORKER_TIMEOUT_SECONDS * 1000,
    drainTimeoutMs: environment.SHUTDOWN_TIMEOUT_SECONDS * 1000,
    onReport(workerId, { report, scrape }) {
      ledger.record(workerId, report)
      if (scrape !== undefined) round.answered(workerId, scrape)
    },
    onEnd(workerId) {
      ledger.retire(workerId)
      round.ended(workerId)
    },
    onGiveUp(reason) {
      logger.fatal({}, `The service can't run: ${reason}.`)
      process.stderr.write(`${telemetry.service.name}: ${reason}\n`)
      void shutdown.begin('workers die before they are ready', 1)
    },
  })
  registerClusterMetrics(telemetry.registry, supervisor, round)
  telemetry.addReadinessCheck(() => (supervisor.readyCount > 0 ? [] : ['no worker is ready']))
  shutdown.add('workers', () => supervisor.stop(environment.SHUTDOWN_TIMEOUT_SECONDS * 1000 * (1 - STOP_RESERVE)))
  process.on('SIGHUP', () => {
    if (options.reloadOnSighup ?? false) void supervisor.restart()
    else void shutdown.begin('SIGHUP')
  })

  cluster.setupPrimary({
    serialization: 'advanced',
    ...(options.exec === undefined ? {} : { exec: options.exec }),
    execArgv: [
      ...execArgv,
      ...workerHeapOptions(workers, granted, [...execArgv, process.env.NODE_OPTIONS ?? ''].join(' ')),
    ],
  })
  if (process.env.WATCH_REPORT_DEPENDENCIES !== undefined) relayDependencies()
  cluster.schedulingPolicy = cluster.SCHED_RR
  if (!shutdown.begun) supervisor.start()
  telemetry.setReady()
  return telemetry
}

/** Whether workers may be paused at a breakpoint. */
function isDebugged(execArgv: readonly string[]): boolean {
  return [...execArgv, process.env.NODE_OPTIONS ?? ''].some((option) => option.includes('--inspect'))
}

/** With `node --watch`, a process reports its dependencies to its parent, which for a worker is the primary. */
function relayDependencies(): void {
  cluster.on('message', (_worker, message: unknown) => {
    if (typeof message !== 'object' || message === null) return
    if ('watch:import' in message || 'watch:require' in message) process.send?.(message)
  })
}

function registerClusterMetrics(registry: Registry, supervisor: Supervisor, round: ScrapeRound): void {
  const registers = [registry]
  new Gauge({
    name: 'telemetry_workers',
    help: 'Worker processes that accept requests',
    registers,
    collect() {
      this.set(supervisor.readyCount)
    },
  })
  new Gauge({
    name: 'telemetry_stale_workers',
    help: 'Workers that did not answer this scrape within a second and are represented by their last report',
    registers,
    collect() {
      this.set(round.staleWorkers)
    },
  })
  new Gauge({
    name: 'telemetry_unresponsive_workers',
    help: 'Workers whose event loop has been blocked for five seconds or more; they are replaced after WORKER_TIMEOUT_SECONDS',
    registers,
    collect() {
      this.set(supervisor.unresponsiveCount)
    },
  })
  new Counter({
    name: 'telemetry_worker_stalls_total',
    help: 'Times that the event loop of a worker was blocked for five seconds or more',
    registers,
    collect() {
      this.reset()
      this.inc(supervisor.stalls)
    },
  })
  new Counter({
    name: 'telemetry_worker_deaths_total',
    help: 'Workers that exited unexpectedly',
    registers,
    collect() {
      this.reset()
      this.inc(supervisor.deaths)
    },
  })
}
