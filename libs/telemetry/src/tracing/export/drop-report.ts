import type { ExportCounts } from './export-counts.ts'
import type { SpanCounts } from './span-queue.ts'

const REPORT_INTERVAL_MS = 60_000

/**
 * Logs, at most once a minute, how many spans (or other items) were dropped since the previous report, and why.
 *
 * @returns a function that stops the reports
 */
export function reportDrops(
  tracing: { readonly counts: Pick<SpanCounts, 'dropped'> | ExportCounts; readonly lastError: string | undefined },
  logger: { warn(fields: object, message: string): void },
  what = 'spans',
  intervalMs: number = REPORT_INTERVAL_MS,
): () => void {
  let reported: Readonly<Record<string, number>> = { ...tracing.counts.dropped }
  const timer = setInterval(() => {
    const now = { ...tracing.counts.dropped }
    const dropped = Object.fromEntries(
      Object.entries(now)
        .map(([reason, count]) => [reason, count - (reported[reason] ?? 0)] as const)
        .filter(([, count]) => count > 0),
    )
    reported = now
    const total = Object.values(dropped).reduce((sum, count) => sum + count, 0)
    if (total === 0) return
    logger.warn(
      { dropped, lastError: tracing.lastError },
      `${total} ${what} were dropped: ${tracing.lastError ?? 'the queue is full'}.`,
    )
  }, intervalMs).unref()
  return () => clearInterval(timer)
}
