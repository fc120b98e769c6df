import type { ExportCounts } from './export-counts.ts'
import type { SpanCounts } from './span-queue.ts'

/** The reports of what was dropped. */
export interface DropReports {
  /** Logs what was dropped since the previous report, and ends the reports. */
  end(): void
}

const REPORT_INTERVAL_MS = 60_000

/** Logs, at most once a minute and at the end, how many spans (or other items) were dropped since the previous report, and why. */
export function reportDrops(
  tracing: { readonly counts: Pick<SpanCounts, 'dropped'> | ExportCounts; readonly lastError: string | undefined },
  logger: { warn(fields: object, message: string): void },
  what = 'spans',
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
    const otherwise = 'shutdown' in dropped ? 'the process ended before they were accepted' : 'the queue is full'
    logger.warn(
      { dropped, lastError: tracing.lastError },
      `${total} ${what} were dropped: ${tracing.lastError ?? otherwise}.`,
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
