import type { Shutdown } from '../../process/shutdown.ts'
import type { ExportCounts } from './export-counts.ts'
import type { SpanCounts } from './span-queue.ts'

/** What exports, and counts what it drops. */
interface Drops {
  readonly counts: Pick<SpanCounts, 'dropped'> | ExportCounts
  readonly lastError: string | undefined
}

/** The reports of what was dropped. */
export interface DropReports {
  /** Logs what was dropped since the previous report, and ends the reports. */
  end(): void
}

/** What is counted, such as `span` and `spans`. */
type CountedNoun = readonly [one: string, many: string]

const REPORT_INTERVAL_MS = 60_000

/**
 * Logs, at most once a minute and at the end, how many spans (or other items) were dropped since the previous report,
 * and why.
 */
export function reportDrops(
  tracing: Drops,
  logger: { warn(fields: object, message: string): void },
  [one, many]: CountedNoun = ['span', 'spans'],
  intervalMs: number = REPORT_INTERVAL_MS,
): DropReports {
  let reported: Readonly<Record<string, number>> = { ...tracing.counts.dropped }
  const report = () => {
    const now: Readonly<Record<string, number>> = { ...tracing.counts.dropped }
    const dropped = Object.fromEntries(
      Object.entries(now)
        .map(([reason, count]) => [reason, count - (reported[reason] ?? 0)] as const)
        .filter(([, count]) => count > 0),
    )
    reported = now
    const total = Object.values(dropped).reduce((sum, count) => sum + count, 0)
    if (total === 0) return
    const [what, pronoun] = total === 1 ? [`${one} was`, 'it was'] : [`${many} were`, 'they were']
    const otherwise = 'shutdown' in dropped ? `the process ended before ${pronoun} accepted` : 'the queue is full'
    logger.warn(
      { dropped, lastError: tracing.lastError },
      `${total} ${what} dropped: ${tracing.lastError ?? otherwise}.`,
    )
  }
  const timer = setInterval(report, intervalMs).unref()
  return {
    end() {
      clearInterval(timer)
      report()
    },
  }
}

/** Shuts an exporter down with the process; what it drops until then is reported, also what it drops in the end. */
export function reportUntilShutdown(
  exporter: Drops & { shutdown(): Promise<void> },
  {
    shutdown,
    logger,
    step,
    what,
  }: {
    readonly shutdown: Pick<Shutdown, 'add'>
    readonly logger: { warn(fields: object, message: string): void }
    readonly step: string
    readonly what: CountedNoun
  },
): void {
  const reports = reportDrops(exporter, logger, what)
  shutdown.add(step, () => exporter.shutdown().finally(reports.end))
}
