import cluster from 'node:cluster'
import type { Logger } from '../logs/logger.ts'
import type { Registry } from '../metrics/client.ts'
import { collectFamilies, collectTotals } from '../metrics/family.ts'
import type { Telemetry } from '../telemetry.ts'
import { isPrimaryMessage } from './messages.ts'
import { type MetricsReport, ReportEncoder } from './report.ts'
import { markReady, sendToPrimary } from './worker-signals.ts'

/** What joins a worker to its primary. */
export interface ClusterWorkerOptions {
  /** Started with the role `worker`. */
  readonly telemetry: Telemetry
  /** Time between two reports of the totals; default 250 ms, which is what a `kill -9` can cost. */
  readonly reportIntervalMs?: number
}

/** A worker of a cluster, as it sees itself. */
export interface ClusterWorker {
  /** Tells the primary that this worker takes requests at `url`; the primary's log says it once. */
  setReady(url: string): void
}

const REPORT_INTERVAL_MS = 250

/**
 * Joins this process to its primary: it reports its totals every 250 ms and at its end, and all of its metrics whenever the primary asks.
 * Call it after telemetry has started and before the service adds its own steps to the shutdown.
 */
export function joinCluster(options: ClusterWorkerOptions): ClusterWorker {
  const { registry, shutdown, tracing, logger } = options.telemetry
  const reporter = new Reporter(registry, logger)
  process.on('message', (message) => {
    if (isPrimaryMessage(message) && message.type === 'telemetry:collect') void reporter.reportAll(message.scrape)
  })
  const timer = setInterval(() => void reporter.reportTotals(), options.reportIntervalMs ?? REPORT_INTERVAL_MS).unref()
  shutdown.add('report to the primary', async () => {
    clearInterval(timer)
    // Before the last report, which tells what became of the spans.
    await tracing.shutdown()
    await reporter.reportTotals()
    await leaveCluster()
  })
  return {
    setReady(url) {
      markReady()
      sendToPrimary({ type: 'telemetry:ready', url })
    },
  }
}

class Reporter {
  readonly #registry: Registry
  readonly #totals = new ReportEncoder()
  readonly #gauges = new ReportEncoder()
  readonly #logger: Pick<Logger, 'error'>
  #last: MetricsReport | undefined
  #queue: Promise<void> = Promise.resolve()
  #isFailing = false

  constructor(registry: Registry, logger: Pick<Logger, 'error'>) {
    this.#registry = registry
    this.#logger = logger
  }

  /** Reports the totals, if any has changed. */
  reportTotals(): Promise<void> {
    return this.#oneByOne(async () => {
      const totals = this.#totals.encode(await collectTotals(this.#registry))
      if (this.#last !== undefined && isSameReport(this.#last, totals)) return
      this.#last = totals
      sendToPrimary({ type: 'telemetry:report', report: { totals } })
    })
  }

  /** Reports everything, for the scrape of this number. */
  reportAll(scrape: number): Promise<void> {
    return this.#oneByOne(async () => {
      const families = await collectFamilies(this.#registry)
      const totals = this.#totals.encode(families.filter((family) => family.type !== 'gauge'))
      this.#last = totals
      const gauges = this.#gauges.encode(families.filter((family) => family.type === 'gauge'))
      sendToPrimary({ type: 'telemetry:report', report: { totals, gauges }, scrape })
    })
  }

  /** Reports must leave in the order in which they were collected: an older value after a newer one would look like a reset. */
  #oneByOne(report: () => Promise<void>): Promise<void> {
    this.#queue = this.#queue.then(report).then(
      () => {
        this.#isFailing = false
      },
      (error: unknown) => this.#fail(error),
    )
    return this.#queue
  }

  /** A metric whose `collect` throws must not cost requests; the primary shows that this worker does not answer. */
  #fail(error: unknown): void {
    if (!this.#isFailing)
      this.#logger.error({ err: error }, "The metrics of this worker can't be collected; its last report is used.")
    this.#isFailing = true
  }
}

function isSameReport(one: MetricsReport, other: MetricsReport): boolean {
  return (
    other.layout === undefined &&
    other.exemplars === undefined &&
    one.values.every((value, index) => value === other.values[index])
  )
}

/**
 * Leaves the cluster as node:cluster wants it: the primary acknowledges, so that every connection it was just handing over has been
 * refused here and goes to another worker. An exit without it leaves such connections hanging.
 */
function leaveCluster(): Promise<void> {
  const { worker } = cluster
  if (worker === undefined || !process.connected) return Promise.resolve()
  return new Promise((resolve) => {
    process.once('disconnect', resolve)
    worker.disconnect()
  })
}
