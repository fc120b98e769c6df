import type { Summary } from '../../../contract/summary.ts'

const STORAGE_KEY = 'acknowledged-refusals'

/** How many rejections of a project the user has acknowledged since the emulator started. */
interface Acknowledged {
  readonly startedMs: number
  readonly project: string
  readonly count: number
}

function stored(): Acknowledged | undefined {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? 'null')
    if (typeof value !== 'object' || value === null) return undefined
    const { startedMs, project, count }: Partial<Record<keyof Acknowledged, unknown>> = value
    const isValid = typeof startedMs === 'number' && typeof project === 'string' && typeof count === 'number'
    return isValid ? { startedMs, project, count } : undefined
  } catch {
    return undefined
  }
}

/** All rejected points, spans and log entries of a project. */
export function countRejected({ pointsRefused, spansRefused, entriesRefused }: Summary): number {
  return pointsRefused + spansRefused + entriesRefused
}

/** The rejections that have not been acknowledged in this browser tab. */
export function countUnacknowledged(summary: Summary): number {
  const known = stored()
  const isSame = known?.startedMs === summary.startedMs && known.project === summary.project
  const refused = countRejected(summary)
  return isSame && known.count <= refused ? refused - known.count : refused
}

/** Remembers that all rejections so far were acknowledged. */
export function acknowledgeRefusals(summary: Summary): void {
  const { startedMs, project } = summary
  const value: Acknowledged = { startedMs, project, count: countRejected(summary) }
  try {
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify(value))
  } catch {
    // Without storage the badge stays.
  }
}
