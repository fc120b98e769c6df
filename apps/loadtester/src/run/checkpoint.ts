import type { RunEvent, TimelinePoint } from '../contract/run-report.ts'
import type { StoredContribution } from '../results/run-results.ts'

/** What a master stores of its live run, for the master after it. */
export interface Checkpoint {
  readonly runId: string
  readonly startedMs: number
  readonly savedMs: number
  /** Time under load until `savedMs`. */
  readonly activeMs: number
  /** Its counts have begun again since it started. */
  readonly wasReset?: boolean | undefined
  readonly points: readonly TimelinePoint[]
  readonly events: readonly RunEvent[]
  readonly contributions: readonly StoredContribution[]
}
