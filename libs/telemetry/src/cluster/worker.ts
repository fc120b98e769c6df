import cluster from 'node:cluster'
import type { Logger } from '../logs/logger.ts'
import { FamilyCollector } from '../metrics/family-collector.ts'
import type { Telemetry } from '../telemetry.ts'
import { PULSE_INTERVAL_MS } from './liveness.ts'
import { isPrimaryMessage } from './messages.ts'
import { type MetricsReport, ReportEncoder } from './report.ts'
import { markReady, sendToPrimary } from './worker-signals.ts'

/** Options of {@link joinCluster}. */
export interface ClusterWorkerOptions {
  /** Started with `role: 'worker'`. */
  readonly telemetry: Telemetry
  /** Time between two reports of the totals, which is the most that `kill -9` can lose; default 250 ms. */
  readonly reportIntervalMs?: number
}

/** A worker that has joined its primary. */
export interface ClusterWorker {
  /** Reports to the primary that this worker accepts requests at `url`; the primary logs the URL once. */
  setReady(url: string): void
}

const REPORT_INTERVAL_MS = 250

/**
 * Joins this process to its primary: it reports its totals every 250 ms and when it exits, all of its metrics whenever
 * the primary requests them, and once a second that its event loop is running. Call it after `startTelemetry` and
 * before the service adds its own shutdown steps.
 */
export function joinCluster(options: ClusterWorkerOptions): ClusterWorker {
  const { registries, shutdown, tracing, logger } = options.telemetry
  const reporter = new Reporter(new FamilyCollector(registries), logger)
  process.on('message', (message) => {
    if (isPrimaryMessage(message) && message.type === 'telemetry:collect') void reporter.reportAll(message.scrape)
  })
  const timer = setInterval(() => void reporter.reportTotals(), options.reportIntervalMs ?? REPORT_INTERVAL_MS).unref()
  setInterval(() => sendToPrimary({ type: 'telemetry:pulse' }), PULSE_INTERVAL_MS).unref()
  shutdown.add('report to the primary', async () => {
    clearInterval(timer)
    // Before the last report, which counts the exported spans.
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
  readonly #collector: FamilyCollector
  readonly #totals = new ReportEncoder()
  readonly #gauges = new ReportEncoder()
  readonly #logger: Pick<Logger, 'error'>
  #last: MetricsReport | undefined
  #queue: Promise<void> = Promise.resolve()
  #isFailing = false

  constructor(collector: FamilyCollector, logger: Pick<Logger, 'error'>) {
    this.#collector = collector
    this.#logger = logger
  }

  /** Reports the totals if they have changed. */
  reportTotals(): Promise<void> {
    return this.#inOrder(async () => {
      const totals = this.#totals.encode(await this.#collector.totals())
      if (this.#last !== undefined && isSameReport(this.#last, totals)) return
      this.#last = totals
      sendToPrimary({ type: 'telemetry:report', report: { totals } })
    })
  }

  /** Reports all metrics in response to a scrape. */
  reportAll(scrape: number): Promise<void> {
    return this.#inOrder(async () => {
      const families = await this.#collector.families()
      const totals = this.#totals.encode(families.filter((family) => family.type !== 'gauge'))
      this.#last = totals
      const gauges = this.#gauges.encode(families.filter((family) => family.type === 'gauge'))
      sendToPrimary({ type: 'telemetry:report', report: { totals, gauges }, scrape })
    })
  }

  /**
   * Reports must be sent in the order of their collection: an older value after a newer one would look like a reset.
   */
  #inOrder(report: () => Promise<void>): Promise<void> {
    this.#queue = this.#queue.then(report).then(
      () => {
        this.#isFailing = false
      },
      (error: unknown) => this.#fail(error),
    )
    return this.#queue
  }

  /** A `collect` function that throws must not end the worker; the primary counts it as stale. */
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
 * Disconnects from the primary, which acknowledges: a connection that it was handing over is refused here and goes to
 * another worker. Without this, an exit would leave such connections hanging.
 */
function leaveCluster(): Promise<void> {
  const { worker } = cluster
  if (worker === undefined || !process.connected) return Promise.resolve()
  return new Promise((resolve) => {
    process.once('disconnect', resolve)
    worker.disconnect()
  })
}
