/** Why points or log lines were dropped. */
export type DropReason = 'queue_full' | 'export_failed' | 'rejected' | 'shutdown'

/** How many points or log lines of a process have been exported by OTLP and dropped so far, and the latest reason. */
export class ExportCounts {
  exported = 0
  readonly dropped: Record<DropReason, number> = { queue_full: 0, export_failed: 0, rejected: 0, shutdown: 0 }
  lastError: string | undefined

  drop(reason: DropReason, count: number, error?: string): void {
    this.dropped[reason] += count
    this.lastError = error ?? this.lastError
  }
}
