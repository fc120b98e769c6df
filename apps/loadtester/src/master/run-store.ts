import type { RunEvent } from '../report/run-report.ts'
import type { TimelinePoint } from '../results/timeline.ts'
import type { StoredContribution } from './run-results.ts'

/** What a master keeps of a run while it is on, for the master after it. */
export interface Checkpoint {
  readonly runId: string
  readonly startedMs: number
  readonly points: readonly TimelinePoint[]
  readonly events: readonly RunEvent[]
  readonly contributions: readonly StoredContribution[]
}
