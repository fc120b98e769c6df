import type { Summary } from '../../../contract/summary.ts'

const STORAGE_KEY = 'acknowledged-refusals'

/** How many refusals of a project somebody has seen, since the emulator started. */
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

/** All refused points, spans and log entries of a project. */
export function refusedOf({ pointsRefused, spansRefused, entriesRefused }: Summary): number {
  return pointsRefused + spansRefused + entriesRefused
}

/** The refusals that nobody has acknowledged in this browser tab. */
export function unseenRefusals(summary: Summary): number {
  const known = stored()
  const isSame = known?.startedMs === summary.startedMs && known.project === summary.project
  const refused = refusedOf(summary)
  return isSame && known.count <= refused ? refused - known.count : refused
}

/** Remembers that all refusals so far were seen. */
export function acknowledgeRefusals(summary: Summary): void {
  const { startedMs, project } = summary
  const value: Acknowledged = { startedMs, project, count: refusedOf(summary) }
  try {
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify(value))
  } catch {
    // Without storage the badge stays.
  }
}
